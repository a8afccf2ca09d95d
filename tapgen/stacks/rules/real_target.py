from __future__ import annotations

from collections.abc import Iterator

from tapgen.stacks.rules.rule import Problem, Rule, effective_nodes
from tapgen.stacks.template import Template


def _check(template: Template) -> Iterator[Problem]:
    for path, value in effective_nodes(template):
        alias = path[-2:] == ("AliasTarget", "DNSName")
        origin = path[-1] == "DomainName" and "Origins" in path
        if (alias or origin) and not isinstance(value, dict):
            yield Problem(path, f"points at {value}: take the name from what is deployed")


RULE = Rule("T022", "real-target", "error", "Records and origins point at what is there.", _check)
