"""The host of read-only commands: it prints remarks, and is never asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.cli.terminal import remark

if TYPE_CHECKING:
    from tapgen.deploy.flow.events import Event
    from tapgen.deploy.flow.host import Question


class Remarks:
    """Prints remarks on stderr. It does not load what only runs need."""

    def tell(self, event: Event) -> None:
        """Print a remark; there are no other events without a run."""
        from tapgen.deploy.flow.events import Remark

        if isinstance(event, Remark):
            remark(event.text)

    def ask(self, question: Question) -> bool:  # noqa: ARG002 - whatever it is
        """No."""
        return False
