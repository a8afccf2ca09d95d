"""Results as JSON: a document, or a stream of JSON lines, each with a version.

`tapgen/cli/schemas/` has a JSON Schema for each. The version increases when a field is removed or
changes its meaning. It does not for a new field, so readers must ignore fields they do not know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tapgen.cli.terminal import completed, echo
from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from tapgen.settings.faults import Fault

VERSION: Final = 1
# `-f json`, also as `-fjson` and after other short options; `--format json`, `--format=json`.
_WANTED: Final = r"(?:^|\0)(?:--format|-[a-eg-z]*f)[\0=]?json(?:\0|$)"


class Problem(NamedTuple):
    """Why there is no result, or only part of one."""

    code: int
    kind: str
    message: str
    hint: str = ""
    place: tuple[str, int, int] | None = None
    faults: Iterable[Fault] = ()

    def record(self) -> dict[str, Any]:
        """The value of "error"."""
        return {
            **self._asdict(),
            "place": _place(self.place),
            "faults": [_fault(one) for one in self.faults],
        }


def problem_of(error: TapgenError) -> Problem:
    """An error as a problem; for settings with each fault and its place."""
    faults = getattr(error, "faults", ())
    message, hint = completed(error.message), completed(error.hint)
    return Problem(error.exit_code, error.kind, message, hint, error.place, faults)


def text_of(record: Mapping[str, Any]) -> str:
    """A document as text; `str` converts what JSON cannot represent."""
    return json.dumps({"version": VERSION, **record}, indent=2, default=str)


def show(record: Mapping[str, Any], error: TapgenError | None = None) -> None:
    """Print a document, the only one of a run; `error` is why it is not complete."""
    if error:
        error.is_told = True
        record = {**record, "error": problem_of(error).record()}
    echo(text_of(record))


def show_event(event: str, record: Mapping[str, Any]) -> None:
    """Print one line of a stream: what happened, under "event", with its fields."""
    echo(json.dumps({"version": VERSION, "event": event, **record}, default=str))


def show_problem(problem: Problem) -> None:
    """Print it on one line: it is a complete document, or the last line of a stream."""
    echo(json.dumps({"version": VERSION, "error": problem.record()}))


def is_wanted(arguments: Sequence[str]) -> bool:
    """Whether a command line requests JSON; the rest of it may be invalid."""
    return bool(re.search(_WANTED, "\0".join(arguments)))


def _fault(fault: Fault) -> dict[str, Any]:
    place = _place(fault.source)
    return {"place": place, "setting": fault.setting, "message": fault.message, "hint": fault.hint}


def _place(place: tuple[str, int, int] | None) -> dict[str, Any] | None:
    return dict(zip(("path", "line", "column"), place, strict=True)) if place else None
