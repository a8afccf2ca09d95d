"""Every rule of tapgen and of the payments platform, with what `tapgen lint --explain` prints."""

from __future__ import annotations

from typing import Final

from tapgen.payments.platform import PLATFORM
from tapgen.review.lint.explaining import explanations
from tests.reference.markdown import GENERATED, anchor, table

_INTRO: Final = """\
# Rules

The rules that `tapgen lint` checks in addition to cfn-lint: the reason, a template that breaks the
rule, and the fix.
`tapgen lint --explain T024` prints the same. A test runs each rule against both templates.

A finding that is justified is accepted on its resource, with the reason
([Security](../security.md#policy-as-code)). A platform can add its own rules
([Extending a platform](../parts-of-your-own.md#rules-guards-and-live-checks)).
"""


def page() -> str:
    known = explanations(PLATFORM).values()
    rows = (
        [f"[{one.id}](#{anchor(f'{one.id} {one.name}')})", one.name, one.severity, one.summary]
        for one in known
    )
    return "\n".join(
        [
            GENERATED,
            _INTRO,
            table(["id", "name", "severity", "requires"], rows),
            *(f"## {one.id} {one.name}\n\n{one.summary}\n\n{one.text}" for one in known),
        ]
    )
