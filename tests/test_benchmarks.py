"""The benchmarks' own bookkeeping: what they measure and what they draw from it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.growth import LAYERS, Point
from benchmarks.harness import ROOT, Claim, Command, Cost, Row, compared, once
from benchmarks.results import load, put_into, save, table
from benchmarks.rows import lint_one_layer
from tapgen.payments.platform import PLATFORM

ROW = Row(Claim("render", "`render`", "a script", 1.3), 1.2, Cost(0.2, 0.1, 30), Cost(0.1, 0.1, 20))
MIB = 1024 * 1024
GROWTH = {"environments": [Point(1, 0.1, 0.1, 0.2, 30.0), Point(3, 0.2, 0.2, 0.3, 31.0)]}


def python(program: str, folder: Path) -> Command:
    return Command((sys.executable, "-c", program), folder)


def test_the_ratio_is_that_of_two_commands_in_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([9.0, 9.0, 2.0, 1.0, 6.0, 2.0, 10.0, 1.0])  # the first two to warm up
    ran: list[Command] = []

    def told(command: Command) -> Cost:
        ran.append(command)
        return Cost(next(seconds), 0.5, 20.0)

    monkeypatch.setattr("benchmarks.harness.once", told)
    ours, theirs = python("ours", tmp_path), python("theirs", tmp_path)
    row = compared(Claim("name", "ours", "theirs", 1.0), ours, theirs, runs=3)
    assert ran == [ours, theirs] * 4
    assert row.ratio == 3.0  # of 2, 3 and 10
    assert not row.kept
    assert (row.cost, row.floor_cost) == (Cost(6.0, 0.5, 20.0), Cost(1.0, 0.5, 20.0))


def test_a_cost_is_that_of_the_process(tmp_path: Path) -> None:
    cost = once(python("import time; time.sleep(0.3)", tmp_path))
    assert cost.wall >= 0.3
    assert 0 < cost.cpu < cost.wall
    assert 5 < cost.peak < 100


def test_a_run_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 4: no reason"):
        once(python("import sys; sys.exit(print('no reason') or 4)", tmp_path))
    with pytest.raises(RuntimeError, match=r"(?s)ended with 1: .*no-such-program"):
        once(Command(("no-such-program",), tmp_path))


def test_the_peak_is_that_of_the_command_alone(tmp_path: Path) -> None:
    own = b"x" * (60 * MIB)
    assert once(python("pass", tmp_path)).peak < len(own) / MIB
    assert once(python(f"b'x' * {80 * MIB}", tmp_path)).peak > 80


def test_results_are_kept_by_name(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert load(path) == ({}, {})
    save([ROW], GROWTH, path)
    assert load(path) == ({"render": ROW}, GROWTH)
    faster = Row(ROW.claim, 1.1, ROW.cost, ROW.floor_cost, {"calls": 2})
    assert save([faster], {}, path) == [faster]
    assert load(path) == ({"render": faster}, GROWTH)


def test_the_table_marks_what_is_within_its_limit() -> None:
    over = Row(ROW.claim, 1.4, ROW.cost, ROW.floor_cost)
    lines = table([ROW, over]).splitlines()
    assert lines[2].endswith("| 0.200 | 0.100 | 30 | 0.100 | **1.20** | 1.30 |")
    assert lines[3].endswith("| 1.40 | 1.30 |")


def test_text_goes_between_its_markers(tmp_path: Path) -> None:
    document = tmp_path / "document.md"
    document.write_text("a\n<!-- table -->\nold\n<!-- /table -->\nb\n")
    put_into(document, "table", "new")
    assert document.read_text() == "a\n<!-- table -->\nnew\n<!-- /table -->\nb\n"
    with pytest.raises(LookupError, match="no markers of plot"):
        put_into(document, "plot", "new")


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, len(PLATFORM.layers)])
def test_the_first_layers_are_rendered_alone(tmp_path: Path, count: int) -> None:
    shutil.copytree(ROOT / "envs", tmp_path / "envs")
    subprocess.run(
        [sys.executable, "-c", LAYERS, str(count)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    first = [ROOT / "templates_out" / f"{one.name}.json" for one in PLATFORM.layers[:count]]
    resources = sum(len(json.loads(file.read_text())["Resources"]) for file in first)
    assert (tmp_path / "resources").read_text() == str(resources)


@pytest.mark.parametrize("layer", lint_one_layer.LAYERS)
def test_a_layer_is_edited_where_it_is(tmp_path: Path, layer: str) -> None:
    module = Path("tapgen/payments/layers", f"{layer}.py")
    (tmp_path / module).parent.mkdir(parents=True)
    (tmp_path / module).write_text((ROOT / module).read_text())
    edit = lint_one_layer.editor(tmp_path, layer)
    seen = {(tmp_path / module).read_text()}
    for _ in range(2):
        edit()
        seen.add((tmp_path / module).read_text())
    assert len(seen) == 3
