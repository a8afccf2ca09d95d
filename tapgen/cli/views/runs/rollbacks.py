"""The target of a rollback, before its plan, and what is left to do after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.cli.terminal import echo
from tapgen.cli.views.text import folded
from tapgen.deploy.flow.events import RollsBack
from tapgen.model.release import moment

if TYPE_CHECKING:
    from tapgen.operations.reversal import RolledBack


def text(event: RollsBack, width: int | None) -> str:
    """The release, and what is not restored."""
    why = f": {event.reason}" if event.reason else ""
    lines = [
        f"Back to release {event.release} of {event.environment}, {moment(event.began)} UTC{why}",
        "note: data is not rolled back",
        *(f"note: {note}" for note in event.notes),
    ]
    return "\n".join(folded(line, width) for line in lines)


def show_next(done: RolledBack) -> None:
    """Print that files and git are still ahead of what is deployed."""
    text = "would deploy the current declaration again: correct it first."
    echo(f"\nnext: `{done.command}` {text}", err=True)
