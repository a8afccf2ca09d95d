"""What `tapgen lint` found: everything at once, and template by template."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tapgen.stacks.cache import evidence
from tapgen.stacks.cache.inputs import settings
from tapgen.stacks.cache.memory import Memory
from tapgen.stacks.cache.store import Store
from tapgen.stacks.findings import Finding, from_records, records

if TYPE_CHECKING:
    from tapgen.stacks.render import Rendered

_JUDGES: Final = evidence.PACKAGE + f"stacks{os.sep}"


class Verdict(NamedTuple):
    """What was found, in how many templates, with the values of which environments."""

    findings: tuple[Finding, ...]
    templates: int
    environments: tuple[str, ...]

    def with_more(self, findings: Iterable[Finding]) -> Verdict:
        """The verdict with findings of others behind its own."""
        return self._replace(findings=(*self.findings, *findings))


class Linting:
    """One lint of the environments `names` (all when there is none).

    `templates` remembers each template with its values by itself. The code that makes templates
    and values is no part of that question, so an edited layer leaves the others' answers standing.
    The day is a part of both: cfn-lint knows from when on Lambda refuses a runtime.
    """

    def __init__(self, store: Store | None, directory: Path, names: Sequence[str]) -> None:
        day = today()
        self.templates = Memory(store, f"lint template {day}", _judges)
        self._memory = Memory(store, f"lint {day}")
        self._directory = directory
        self._names = tuple(names)
        self._settings = settings(directory) if store else None

    def verdict(self) -> Verdict | None:
        """The verdict of a run that nothing has changed since."""
        if self._settings is None:
            return None
        answer = self._memory.recall(self._settings, *self._names)
        if answer is None:
            return None
        findings = tuple(from_records(answer["findings"]))
        return Verdict(findings, answer["templates"], tuple(answer["environments"]))

    def keep(self, findings: Sequence[Finding], rendered: Rendered) -> Verdict:
        """Remember a verdict, unless the settings were edited meanwhile."""
        verdict = Verdict(tuple(findings), len(rendered.templates), tuple(rendered.stacks))
        if self._settings is not None and settings(self._directory) == self._settings:
            answer = {**verdict._asdict(), "findings": records(findings)}
            self._memory.note(answer, self._settings, *self._names)
            self._memory.keep()
        return verdict


def today() -> str:
    """The local date, which is what cfn-lint compares with."""
    return time.strftime("%Y-%m-%d")


def _judges(path: str) -> bool:
    """Whether the file may decide about a template: any but the parts of tapgen that make it."""
    return path.startswith(_JUDGES) or not path.startswith(evidence.PACKAGE)
