"""The host of commands that only look: it passes on what is worth knowing, and is never asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.cli.terminal import remark

if TYPE_CHECKING:
    from tapgen.deploy.flow.events import Event
    from tapgen.deploy.flow.host import Question


class Remarks:
    """Remarks go to stderr. It loads nothing that a run needs."""

    def tell(self, event: Event) -> None:
        """Show a remark; nothing else is told where nothing runs."""
        from tapgen.deploy.flow.events import Remark

        if isinstance(event, Remark):
            remark(event.text)

    def ask(self, question: Question) -> bool:  # noqa: ARG002 - whatever it is
        """No."""
        return False
