"""What `tapgen lint` found: everything at once, and template by template."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tapgen.model.layer import TEMPLATES_FOLDER
from tapgen.model.platform import Platform
from tapgen.render.memory import evidence
from tapgen.render.memory.inputs import settings
from tapgen.render.memory.memory import Memory
from tapgen.render.memory.store import Store
from tapgen.render.packages import folders
from tapgen.review.lint.findings import Finding, from_records, records

if TYPE_CHECKING:
    from tapgen.render.rendering import Rendered

# The rooms that decide what cfn-lint is asked and what becomes of its answer.
JUDGES: Final = ("model", "render", "review")


class Verdict(NamedTuple):
    """What was found, in how many templates, with the values of which environments."""

    findings: tuple[Finding, ...]
    templates: int
    environments: tuple[str, ...]

    def with_more(self, findings: Iterable[Finding]) -> Verdict:
        """The verdict with findings of others behind its own."""
        return self._replace(findings=(*self.findings, *findings))


class Linting:
    """One lint of the environments `names` (all when there is none), whose files are in `folder`.

    `templates` remembers single templates, see `of_templates`. The day is a part of both: cfn-lint
    knows from when on Lambda refuses a runtime.
    """

    def __init__(
        self,
        store: Store | None,
        platform: Platform,
        directory: Path,
        names: Sequence[str],
        folder: Path = Path(TEMPLATES_FOLDER),
    ) -> None:
        self.templates = of_templates(store, platform)
        self._memory = Memory(store, f"lint {today()}")
        self._directory = directory
        self._names = (repr(platform), str(folder), *names)
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


def of_templates(store: Store | None, platform: Platform) -> Memory:
    """What remembers what cfn-lint said to each template with its values by itself.

    The code that makes templates and values is no part of that question, so an edited layer leaves
    the others' answers standing.
    """
    return Memory(store, f"lint template {today()}", _judging(platform))


def today() -> str:
    """The local date, which is what cfn-lint compares with."""
    return time.strftime("%Y-%m-%d")


def _judging(platform: Platform) -> Callable[[str], bool]:
    """What tells whether a file may decide what cfn-lint says to a template with its values.

    Those that make the template or the values do not: they are what it is asked about.
    """
    rooms = evidence.rooms(*JUDGES)
    packages = {layer.package for layer in platform.layers}
    builders = tuple(f"{folder}{os.sep}" for package in packages for folder in folders(package))

    def judges(path: str) -> bool:
        if path.startswith(evidence.PACKAGE):
            return path.startswith(rooms)
        return not path.startswith(builders)

    return judges
