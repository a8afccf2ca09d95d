"""How a run ended: counts, times, and what failed at the very end."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click import unstyle

from tapgen.cli.views.runs.summary import End, show_failures, show_summary
from tapgen.cli.views.runs.timing import Times
from tapgen.deploy.flow.events import Begins, EnvironmentEnded, Finished, Planning, Within
from tapgen.model.deployed.events import (
    Created,
    Failed,
    Outcome,
    Skipped,
    Unchanged,
    Updated,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

RULE = "─" * 72
Outcomes = dict[str, dict[str, Outcome]]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`clock(65)` is the time that it is then."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    def put(seconds: float) -> None:
        now[0] = seconds

    return put


def times(outcomes: Mapping[str, Mapping[str, Outcome]], stack: float = 12.0) -> Times:
    found = Times()
    found.note(Begins({}))
    for name, each in outcomes.items():
        found.note(Within(name, Planning("data")))
        for layer, one in each.items():
            done = isinstance(one, Skipped | Unchanged)
            found.note(Within(name, Finished(layer, one, 0.0 if done else stack)))
        found.note(EnvironmentEnded(name, each, 60.0 + len(name)))
    return found


def end(outcomes: Outcomes, *, interrupted: bool = False) -> End:
    commands = {name: f"tapgen deploy --env {name}" for name in outcomes}
    return End(outcomes, times(outcomes), commands, "tapgen deploy --all", interrupted)


def shown(capsys: pytest.CaptureFixture[str], ended: End, verbosity: int = 0) -> list[str]:
    show_summary(ended, verbosity)
    show_failures(ended, verbosity)
    out, err = capsys.readouterr()
    assert out == ""
    return unstyle(err).splitlines()


def test_the_end_of_one_environment_has_times_and_what_failed_last(
    capsys: pytest.CaptureFixture[str], clock: Any
) -> None:
    outcomes: Outcomes = {
        "dev": {
            "network": Created(adopted=("Key",)),
            "data": Failed("Name is taken", "ROLLBACK_COMPLETE"),
            "storage": Failed("data would be lost", hint="Allow it.", refused=True),
            "compute": Skipped("data failed"),
            "api": Skipped("compute was skipped"),
            "zone": Unchanged(),
        }
    }
    ended = end(outcomes)
    clock(65.0)
    summary = [
        "stack    outcome                time",
        "network  created, data adopted  12 s",
        "data     failed                 12 s",
        "storage  refused                12 s",
        "skipped: compute, api",
        "unchanged: zone",
        "dev: 1 failed, 1 refused, 2 skipped, 1 created, data adopted, 1 unchanged in 1 min 05 s",
    ]
    frame = [
        "",
        RULE,
        "data failed after 12 s",
        "  cause: Name is taken",
        "  stack: ROLLBACK_COMPLETE",
        "  next:  Fix the cause, then run `tapgen deploy --env dev`.",
        "",
        "storage refused after 12 s",
        "  cause: data would be lost",
        "  next:  Allow it.",
        RULE,
    ]
    assert shown(capsys, ended) == [*summary, *frame]
    assert shown(capsys, ended, -1) == frame
    assert "skipped: compute (data failed), api (compute was skipped)" in shown(capsys, ended, 1)


@pytest.mark.parametrize(
    ("stacks", "line"),
    [
        ({"data": Unchanged()}, "dev: nothing to do, its stack is as declared"),
        (
            {"data": Unchanged(), "api": Unchanged()},
            "dev: nothing to do, all 2 stacks are as declared",
        ),
    ],
)
def test_where_nothing_was_to_do_there_is_one_line(
    capsys: pytest.CaptureFixture[str], stacks: dict[str, Outcome], line: str
) -> None:
    assert shown(capsys, end({"dev": stacks})) == [line]
    assert shown(capsys, end({"dev": stacks, "qa": stacks})) == [
        "2 environments: nothing to do, all stacks are as declared"
    ]


def test_a_run_in_which_everything_was_skipped_has_no_table(
    capsys: pytest.CaptureFixture[str], clock: Any
) -> None:
    outcomes: Outcomes = {"dev": {"data": Skipped("interrupted")}}
    ended = end(outcomes, interrupted=True)
    clock(3.0)
    assert shown(capsys, ended) == [
        "skipped: data",
        "dev: 1 skipped in 3.0 s",
        "",
        RULE,
        "interrupted after 3.0 s",
        "  next:  `tapgen deploy --all` continues from there.",
        RULE,
    ]


def fleet(failing: int) -> Outcomes:
    """A hundred environments, some of which have failed for a reason with their names in it."""
    names = [f"e{number:02}" for number in range(100)]
    found: Outcomes = {name: {"network": Updated(), "data": Unchanged()} for name in names}
    for name in names[50 : 50 + failing]:
        reason = f"arn:aws:kms:eu-1:{name[1:] * 6}:key/{name} of {name} is missing"
        hint = f"Make it, then `tapgen deploy --env {name}`."
        found[name] = {"network": Failed(reason, "UPDATE_FAILED", hint=hint), "data": Skipped("no")}
    found["e99"] = {"network": Skipped("e50 did not succeed"), "data": found["e99"]["data"]}
    found["e99"] = dict.fromkeys(found["e99"], Skipped("e50 did not succeed"))
    found["e98"] = dict.fromkeys(found["e98"], Unchanged())
    return found


def test_environments_that_ended_alike_share_a_line_worst_first(
    capsys: pytest.CaptureFixture[str], clock: Any
) -> None:
    ended = end(fleet(40))
    clock(242.0)
    assert shown(capsys, ended)[1:] == [
        "e50, e51, e52 and 37 more  network failed, data skipped  1 min 03 s",
        "e99                        skipped: e50 did not succeed  1 min 03 s",
        "e00, e01, e02 and 55 more  network updated, 1 unchanged  1 min 03 s",
        "e98                        2 unchanged                   1 min 03 s",
        "100 environments in 4 min 02 s: 40 failed, 1 skipped, 58 deployed, 1 unchanged",
        "",
        RULE,
        "network in 40 environments failed after 12 s",
        "  in:    e50; the same in e51, e52, e53, e54, e55, e56 and 33 more",
        "  cause: arn:aws:kms:eu-1:505050505050:key/e50 of e50 is missing",
        "  stack: UPDATE_FAILED",
        "  next:  Make it, then `tapgen deploy --env e50`. Do the same for the others.",
        RULE,
    ]
    verbose = shown(capsys, ended, 1)
    assert len([line for line in verbose if line.startswith("e")]) == 101
    assert any(line.endswith("e87, e88, e89") for line in verbose)


def test_the_way_back_is_the_last_that_is_said_of_a_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outcomes: Outcomes = {"dev": {"data": Updated(), "zone": Failed("no", hint="Mend it.")}}
    assert not any("back:" in line for line in shown(capsys, end(outcomes)))
    bad = replace(end(outcomes), ways_back={"dev": (16, "tapgen rollback --env dev")})
    assert shown(capsys, bad)[-4:] == [
        "",
        "Part of the release is deployed",
        "  back:  `tapgen rollback --env dev` returns dev to release 16, the last successful one.",
        RULE,
    ]


def test_the_number_of_the_release_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    one = replace(end({"dev": {"data": Created()}}), releases={"dev": 17})
    assert shown(capsys, one)[-1].endswith("1 created in 0.0 s, release 17")
    same = replace(end({"dev": {"data": Unchanged()}}), releases={"dev": 18})
    assert shown(capsys, same) == ["dev: nothing to do, its stack is as declared, release 18"]


def test_the_numbers_of_several_are_told_as_far_as_they_can_be_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = [f"e{number}" for number in range(5)]
    many = end({name: {"data": Created()} for name in names})
    assert shown(capsys, many)[-1].endswith(": 5 deployed")
    many = replace(many, releases=dict.fromkeys(names, 7))
    assert shown(capsys, many)[-1].endswith(": 5 deployed, releases e0 7, e1 7, e2 7 and 2 more")
    assert shown(capsys, many, 1)[-1].endswith(", releases e0 7, e1 7, e2 7, e3 7, e4 7")


def test_the_longest_time_of_a_group_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes: Outcomes = {name: {"data": Created()} for name in ("dev", "staging")}
    assert "dev, staging  data created  up to 1 min 07 s" in shown(capsys, end(outcomes))


def test_of_many_different_failures_the_first_are_told_in_full(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reasons = ["no a", "no b", "no c", "no d", "no e", "no f", "no g", "no h"]
    outcomes: Outcomes = {f"env-{reason[-1]}": {"data": Failed(reason)} for reason in reasons}
    lines = shown(capsys, end(outcomes))
    assert sum(line.startswith("  cause:") for line in lines) == 6
    assert lines[-2] == "and 2 more failures: env-g data, env-h data (--verbose shows them)"
    assert sum(line.startswith("  cause:") for line in shown(capsys, end(outcomes), 1)) == 8


def test_what_a_guard_refused_comes_after_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes: Outcomes = {
        "dev": {"data": Failed("lost", refused=True), "zone": Failed("no")},
    }
    headings = [line for line in shown(capsys, end(outcomes)) if " after " in line]
    assert headings == ["zone failed after 12 s", "data refused after 12 s"]


def test_an_ordinary_terminal_gets_an_ordinary_rule(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(sys.stderr), "encoding", "ascii", raising=False)
    assert shown(capsys, end({"dev": {"data": Failed("no")}}))[-1] == "-" * 72


def test_the_frame_is_as_wide_as_the_terminal(terminal: Any) -> None:
    outcomes: Outcomes = {"dev": {"data": Failed("word " * 40)}}
    with terminal.attached():
        show_failures(end(outcomes), 0)
        lines = unstyle(terminal.shown()).splitlines()
    cause = [line for line in lines if "word" in line]
    assert len(cause) > 1
    assert cause[0].startswith("  cause: word")
    assert all(line.startswith("         word") for line in cause[1:])


def test_times_of_the_only_environment_need_no_name(clock: Any) -> None:
    found = Times()
    clock(5.0)
    found.note(Finished("data", Created(), 3.0))
    assert found.of_stack("dev", "data") == 3.0
    assert found.of_stack("dev", "api") == 0.0
    assert found.of_environment("dev") == 0.0
    assert found.so_far() == 5.0


def test_what_failed_at_once_has_no_time(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes: Outcomes = {"dev": {"data": Failed("no")}}
    ended = End(outcomes, times(outcomes, 0.0), {"dev": "tapgen deploy"}, "tapgen deploy")
    lines = shown(capsys, ended)
    assert "data   failed" in lines
    assert "data failed" in lines
