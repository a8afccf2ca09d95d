from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, effective_nodes


def _check(template: Template) -> Iterator[Problem]:
    for path, value in effective_nodes(template):
        alias = path[-2:] == ("AliasTarget", "DNSName")
        origin = path[-1] == "DomainName" and "Origins" in path
        if (alias or origin) and not isinstance(value, dict):
            yield Problem(path, f"points at {value}: take the name from what is deployed")


RULE = Rule("T022", "real-target", "error", "Records and origins point at what is there.", _check)
