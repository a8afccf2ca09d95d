"""What a rollback leads to, before its plan, and what is left to do after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.cli.terminal import echo
from tapgen.cli.views.text import folded
from tapgen.deploy.flow.events import RollsBack
from tapgen.model.release import moment

if TYPE_CHECKING:
    from tapgen.operations.reversal import RolledBack


def text(event: RollsBack, width: int | None) -> str:
    """Which release it is, and what does not come back."""
    why = f": {event.reason}" if event.reason else ""
    lines = [
        f"Back to release {event.release} of {event.environment}, {moment(event.began)} UTC{why}",
        "note: data stays as it is now",
        *(f"note: {note}" for note in event.notes),
    ]
    return "\n".join(folded(line, width) for line in lines)


def show_next(done: RolledBack) -> None:
    """Say that files and git are still ahead of what is deployed."""
    echo(f"\nnext: `{done.command}` deploys what is declared again: correct that first.", err=True)
