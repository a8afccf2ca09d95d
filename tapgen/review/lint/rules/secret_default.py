from __future__ import annotations

import re
from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule

_SECRET = re.compile(r"(?i)secret|password|passphrase|token|credential|private_?key|api_?key")
_REFERENCE = re.compile(r"(Arn|Name|Id)$")  # names a secret without telling it


def _check(template: Template) -> Iterator[Problem]:
    for name, declaration in template.parameters.items():
        secret = declaration.get("NoEcho") or (_SECRET.search(name) and not _REFERENCE.search(name))
        if secret and declaration.get("Default"):
            yield Problem(
                ("Parameters", name, "Default"),
                f"{name} is a secret with a default that everybody can read: remove the default",
            )


RULE = Rule("T004", "secret-default", "error", "No secret is a parameter's default.", _check)
