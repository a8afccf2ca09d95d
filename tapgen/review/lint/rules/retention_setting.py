from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, effective_nodes

_RETENTIONS = frozenset(
    {"ExpirationInDays", "NoncurrentDays", "NoncurrentVersionExpirationInDays", "RetentionInDays"}
)


def _check(template: Template) -> Iterator[Problem]:
    settings = {n for n, setting in template.settings.items() if setting.startswith("retention.")}
    for path, value in effective_nodes(template):
        if path[-1] not in _RETENTIONS:
            continue
        if not isinstance(value, dict) or value.get("Ref") not in settings:
            yield Problem(path, f"{path[-1]} is not taken from a retention setting as it is")


RULE = Rule(
    "T011",
    "retention-setting",
    "error",
    "Retention comes from the environment's setting and nowhere else.",
    _check,
)
