"""The commands of each peer, and the templates that it renders."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from benchmarks.harness import ROOT, Command, once
from benchmarks.peers.installation import LOCKS, install, npm, pip

FOLDER: Final = ROOT / ".bench"
RENDER: Final = "render"


def _stem(path: Path) -> str:
    return path.stem


@dataclass(frozen=True)
class Deploy:
    """A call that deploys dev: arguments, additional environment variables, and a note."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""


@dataclass(frozen=True)
class Peer:
    """A peer: its requirements, its commands, and the location of its templates.

    Arguments start with a path relative to the peer's folder. `renders` has them by the work that
    they do. `written` is a pattern of paths in the project, `stack` turns a path into the stack's
    name. A peer that can only deploy has no `start` and renders nothing. `settled` means that its
    templates contain the settings' values instead of parameters.
    """

    name: str
    title: str
    package: str
    locks: Sequence[str]
    installed: Callable[[Path], None]
    deploys: Sequence[Deploy]
    start: Sequence[str] = ()
    renders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    written: str = ""
    stack: Callable[[Path], str] = _stem
    settled: bool = False

    @property
    def program(self) -> str:
        """Its title and the locked version."""
        text = (LOCKS / self.locks[0]).read_text()
        (version,) = re.findall(rf'^\W*{self.package}(?:==|": ")([\d.]+)', text, re.MULTILINE)
        return f"{self.title} {version}"

    @property
    def folder(self) -> Path:
        """The folder of its installation and its project."""
        return FOLDER / self.name

    @property
    def project(self) -> Path:
        """The generated project."""
        return self.folder / "project"

    def prepare(self) -> None:
        """Install it, unless it is installed, and write the project again.

        Raises `NotInstalledError`.
        """
        install(self.folder, self.locks, self.installed)
        generate = (sys.executable, "-m", "benchmarks.peers.generate")
        once(Command((*generate, self.name, str(self.project)), ROOT))

    def command(
        self, arguments: Sequence[str], more: Mapping[str, str] = MappingProxyType({})
    ) -> Command:
        """Call it in its project, without tapgen, the user's settings or credentials."""
        program, *rest = arguments
        own = {
            "HOME": str(self.folder / "home"),
            "PYTHONPATH": "",
            "AWS_EC2_METADATA_DISABLED": "true",
            **more,
        }
        return Command((str(self.folder / program), *rest), self.project, own)

    def resources(self) -> dict[str, dict[str, str]]:
        """Types of the rendered resources by their ids, by stack."""
        return {self.stack(path): _types(path) for path in self.project.glob(self.written)}


def wanted(rendered: Path) -> dict[str, dict[str, str]]:
    """The same for the files that tapgen has rendered into a folder."""
    return dict(_wanted(rendered))


def _wanted(rendered: Path) -> Iterable[tuple[str, dict[str, str]]]:
    for path in rendered.glob("*/*.json"):
        stack = json.loads(path.read_text())
        yield stack["StackName"], _types(rendered / stack["Template"])


def _types(template: Path) -> dict[str, str]:
    found = json.loads(template.read_text())["Resources"]
    return {name: resource["Type"] for name, resource in found.items()}


_RUNWAY: Final = ("env/bin/runway", "deploy")
# Without a terminal for questions. It works on all stacks at a time that do not have to wait.
_DEV: Final = {"CI": "1", "DEPLOY_ENVIRONMENT": "dev"}
_CDK_DEPLOY: Final = (
    *("node_modules/.bin/cdk", "deploy", "--all", "--context", "environment=dev"),
    *("--require-approval", "never", "--concurrency", "11"),
)
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
        deploys=(Deploy(("env/bin/sceptre", "--no-colour", "launch", "--yes", "dev")),),
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
        deploys=(
            Deploy(_RUNWAY, _DEV, "looking every 30 s, as it does"),
            Deploy(_RUNWAY, {**_DEV, "CFNGIN_STACK_POLL_TIME": "1"}, "looking every second"),
        ),
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
        settled=True,
        deploys=(
            Deploy(_CDK_DEPLOY, remark="with change sets, as it does"),
            Deploy((*_CDK_DEPLOY, "--method", "direct"), remark="`--method direct`"),
        ),
    ),
    Peer(
        name="awscli",
        title="AWS CLI",
        package="awscli",
        locks=("awscli.lock",),
        installed=pip,
        deploys=(Deploy(("env/bin/python", "deploy.py", "dev"), remark="by graph"),),
    ),
)
