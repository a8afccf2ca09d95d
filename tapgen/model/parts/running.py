"""Running code of a platform: its output goes to stderr, and its errors are its own bugs."""

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
    """While parts run, everything that is printed goes to stderr: stdout is for results.

    This applies to the whole process, because hooks and guards are called in several threads at the
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
        """The original stdout while parts run; None if none do."""
        with self._lock:
            return self._stdout


aside: Final = _Aside()


def results() -> TextIO:
    """The stream for results, whether parts run or not."""
    return aside.stdout or sys.stdout


@contextmanager
def blaming(part: str) -> Iterator[None]:
    """Report unexpected errors inside as bugs of `part`, not of tapgen; print to stderr."""
    try:
        with aside:
            yield
    except TapgenError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - `blame` raises it again
        blame(error, part)


def blame(error: BaseException, part: str) -> NoReturn:
    """Raise the error again, as a bug of `part`.

    `sys.exit(0)` in a rule or a guard is a bug: it would end tapgen as if nothing had been found.
    """
    if isinstance(error, SystemExit):
        error = RuntimeError(f"it exits the program with {error.code}").with_traceback(
            error.__traceback__
        )
    error.add_note(part)
    raise error


def yielded(
    part: str, call: Callable[[], Iterable[object]], fits: type[Kind], function: object
) -> Iterator[Kind]:
    """Yield the values of a part's function; errors of each step are reported as the part's bugs.

    Raises `TapgenError` for a value that is not of the type `fits`, with the place of `function`.
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
    """The error for a part that returns something else than what is `wanted`, in words."""
    where = place_of(function)
    what = "nothing" if found is None else f"{shown(found)} ({type(found).__name__})"
    return TapgenError(
        f"{where}{': ' if where else ''}{part} returns {what}", f"It must return {wanted}."
    )


def _named(kind: type[Any]) -> str:
    return "a text" if kind is str else f"a value of {kind.__name__}"
