"""What a run over several environments looks like."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any

import click
import pytest
from click import unstyle
from rich.console import Console
from rich.live import Live

from tapgen.cli.views.runs import fleet
from tapgen.cli.views.runs.fleet import FleetTable
from tapgen.cli.views.runs.progress import JsonLines, PlainLines, View
from tapgen.cli.views.runs.showing import progress
from tapgen.deploy.flow.events import (
    EnvironmentEnded,
    Event,
    Finished,
    Interrupted,
    Planning,
    PlanReady,
    Progress,
    Started,
    Within,
)
from tapgen.model.changes.change import Change, ChangeSet, PropertyChange
from tapgen.model.deployed.events import (
    Created,
    Failed,
    Outcome,
    ResourceEvent,
    Skipped,
    Unchanged,
)
from tapgen.model.plan import NoChange, Plan, Planned
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.model.stack import Stack

LAYERS = {"dev": ["network", "data"], "qa": ["network", "data"]}
TABLE = Progress("data", ResourceEvent("1", "Table", "t", "T", "CREATE_IN_PROGRESS"))
ENDED: dict[str, Outcome] = {"network": Unchanged(), "data": Created()}
EVENTS: list[Event] = [
    Within("dev", Planning("data")),
    Within("dev", PlanReady(Plan("dev", {}))),
    Within("dev", Finished("network", Unchanged(), 0.0)),
    Within("dev", Started("data", "create")),
    Within("dev", TABLE),
    Within("dev", Finished("data", Failed("Not allowed"), 12.2)),
    EnvironmentEnded("dev", ENDED, 65.0),
]
QUIET = ["dev           data           failed in 12 s: Not allowed"]
PLAIN = [
    "dev           data           create started",
    *QUIET,
    "dev           1 unchanged, 1 created in 1 min 05 s",
]
VERBOSE = [
    "dev           data           comparing with AWS",
    "dev           network        unchanged",
    PLAIN[0],
    "dev           data           CREATE_IN_PROGRESS Table",
    *PLAIN[1:],
]


def show_all(view: View) -> None:
    for event in EVENTS:
        view.show(event)


@pytest.mark.parametrize(("verbosity", "lines"), [(-1, QUIET), (0, PLAIN), (1, VERBOSE)])
def test_each_plain_line_names_its_environment(
    capsys: pytest.CaptureFixture[str], verbosity: int, lines: list[str]
) -> None:
    with progress("text", verbosity, LAYERS) as view:
        assert isinstance(view, PlainLines)
        show_all(view)
    assert [line[10:] for line in capsys.readouterr().err.splitlines()] == lines


def test_each_json_line_names_its_environment(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("json", 0, LAYERS) as view:
        assert isinstance(view, JsonLines)
        show_all(view)
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {record["environment"] for record in records} == {"dev"}
    assert records[-1] == {
        "version": 1,
        "event": "EnvironmentEnded",
        "environment": "dev",
        "seconds": 65.0,
    }
    assert records[-2]["outcome"]["kind"] == "Failed"


def shown(view: FleetTable) -> list[str]:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(view.table())
    return [line.rstrip() for line in capture.get().splitlines()]


def test_the_live_table_has_a_line_for_each_environment_at_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    view = FleetTable(LAYERS)
    assert shown(view) == ["0 of 2 environments done, 0:00", "waiting: dev, qa"]
    view.show(Planning("data"))  # nobody knows of which
    view.show(Within("dev", Planning("data")))
    assert shown(view)[1:] == ["dev  planning  0/2  0.0 s", "waiting: qa"]
    view.show(Within("dev", PlanReady(Plan("dev", {}))))
    assert shown(view) == ["1 of 2 environments done, 0:00", "waiting: qa", "done: dev"]

    view = FleetTable(LAYERS)
    view.show(Within("dev", Started("network", "create")))
    view.show(Within("dev", Started("data", "create")))
    view.show(Within("dev", TABLE))
    now = 165.0
    assert shown(view)[1] == "dev  deploying  0/2  1 min 05 s  network; data Table"
    view.show(Within("dev", Finished("network", Created(), 1.0)))
    assert shown(view)[1] == "dev  deploying  1/2  1 min 05 s  data Table"
    view.show(Within("qa", Started("data", "create")))
    view.show(Interrupted("Ctrl-C again cancels"))
    view.show(EnvironmentEnded("dev", ENDED, 70.0))
    view.show(EnvironmentEnded("qa", {"data": Failed("no")}, 71.0))
    now = 500.0
    assert shown(view) == [
        "2 of 2 environments done (1 with problems), 6:40",
        "Ctrl-C again cancels",
        "qa  failed  0/2  1 min 11 s",
        "done: dev",
    ]


def test_what_ctrl_c_does_is_seen_however_many_environments_there_are() -> None:
    names = [f"qa{number}" for number in range(32)]
    view = FleetTable(dict.fromkeys(names, ("data",)))
    for name in names:
        view.show(Within(name, Started("data", "create")))
    view.show(Interrupted("Ctrl-C again cancels"))
    drawn = StringIO()
    console = Console(file=drawn, width=80, height=24, force_terminal=True)
    with Live(get_renderable=view.table, console=console, auto_refresh=False) as live:
        live.refresh()
        seen = drawn.getvalue()
    assert "Ctrl-C again cancels" in seen
    assert "qa31" not in seen


def test_an_environment_that_was_skipped_has_not_failed() -> None:
    view = FleetTable(LAYERS)
    view.show(EnvironmentEnded("qa", {"data": Skipped("dev did not succeed")}, 0.0))
    assert shown(view)[1:] == ["qa  skipped  0/2  0.0 s", "waiting: dev"]


def test_of_many_environments_the_folded_ones_are_counted() -> None:
    names = [f"e{number:03}" for number in range(100)]
    view = FleetTable(dict.fromkeys(names, ("data",)))
    assert shown(view)[-1] == "waiting: e000, e001, e002, e003, e004, e005 and 94 more"


def many_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> list[str]:
    """What a log shows of a hundred environments that end so, one each second."""
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    names = [f"e{number:03}" for number in range(100)]
    with progress("text", 0, dict.fromkeys(names, ("data",))) as view:
        for name in names:
            now += 1
            view.show(Within(name, Started("data", "create")))
            view.show(Within(name, TABLE))
            view.show(Within(name, Finished("data", outcome, 12.0)))
            view.show(EnvironmentEnded(name, {"data": outcome}, 13.0))
    return [line[10:] for line in capsys.readouterr().err.splitlines()]


def test_a_log_of_many_environments_is_short(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = many_lines(capsys, monkeypatch, Created())
    assert len(lines) == 10
    assert lines[0] == ("10 of 100 environments done, 0:10; not done: e010, e011, e012 and 87 more")
    assert lines[-1] == "100 of 100 environments done, 1:40"


def test_a_log_says_nothing_of_those_that_have_nothing_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 0.0)
    names = [f"e{number}" for number in range(8)]
    with progress("text", 0, dict.fromkeys(names, ("data",))) as view:
        for name in names[:7]:
            view.show(Within(name, Finished("data", Unchanged(), 0.0)))
            view.show(EnvironmentEnded(name, {"data": Unchanged()}, 0.0))
        assert capsys.readouterr().err == ""
        view.show(EnvironmentEnded("e7", {"data": Created()}, 2.0))
    assert capsys.readouterr().err[10:] == "1 of 1 environments done, 0:00\n"


def test_a_log_of_many_failures_has_the_first_and_counts_the_rest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = many_lines(capsys, monkeypatch, Failed("no"))
    assert len(lines) == 16
    assert lines[5] == "e005          data           failed in 12 s: no"
    assert lines[-1] == "100 of 100 environments done, 100 stacks failed, 1:40"


def test_a_log_shows_that_it_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with progress("text", 0, dict.fromkeys("abcdefg", ("data",))) as view:
        view.show(Within("a", TABLE))
        now = 31.0
        view.show(Within("a", TABLE))
        view.show(Interrupted("Ctrl-C again cancels"))
    lines = [line[10:] for line in capsys.readouterr().err.splitlines()]
    assert lines == [
        "0 of 7 environments done, 0:31; not done: a, b, c and 4 more",
        "Ctrl-C again cancels",
    ]


def test_on_a_terminal_the_table_is_drawn_in_place(terminal: Any) -> None:
    with terminal.attached(), progress("text", 0, LAYERS) as view:
        assert isinstance(view, FleetTable)
        wait_until(lambda: "waiting: dev, qa" in terminal.shown())
        show_all(view)


def changing(stack: Stack) -> Plan:
    return Plan("qa", {"data": Planned(stack, "CREATE", {}, ChangeSet("arn", "id", ()))})


def differing(stack: Stack, names: Sequence[str]) -> dict[str, Plan]:
    """Plans of which each sets another value, and one replaces a table as well."""
    plans: dict[str, Plan] = {}
    for name in names:
        value = PropertyChange(path="/Properties/Size", before="a", after=f"{name}-{len(plans)}")
        changes = [Change("Modify", "Queue", "AWS::SQS::Queue", "False", details=(value,))]
        if name == "prod":
            changes.append(Change("Modify", "Table", "AWS::DynamoDB::Table", "True"))
        entry = Planned(stack, "UPDATE", {}, ChangeSet("arn", "id", tuple(changes)))
        plans[name] = Plan(name, {"api": NoChange(stack, {}), "data": entry})
    return plans


def test_where_many_plans_differ_what_changes_in_place_is_counted(stack: Stack) -> None:
    plans = differing(stack, ["dev", "qa", "load", "demo", "prod"])
    assert unstyle(fleet.plans_text(plans, 0)).splitlines() == [
        "Plan for dev, qa, load, demo",
        "  data           update, 1 change",
        "1 of 2 stacks would change",
        "Plan for prod",
        "  data           update, 2 changes",
        "    ! Table (AWS::DynamoDB::Table) is replaced  DATA LOSS",
        "1 of 2 stacks would change",
        "5 of 5 environments would change (--verbose shows each change)",
    ]
    verbose = unstyle(fleet.plans_text(plans, 1))
    assert all(f"Size: a -> {name}" in verbose for name in plans)


def test_a_few_plans_that_differ_are_shown_in_full(stack: Stack) -> None:
    text = unstyle(fleet.plans_text(differing(stack, ["dev", "qa", "load", "prod"]), 0))
    assert all(f"Size: a -> {name}" in text for name in ("dev", "qa", "load", "prod"))


def test_plans_that_change_nothing_are_a_line(stack: Stack) -> None:
    plans = {"dev": Plan("dev", {"data": NoChange(stack, {})}), "qa": changing(stack)}
    text = fleet.plans_text(plans, 0)
    assert text.splitlines()[0] == "Plan for \x1b[1mdev\x1b[0m: 1 stack, all unchanged"
    assert "create, 0 resources" in text
    assert text.endswith("1 of 2 environments would change")


def test_plans_that_read_alike_are_told_once(stack: Stack) -> None:
    def plan(name: str, value: str) -> Plan:
        one = replace(stack, environment=name, account_id=f"{name}-account")
        told = PropertyChange("/Properties/Name", name="Name", before="x", after=value)
        change = Change("Modify", "Topic", "AWS::SNS::Topic", "False", details=(told,))
        return Plan(name, {"data": Planned(one, "UPDATE", {}, ChangeSet("arn", "id", (change,)))})

    plans = {name: plan(name, f"pay-{name}") for name in ("dev", "qa")}
    plans |= {f"e{n:02}": plan(f"e{n:02}", "same") for n in range(20)}
    lines = click.unstyle(fleet.plans_text(plans, 0)).splitlines()
    assert lines[0] == "Plan for dev, qa"
    assert lines[3] == "        Name: x -> pay-{environment}"
    assert lines[5] == "Plan for e00, e01, e02, e03, e04, e05 and 14 more"
    assert lines[8] == "        Name: x -> same"
    assert len(lines) == 11
    assert "e19" in click.unstyle(fleet.plans_text(plans, 1))
