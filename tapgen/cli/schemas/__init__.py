"""The JSON Schemas (draft 2020-12) of everything that tapgen prints or sends as JSON.

Each file is complete in itself. Definitions that several share are repeated in each; a test keeps
them equal.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tapgen.errors import UsageError

_STREAMS: Final = (
    "deploy",
    "promote",
    "rollback",
    "adopt",
    "destroy",
    "recover",
    "cancel",
    "watch",
    "drift --repair",
    "bootstrap",
)
# Schema -> the commands whose JSON it describes.
SCHEMAS: Final[dict[str, tuple[str, ...]]] = {
    "render": ("render",),
    "diff": ("diff",),
    "lint": ("lint",),
    "env-list": ("env list",),
    "env-show": ("env show",),
    "env-diff": ("env diff",),
    "cost": ("cost",),
    "report": ("report",),
    "plan": ("plan", "adopt --dry-run", "rollback --dry-run", "bootstrap --dry-run"),
    "approvals": ("approve",),
    "events": _STREAMS,
    "status": ("status",),
    "outputs": ("outputs",),
    "flat-outputs": ("outputs --format flat",),
    "verify": ("verify",),
    "parity": ("parity",),
    "parity-live": ("parity --live",),
    "drift": ("drift",),
    "baseline": ("bootstrap --check",),
    "history": ("history",),
    "evidence": ("evidence",),
    "iam-policy": ("iam-policy",),
    "local-status": ("local status",),
    "config": ("config",),
    "notice": (),
    "error": (),
}
# Schemas that belong to no single command.
OTHERS: Final = {
    "notice": "none: sent to the receivers in deployment.notify",
    "error": "all, instead of a result",
}


def schema_text(name: str) -> str:
    """The schema with that name, or of the command with that name.

    Raises `UsageError` if there is none.
    """
    by_command = {command: found for found, commands in SCHEMAS.items() for command in commands}
    found = name if name in SCHEMAS else by_command.get(name)
    if found is None:
        from difflib import get_close_matches

        close = get_close_matches(name, [*SCHEMAS, *by_command], n=1)
        meant = f"Did you mean {close[0]}? " if close else ""
        raise UsageError(
            f"there is no schema {name!r}",
            f"{meant}`tapgen schema` lists them with their commands.",
        )
    return Path(__file__).with_name(f"{found}.json").read_text(encoding="utf-8")
