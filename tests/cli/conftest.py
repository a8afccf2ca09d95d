"""Running tapgen in this process, in a project of its own, and at a real terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tapgen.cli.main import main
from tapgen.local.client import LocalAws
from tapgen.model.stack import Stack
from tapgen.render.rendering import Rendered
from tests.cli.json_output import check
from tests.cli.repository import commit, git
from tests.environment_files import set_apart
from tests.waiting import once_watched, wait_until


class Ran(NamedTuple):
    """How a run ended: exit code, stdout, stderr."""

    code: object
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def tapgen(capsys: pytest.CaptureFixture[str]) -> Run:
    """`tapgen("render", "--check")` runs the command line, and holds JSON against its schema."""

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(arguments)
        ran = Ran(end.value.code, *capsys.readouterr())
        check(arguments, ran.out)
        return ran

    return run


def ended(ran: Ran) -> Any:
    """Layer -> outcome of the one environment of a run, from the last line of its JSON."""
    (outcomes,) = json.loads(ran.out.splitlines()[-1])["environments"].values()
    return outcomes


class Terminal:
    """A pseudo terminal in the place of stdin and stderr."""

    def __init__(self) -> None:
        self._ours, theirs = pty.openpty()
        os.set_blocking(self._ours, False)
        tty.setraw(theirs)  # no echo of what is typed, no translation of line ends
        self.stdin = os.fdopen(os.dup(theirs), "r")
        self.stderr = os.fdopen(theirs, "w")

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def shown(self) -> str:
        """What was shown since the last call."""
        self.stderr.flush()
        parts = []
        with suppress(BlockingIOError):
            while part := os.read(self._ours, 65536):
                parts.append(part)
        return b"".join(parts).decode()

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Within the test only: pytest's own capturing takes the streams back between phases."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin", self.stdin)
            patch.setattr("sys.stderr", self.stderr)
            yield

    def close(self) -> None:
        self.stdin.close()
        self.stderr.close()
        os.close(self._ours)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    opened = Terminal()
    yield opened
    opened.close()


@pytest.fixture
def stack(rendered: Rendered) -> Stack:
    """`data` in `dev`."""
    return next(stack for stack in rendered.stacks["dev"] if stack.layer == "data")


@pytest.fixture
def protected_stack(rendered: Rendered) -> Stack:
    """`data` in `prod`."""
    return next(stack for stack in rendered.stacks["prod"] if stack.layer == "data")


@pytest.fixture
def local_tapgen(
    project: Path, local_aws: LocalAws, tapgen: Run, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """`local_tapgen("plan")` works on `dev`, in an account of its own of the local AWS."""
    set_apart(project / "envs" / "dev.yaml", 7)
    monkeypatch.chdir(local_aws.directory.parents[1])
    options = ("--env", "dev", "--local", "--envs-dir", str(project / "envs"))
    return lambda command, *more: tapgen(command, *options, *more)


@pytest.fixture
def failed(local_tapgen: Any, faults: Any) -> Any:
    """tapgen, with a zone that could not be made."""
    faults({"create:HostedZone": "no"})
    assert local_tapgen("deploy", "--layer", "zone", "--yes").code == 1
    faults({})
    return local_tapgen


@pytest.fixture
def at_work(local_tapgen: Any, faults: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """tapgen, while another process deploys the zone, until that is watched."""
    faults({"hold": ["HostedZone"]})
    arguments = ["--env", "dev", "--local", "--envs-dir", str(project / "envs"), "--quiet"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tapgen", "deploy", *arguments, "--layer", "zone", "--yes"],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: "is at HostedZone" in local_tapgen("status", "--layer", "zone").out)
    once_watched(monkeypatch, lambda: faults({}))
    yield local_tapgen
    faults({})
    process.wait()


@pytest.fixture
def history(project: Path, rendered: Rendered, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project as the main branch of a repository, with everything rendered."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    for name, text in rendered.files.items():
        path = project / "templates_out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(project, "init", "-q", "-b", "main")
    commit(project)
    return project
