"""What commands cost, in numbers that do not depend on the machine: modules, calls, files.

The limits leave a quarter of room. Whoever needs more says why in docs/performance.md.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from cfnlint.decode.decode import decode_str
from cfnlint.runner import Runner, run_template_by_data

from tapgen.cli.main import COMMANDS
from tapgen.stacks.cfn_lint.linter import _config
from tapgen.stacks.cfn_lint.swift import swift
from tapgen.stacks.render import Rendered

ROOT = Path(__file__).parent.parent
HEAVY = {"boto3", "botocore", "cfnlint", "msgspec", "rich", "troposphere", "yaml"}

PER_ENVIRONMENT = 1_650  # calls of `render`

COUNTING = """
import atexit, json, os, sys
calls = opened = 0
def count(frame, event, argument):
    global calls
    calls += event == "call"
def note(event, arguments):
    global opened
    opened += event == "open" and not str(arguments[0]).endswith((".pyc", ".py"))
def report():
    sys.setprofile(None)
    modules = sorted(sys.modules)
    with open(os.environ["REPORT"], "w") as file:
        json.dump({"calls": calls, "opened": opened, "modules": modules}, file)
atexit.register(report)
sys.addaudithook(note)
sys.setprofile(count)
from tapgen.cli.main import main
main(sys.argv[1:])
"""


class Cost(NamedTuple):
    """Python functions called (imports included), files opened but code, modules loaded."""

    calls: int
    opened: int
    modules: set[str]

    @property
    def heavy(self) -> set[str]:
        return {module.partition(".")[0] for module in self.modules} & HEAVY


class Project:
    """A copy, because the cache keeps nothing while files come and go beside the code, as
    coverage's do.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("envs", "templates_out"):
            shutil.copytree(ROOT / name, folder / name)
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "tapgen", folder / "code" / "tapgen", ignore=without)
        time.sleep(2.1)  # what is younger than a file system's clock can tell is not cached

    def cost(self, *arguments: str) -> Cost:
        """Run twice, as bytecode and cache are there in all runs but the first."""
        for _ in range(2):
            ran = subprocess.run(
                [sys.executable, "-P", "-c", COUNTING, *arguments],
                cwd=self.folder,
                env=self._environment(),
                capture_output=True,
                text=True,
                check=False,
                timeout=600,
            )
            assert ran.returncode == 0, ran.stderr
        report = json.loads((self.folder / "report.json").read_text())
        return Cost(report["calls"], report["opened"], set(report["modules"]))

    def add_environments(self, count: int) -> None:
        """Add copies of dev in accounts and networks of their own."""
        dev = (self.folder / "envs" / "dev.yaml").read_text()
        for number in range(count):
            own = (
                dev.replace("name: dev", f"name: qa{number}")
                .replace("111111111111", f"{500000000000 + number}")
                .replace("dev.api.example.com", f"qa{number}.api.example.com")
                .replace("10.10.0.0/16", f"10.{100 + number}.0.0/16")
            )
            (self.folder / "envs" / f"qa{number}.yaml").write_text(own)

    def _environment(self) -> dict[str, str]:
        dropped = {"TAPGEN_NO_CACHE", "PYTHONDONTWRITEBYTECODE"}
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in dropped and not name.startswith("COVERAGE")
        }
        return inherited | {
            "PYTHONPATH": str(self.folder / "code"),
            "PYTHONPYCACHEPREFIX": str(self.folder / "bytecode"),
            "REPORT": str(self.folder / "report.json"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("costs"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "calls", "modules"),
    [
        ("--help", 27_000, 165),
        ("--version", 21_000, 155),
        ("render", 29_000, 185),
        ("render --check", 29_500, 187),
        ("render --no-cache", 162_000, 396),
        ("diff --all --against dev", 460_000, 424),
        ("lint", 30_000, 183),
        ("env list", 63_000, 245),
        ("graph", 43_000, 240),
    ],
)
def test_a_command_calls_and_loads_no_more_than_it_did(
    project: Project, command: str, calls: int, modules: int
) -> None:
    cost = project.cost(*command.split())
    assert cost.calls <= calls
    assert len(cost.modules) <= modules


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_lint_has_cfn_lint_loaded_by_another_process(project: Project) -> None:
    cost = project.cost("lint", "--no-cache")
    assert "cfnlint" not in cost.heavy
    assert cost.calls <= 410_000


@pytest.mark.slow
def test_cfn_lint_is_as_swift_as_it_was(rendered: Rendered) -> None:
    template = rendered.templates["storage"].text
    rules = Runner(_config([], [])).rules
    costs = []
    for some in (rules, swift(rules)):
        # Schemas are read once, and rules get to know each other: not what is to be counted.
        list(run_template_by_data(decode_str(template)[0], _config(["us-east-1"], []), some))
        found = run_template_by_data(decode_str(template)[0], _config(["us-east-1"], []), some)
        with calls() as counted:
            assert not [match for match in found if match.rule.id[0] == "E"]
        costs.append(counted["call"])
    plain, swifter = costs
    assert swifter <= 0.6 * plain
    assert swifter <= 310_000


@contextmanager
def calls() -> Iterator[Counter[str]]:
    """Python functions called meanwhile."""
    counted = Counter[str]()
    before = sys.getprofile()
    sys.setprofile(lambda _frame, event, _argument: counted.update((event,)))
    try:
        yield counted
    finally:
        sys.setprofile(before)


@pytest.mark.slow
def test_what_is_unchanged_is_only_read_and_hashed(project: Project) -> None:
    cost = project.cost("render")
    assert not cost.heavy
    rendered = len(list((ROOT / "templates_out").rglob("*.json")))
    settings = len(list((ROOT / "envs").glob("*.yaml")))
    own = 3  # the list of code, the answer, and the report of this test
    assert cost.opened <= rendered + settings + own


@pytest.mark.slow
def test_an_environment_more_costs_no_more_than_it_did(tmp_path: Path) -> None:
    project = Project(tmp_path)
    few = project.cost("render", "--no-cache")
    project.add_environments(10)
    many = project.cost("render", "--no-cache")
    assert (many.calls - few.calls) / 10 <= PER_ENVIRONMENT
    assert many.modules == few.modules


@pytest.mark.slow
def test_no_command_loads_a_library_before_it_is_called() -> None:
    modules = [f"tapgen.cli.commands.{name.replace('-', '_')}" for name in COMMANDS]
    program = f"import importlib, sys\nfor m in {modules}: importlib.import_module(m)\n"
    program += "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not set(ran.stdout.split()) & HEAVY
