"""Running code of a platform: what it prints is no result, and what it breaks is its own bug."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final, NoReturn, TextIO, TypeVar

from tapgen.errors import TapgenError
from tapgen.model.parts.declared import shown
from tapgen.model.parts.places import place_of

Kind = TypeVar("Kind")


class _Aside:
    """While parts are at work, whatever is printed goes to stderr: stdout is for results.

    That is so for the whole process, since hooks and guards are called in several threads at the
    same time; results are printed to `results()`. A program that a part starts inherits the
    stdout of the process.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._parts = 0
        self._stdout: TextIO | None = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._parts:
                self._stdout, sys.stdout = sys.stdout, sys.stderr
            self._parts += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._parts -= 1
            if not self._parts and self._stdout:
                sys.stdout, self._stdout = self._stdout, None

    @property
    def stdout(self) -> TextIO | None:
        """The stdout that was there before parts were at work; None where none are."""
        with self._lock:
            return self._stdout


aside: Final = _Aside()


def results() -> TextIO:
    """Where results are printed, whether or not parts are at work."""
    return aside.stdout or sys.stdout


@contextmanager
def blaming(part: str) -> Iterator[None]:
    """Let what nobody expected within be told as a bug of `part`, and not as one of tapgen.

    What it prints goes to stderr.
    """
    try:
        with aside:
            yield
    except TapgenError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - `blame` raises it again
        blame(error, part)


def blame(error: BaseException, part: str) -> NoReturn:
    """Raise the error again, as a bug of `part`.

    `sys.exit(0)` in a rule or a guard would end tapgen as if nothing had been found: it is a bug.
    """
    if isinstance(error, SystemExit):
        error = RuntimeError(f"it ends the program (exit {error.code})").with_traceback(
            error.__traceback__
        )
    error.add_note(part)
    raise error


def yielded(
    part: str, call: Callable[[], Iterable[object]], fits: type[Kind], function: object
) -> Iterator[Kind]:
    """What a function of a part gives, one after the other; the part is blamed for each step.

    Raises `TapgenError` where it gives something else than what `fits`; `function` is the one whose
    place is told then.
    """
    with blaming(part):
        found = call()
    if not isinstance(found, Iterable) or isinstance(found, str):
        raise misfit(part, found, f"{_named(fits)} for each, for instance by `yield`", function)
    each = iter(found)
    while True:
        with blaming(part):
            one = next(each, each)
        if one is each:
            return
        if not isinstance(one, fits):
            raise misfit(part, one, f"{_named(fits)} each time", function)
        yield one


def misfit(part: str, found: object, wanted: str, function: object) -> TapgenError:
    """The error where a part gives something else than what is wanted, in words."""
    where = place_of(function)
    gives = "nothing" if found is None else f"{shown(found)} ({type(found).__name__})"
    return TapgenError(
        f"{where}{': ' if where else ''}{part} gives {gives}", f"It has to give {wanted}."
    )


def _named(kind: type[Any]) -> str:
    return "a text" if kind is str else f"a value of {kind.__name__}"
