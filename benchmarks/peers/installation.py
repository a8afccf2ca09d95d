"""Installing the packages of a lock file into a separate folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

LOCKS: Final = Path(__file__).parent / "locks"
_PATIENCE: Final = 600  # seconds for one step


class NotInstalledError(Exception):
    """A peer cannot be installed here. The message has the reason."""


def install(folder: Path, locks: Sequence[str], step: Callable[[Path], None]) -> None:
    """Install with `step`, unless the folder already has the content of the lock files.

    Raises `NotInstalledError`.
    """
    wanted = "".join((LOCKS / lock).read_text() for lock in locks)
    mark = folder / "installed"
    if mark.exists() and mark.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "home").mkdir(parents=True)
    for lock in locks:
        shutil.copy(LOCKS / lock, folder)
    step(folder)
    mark.write_text(wanted)


def pip(folder: Path) -> None:
    """A virtual environment with the packages of the folder's lock file."""
    do([sys.executable, "-m", "venv", "env"], folder)
    (lock,) = folder.glob("*.lock")
    command = ("env/bin/python", "-m", "pip")
    quiet = ("--quiet", "--disable-pip-version-check")
    # As in the Makefile: the lock is complete, so nothing is resolved and nothing is built.
    as_locked = ("--no-deps", "--only-binary", ":all:", "--require-hashes")
    do([*command, "install", *quiet, *as_locked, "--requirement", lock.name], folder)
    do([*command, "check"], folder)


def npm(folder: Path) -> None:
    """The packages of the folder's package-lock.json. None of them needs its scripts."""
    do(["node", "--version"], folder)
    do(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)


def do(arguments: Sequence[str], folder: Path) -> None:
    """Run a step. Raises `NotInstalledError` with its last line of output if it fails."""
    try:
        subprocess.run(  # noqa: S603 - fixed commands
            arguments, cwd=folder, check=True, timeout=_PATIENCE, capture_output=True, text=True
        )
    except FileNotFoundError:
        raise NotInstalledError(f"{arguments[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise NotInstalledError(f"{arguments[0]} took more than {_PATIENCE} s") from None
    except subprocess.CalledProcessError as failed:
        said = failed.stderr.strip().splitlines() or [f"exit code {failed.returncode}"]
        raise NotInstalledError(f"{' '.join(arguments)}: {said[-1]}") from None
