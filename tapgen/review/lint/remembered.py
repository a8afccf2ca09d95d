"""Results of `tapgen lint`, remembered as a whole and for each template."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tapgen.model.layer import TEMPLATES_FOLDER
from tapgen.model.platform import Platform
from tapgen.render.memory import evidence
from tapgen.render.memory.answer import Answer
from tapgen.render.memory.memory import Memory
from tapgen.render.memory.store import Store
from tapgen.render.packages import folders
from tapgen.review.lint.findings import Finding, from_records, records

if TYPE_CHECKING:
    from tapgen.render.rendering import Rendered

# The rooms that decide what cfn-lint checks and how its findings are used.
JUDGES: Final = ("model", "render", "review")


class Verdict(NamedTuple):
    """The findings, the number of templates, and the environments whose values were checked."""

    findings: tuple[Finding, ...]
    templates: int
    environments: tuple[str, ...]

    def with_more(self, findings: Iterable[Finding]) -> Verdict:
        """The verdict with more findings after its own."""
        return self._replace(findings=(*self.findings, *findings))


class Linting:
    """One lint of the environments `names` (all if empty), whose templates are in `folder`.

    `templates` remembers single templates, see `of_templates`. Both depend on the day: cfn-lint
    knows the dates from which Lambda refuses a runtime.
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
        question = (repr(platform), str(folder), *names)
        self._answer = Answer(store, f"lint {today()}", directory, *question)

    def verdict(self) -> Verdict | None:
        """The verdict of an earlier run; None if something has changed since."""
        answer = self._answer.recall()
        if answer is None:
            return None
        findings = tuple(from_records(answer["findings"]))
        return Verdict(findings, answer["templates"], tuple(answer["environments"]))

    def keep(self, findings: Sequence[Finding], rendered: Rendered) -> Verdict:
        """Remember and return the verdict of this run."""
        verdict = Verdict(tuple(findings), len(rendered.templates), tuple(rendered.stacks))
        self._answer.keep({**verdict._asdict(), "findings": records(findings)})
        return verdict


def of_templates(store: Store | None, platform: Platform) -> Memory:
    """The memory of cfn-lint's findings for each template with its values.

    They do not depend on the code that makes templates and values, so after a layer was edited the
    findings of the other layers are still known.
    """
    return Memory(store, f"lint template {today()}", _judging(platform))


def today() -> str:
    """The local date, which cfn-lint uses for its comparisons."""
    return time.strftime("%Y-%m-%d")


def _judging(platform: Platform) -> Callable[[str], bool]:
    """A function that is true for files on which cfn-lint's findings may depend.

    Files that only make the template or the values are not among them.
    """
    rooms = evidence.rooms(*JUDGES)
    packages = {layer.package for layer in platform.layers}
    builders = tuple(f"{folder}{os.sep}" for package in packages for folder in folders(package))

    def judges(path: str) -> bool:
        if path.startswith(evidence.PACKAGE):
            return path.startswith(rooms)
        return not path.startswith(builders)

    return judges
