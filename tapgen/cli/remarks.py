"""The host of commands that only look: it passes on what is worth knowing, and is never asked."""

from __future__ import annotations

from tapgen.cli.terminal import remark
from tapgen.deploy.flow.events import Event, Remark
from tapgen.deploy.flow.host import Silent


class Remarks(Silent):
    """Remarks go to stderr. It loads nothing that a run needs."""

    def tell(self, event: Event) -> None:
        """Show a remark; nothing else is told where nothing runs."""
        if isinstance(event, Remark):
            remark(event.text)
