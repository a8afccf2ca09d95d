"""What some work costs, in numbers that do not depend on the machine: modules, calls, files.

Whoever needs more than a limit says why in docs/performance.md; those of each command are in
test_command_costs.py.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cfnlint.decode.decode import decode_str
from cfnlint.runner import Runner, run_template_by_data

from tapgen.cli.main import COMMANDS, module_of
from tapgen.render.rendering import Rendered
from tapgen.review.lint.cfn_lint.fast import fast
from tapgen.review.lint.cfn_lint.linter import _config
from tests.costing import HEAVY, Project
from tests.paths import ROOT

PER_ENVIRONMENT = 1_410  # calls of `render`


@pytest.mark.slow
def test_cfn_lint_is_as_swift_as_it_was(rendered: Rendered) -> None:
    template = rendered.templates["storage"].text
    rules = Runner(_config([], [])).rules
    costs = []
    for some in (rules, fast(rules)):
        # Schemas are read once, and rules get to know each other: not what is to be counted.
        list(run_template_by_data(decode_str(template)[0], _config(["us-east-1"], []), some))
        found = run_template_by_data(decode_str(template)[0], _config(["us-east-1"], []), some)
        with calls() as counted:
            assert not [match for match in found if match.rule.id[0] == "E"]
        costs.append(counted["call"])
    plain, faster = costs
    assert faster <= 0.6 * plain
    assert faster <= 262_000


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
def test_what_is_unchanged_is_only_read_and_hashed(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.run("render")
    cost = project.cost("render")
    assert not cost.heavy
    rendered = len(list((ROOT / "templates_out").rglob("*.json")))
    settings = len(list((ROOT / "envs").glob("*.yaml")))
    own = 3  # the list of code, the answer, and the report of this test
    assert len(cost.opened) <= rendered + settings + own


@pytest.mark.slow
def test_an_environment_more_costs_no_more_than_it_did(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.run("render", "--no-cache")
    few = project.cost("render", "--no-cache")
    project.add_environments(10)
    project.run("render", "--no-cache")
    many = project.cost("render", "--no-cache")
    assert (many.calls - few.calls) / 10 <= PER_ENVIRONMENT
    assert many.modules == few.modules


@pytest.mark.slow
def test_no_command_loads_a_library_before_it_is_called() -> None:
    modules = [module_of(name) for name in COMMANDS]
    program = f"import importlib, sys\nfor m in {modules}: importlib.import_module(m)\n"
    program += "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not set(ran.stdout.split()) & HEAVY
