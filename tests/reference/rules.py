"""Every rule of tapgen and of the payments platform, with what `tapgen lint --explain` prints."""

from __future__ import annotations

from typing import Final

from tapgen.payments.platform import PLATFORM
from tapgen.review.lint.explaining import explanations
from tests.reference.markdown import GENERATED, anchor, table

_INTRO: Final = """\
# Rules

What `tapgen lint` asks beside cfn-lint: why, a template that breaks the rule, and the fix.
`tapgen lint --explain T024` prints the same. A test asks each rule about both templates.

A finding that was weighed is accepted on its resource, with the reason
([Security](../security.md#policy-as-code)). A platform adds rules of its own
([Parts of your own](../parts-of-your-own.md#rules-guards-and-live-checks)).
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
            table(["id", "name", "severity", "asks that"], rows),
            *(f"## {one.id} {one.name}\n\n{one.summary}\n\n{one.text}" for one in known),
        ]
    )
