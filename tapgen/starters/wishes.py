"""What somebody wants of a new project, checked as its settings will be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from tapgen.errors import UsageError

STAGES: Final = ("dev", "staging", "prod")
DEFAULT_REGION: Final = "us-east-1"
_LONGEST_NAME: Final = 12  # characters of a project's name: PROJECT_NAME in tapgen.model.limits


class Kind(NamedTuple):
    """A kind of project to begin with.

    - `about`: what it holds, as a sentence.
    - `project`: the project's name where nobody says another; "" is that of its folder.
    - `holds`: what files hold that other kinds do not have, by path.
    - `registry`, `guards`: where its layers and guards are listed, below its package.
    - `copied`: a folder of tapgen whose modules become those of its package.
    """

    about: str
    project: str = ""
    holds: Mapping[str, str] = MappingProxyType({})
    registry: str = "platform.py"
    guards: str = "guards.py"
    copied: str = ""


KINDS: Final[Mapping[str, Kind]] = {
    "empty": Kind("A platform to begin with: one layer, a bucket."),
    "example": Kind(
        "Jobs in a queue, a function that works on them, PostgreSQL, and what watches over them.",
        project="worker",
        holds={
            "@package@/checks.py": "rules between settings, and what a copied environment gets",
            "@package@/live.py": "how `tapgen verify` tries what is deployed",
            "@package@/functions/": "the code that runs in Lambda",
        },
    ),
    "payments": Kind(
        "A payments API: REST API behind CloudFront, functions, tables, sign-in, alarms.",
        project="payments",
        holds={
            "@package@/checks.py": "rules between settings",
            "@package@/copying.py": "what an environment gets that is made after another's example",
            "@package@/limits.py": "ranges and patterns that settings and templates share",
            "@package@/live/": "how `tapgen verify` calls what is deployed",
            "@package@/functions/": "the code that runs in Lambda",
        },
        registry="layers/registry.py",
        guards="guards/registry.py",
        copied="payments",
    ),
}
DEFAULT_KIND: Final = "empty"


@dataclass(frozen=True)
class Wishes:
    """The kind of a new project and what is its own; `accounts` are ids of AWS, by environment."""

    kind: str
    project: str
    region: str
    accounts: Mapping[str, str]

    @property
    def package(self) -> str:
        """The package that the platform is in."""
        return f"{self.project.replace('-', '_')}_platform"

    @property
    def cidrs(self) -> dict[str, str]:
        """A network for each environment; no two overlap, so that they can be connected."""
        return {stage: f"10.{n}0.0.0/16" for n, stage in enumerate(STAGES, start=1)}

    def refuse_wrong(self) -> None:
        """Raise `UsageError` with all that settings would not take, by the settings' own checks."""
        found = list(self._faults())
        if found:
            raise UsageError("\n".join(found), "Correct that and try again; nothing was written.")

    def _faults(self) -> Iterator[str]:
        from tapgen.settings.faults import shown

        values = [
            ("--project-name", "project", self.project),
            ("--region", "region", self.region),
            *((f"--account {name}", "account_id", one) for name, one in self.accounts.items()),
        ]
        for option, setting, value in values:
            if fault := fault_of(setting, value):
                yield f"{option}: {fault}"
        for name in self.accounts:
            if name not in STAGES:
                there = f"there are {', '.join(STAGES)}"
                yield f"--account: there is no environment {shown(name)}; {there}"
        for stage in STAGES:
            if stage not in self.accounts:
                yield f"--account {stage}: is missing; write --account {stage}=<12 digits>"


def fault_of(setting: str, value: str) -> str:
    """What is wrong with the value of a setting that every platform has; "" where nothing is."""
    from tapgen.model.platform import Platform
    from tapgen.settings.checks.rules import Merged, check
    from tapgen.settings.fields import fields
    from tapgen.settings.parsing.document import read_document

    platform = Platform(name="", layers=())
    document = read_document(f"{setting}: {json.dumps(value)}\n".encode(), "", platform)
    merged = Merged(document.entries, fields(platform))
    faults = (*document.faults, *check(merged, ()))
    return "; ".join(str(one._replace(source=None, setting="")) for one in faults)


def name_for(kind: str, folder: Path) -> str:
    """The name of a project in the folder, where nobody says another."""
    plain = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).lstrip("0123456789-")
    name = KINDS[kind].project or plain[:_LONGEST_NAME].rstrip("-")
    return name if len(name) > 1 else kind
