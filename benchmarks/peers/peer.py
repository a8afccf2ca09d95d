"""What is called of each peer, and what it has rendered then."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.harness import ROOT, Command, once
from benchmarks.peers.installation import LOCKS, install, npm, pip

FOLDER: Final = ROOT / ".bench"
RENDER: Final = "render"


@dataclass(frozen=True)
class Peer:
    """A peer: what it needs, what to call, and where its templates are then.

    Arguments begin with a path relative to the peer's folder; `renders` has them by the work that
    they do. `written` is a pattern of paths in the project, `stack` makes a path the stack's name.
    """

    name: str
    title: str
    package: str
    locks: Sequence[str]
    installed: Callable[[Path], None]
    start: Sequence[str]
    renders: Mapping[str, Sequence[str]]
    written: str
    stack: Callable[[Path], str]

    @property
    def program(self) -> str:
        """Its title and the version that is locked."""
        text = (LOCKS / self.locks[0]).read_text()
        (version,) = re.findall(rf'^\W*{self.package}(?:==|": ")([\d.]+)', text, re.MULTILINE)
        return f"{self.title} {version}"

    @property
    def folder(self) -> Path:
        """Where it is installed and its project stands."""
        return FOLDER / self.name

    @property
    def project(self) -> Path:
        """The generated project."""
        return self.folder / "project"

    def prepare(self) -> None:
        """Install it, unless that was done, and write the project anew.

        Raises `NotInstalledError`.
        """
        install(self.folder, self.locks, self.installed)
        generate = (sys.executable, "-m", "benchmarks.peers.generate")
        once(Command((*generate, self.name, str(self.project)), ROOT))

    def command(self, arguments: Sequence[str]) -> Command:
        """Call it in its project, without tapgen, the user's settings or credentials."""
        program, *rest = arguments
        own = {
            "HOME": str(self.folder / "home"),
            "PYTHONPATH": "",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return Command((str(self.folder / program), *rest), self.project, own)

    def resources(self) -> dict[str, dict[str, str]]:
        """Types of the resources in what it has rendered, by their ids, by stack."""
        return {self.stack(path): _types(path) for path in self.project.glob(self.written)}


def wanted(rendered: Path) -> dict[str, dict[str, str]]:
    """The same of what tapgen has rendered into a folder."""
    return dict(_wanted(rendered))


def _wanted(rendered: Path) -> Iterable[tuple[str, dict[str, str]]]:
    for path in rendered.glob("*/*.json"):
        stack = json.loads(path.read_text())
        yield stack["StackName"], _types(rendered / stack["Template"])


def _types(template: Path) -> dict[str, str]:
    found = json.loads(template.read_text())["Resources"]
    return {name: resource["Type"] for name, resource in found.items()}


PEERS: Final = (
    Peer(
        name="sceptre",
        title="Sceptre",
        package="sceptre",
        locks=("sceptre.lock",),
        installed=pip,
        start=("env/bin/sceptre", "--help"),
        renders={RENDER: ("env/bin/python", "render.py")},
        written="out/*.json",
        stack=lambda path: path.stem,
    ),
    Peer(
        name="cfngin",
        title="CFNgin (Runway)",
        package="runway",
        locks=("cfngin.lock",),
        installed=pip,
        start=("env/bin/runway", "--help"),
        renders={RENDER: ("env/bin/python", "render.py")},
        written="out/stack_templates/*/*.json",
        stack=lambda path: path.parent.name,
    ),
    Peer(
        name="cdk",
        title="CDK (JavaScript)",
        package="aws-cdk-lib",
        locks=("package.json", "package-lock.json"),
        installed=npm,
        start=("node_modules/.bin/cdk", "--help"),
        renders={
            RENDER: ("node_modules/.bin/cdk", "synth", "--quiet", "--no-validation"),
            "render, and validate as it does": ("node_modules/.bin/cdk", "synth", "--quiet"),
        },
        written="cdk.out/*.template.json",
        stack=lambda path: path.name.removesuffix(".template.json"),
    ),
)
