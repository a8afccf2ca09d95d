"""One run at a time on an environment, and what is said about the run before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tapgen.cli.terminal import echo
from tapgen.deploy.lock import locked
from tapgen.deploy.target import Target


@contextmanager
def alone(target: Target, command: str) -> Iterator[None]:
    """Hold the environment's lock for `command`. Raises `RefusedError` when another run does."""
    with locked(target, command) as note:
        if note:
            echo(f"note: {note}", err=True)
        yield
