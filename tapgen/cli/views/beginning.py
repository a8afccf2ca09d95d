"""The output of `tapgen init`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from tapgen.cli.terminal import remark
from tapgen.cli.views.text import counted
from tapgen.errors import from_here
from tapgen.starters.wishes import STAGES, Wishes

_NEXT = (
    "python3 -m venv .venv && . .venv/bin/activate",
    "python -m pip install --requirement requirements.txt{locally}",
    "tapgen render",
    "tapgen lint",
    "python -m pytest",
    "tapgen deploy --env dev --local --yes",
)


def show(folder: Path, wishes: Wishes, files: Sequence[Path]) -> None:
    """Print what was written, and the next commands."""
    here = "this folder" if folder == Path() else str(folder)
    remark(f"wrote {counted(len(files), 'file')} to {here}: {wishes.project}", err=False)
    networks = wishes.networks
    for stage in STAGES:
        network = f", network {networks[stage]}" if networks else ""
        where = f"account {wishes.accounts[stage]}, {wishes.region}{network}"
        remark(f"  {stage} in {where}", err=False)
    enter = [] if folder == Path() else [f"cd {shlex.quote(str(folder))}"]
    # The tapgen that requirements.txt names may not be available on this machine.
    locally = f" {shlex.quote(local)}" if (local := from_here("local")) else ""
    steps = "\n".join(f"  {step}" for step in (*enter, *_NEXT)).format(locally=locally)
    remark(f"\nNext:\n{steps}\nREADME.md describes the files and how to change them.")
