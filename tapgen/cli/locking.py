"""One run at a time on an environment, and what is said about the run before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tapgen.cli.terminal import echo
from tapgen.deploy.target.lock import locked
from tapgen.deploy.target.target import Target


@contextmanager
def alone(target: Target, command: str, layers: Iterable[str] | None = None) -> Iterator[None]:
    """Hold the environment's lock for `command` on `layers`, all of them where none are named.

    Raises `RefusedError` when another run does.
    """
    with locked(target, command, layers) as note:
        if note:
            echo(f"note: {note}", err=True)
        yield
