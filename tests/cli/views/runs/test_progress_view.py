from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from rich.console import Console

from tapgen.cli.views.runs.progress import JsonLines, LiveTable, PlainLines, View
from tapgen.cli.views.runs.showing import progress
from tapgen.deploy.flow.events import (
    EnvironmentEnded,
    Event,
    Finished,
    Hooked,
    Interrupted,
    Note,
    Planning,
    PlanReady,
    Progress,
    Started,
    Within,
)
from tapgen.model.deployed.events import Created, Failed, ResourceEvent, Unchanged
from tapgen.model.plan import Plan
from tests.waiting import wait_until

GOOD = Progress("data", ResourceEvent("1", "Table", "t", "T", "CREATE_COMPLETE"))
WRONG = Progress("data", ResourceEvent("2", "Key", "k", "T", "CREATE_FAILED", "Not allowed"))
EVENTS: list[Event] = [
    Planning("data"),
    PlanReady(Plan("dev", {})),
    Started("data", "create"),
    Hooked("data", "migrate", "before", "begins", 60.0),
    Note("data", "uploaded code"),
    GOOD,
    WRONG,
    Finished("data", Failed("Not allowed"), 12.2),
    Finished("api", Unchanged(), 0.0),
]
LAYERS = {"dev": ("data", "api")}
QUIET = ["data           failed in 12 s: Not allowed"]
PLAIN = [
    "data           create started",
    "data           hook migrate begins (before it, at most 60 s)",
    "data           uploaded code",
    "data           CREATE_FAILED Key: Not allowed",
    *QUIET,
]
VERBOSE = [
    "data           comparing with AWS",
    *PLAIN[:3],
    "data           CREATE_COMPLETE Table",
    *PLAIN[3:],
    "api            unchanged",
]


def show_all(view: View) -> None:
    for event in EVENTS:
        view.show(Within("dev", event))
    view.show(EnvironmentEnded("dev", {}, 1.0))


@pytest.mark.parametrize(("verbosity", "lines"), [(-1, QUIET), (0, PLAIN), (1, VERBOSE)])
def test_plain_lines_have_a_time_and_go_to_stderr(
    capsys: pytest.CaptureFixture[str], verbosity: int, lines: list[str]
) -> None:
    with progress("text", verbosity, LAYERS) as view:
        assert isinstance(view, PlainLines)
        show_all(view)
    out, err = capsys.readouterr()
    assert out == ""
    assert [line[10:] for line in err.splitlines()] == lines
    assert all(re.match(r"\d\d:\d\d:\d\d  ", line) for line in err.splitlines())


def test_json_lines_go_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("json", 0, LAYERS) as view:
        assert isinstance(view, JsonLines)
        show_all(view)
    out, err = capsys.readouterr()
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["event"] for record in records] == [
        *(type(event).__name__ for event in EVENTS),
        "EnvironmentEnded",
    ]
    assert {record["environment"] for record in records} == {"dev"}
    assert err == ""


def shown(view: LiveTable) -> list[str]:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(view.table())
    return [line.rstrip() for line in capture.get().splitlines()]


def test_the_live_table_has_a_line_for_each_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    view = LiveTable(["data", "api"])
    assert shown(view) == ["data  waiting", "api   waiting", "0 of 2 done, 0:00"]
    view.show(Planning("data"))
    assert shown(view)[0] == "data  comparing"
    view.show(Started("data", "create"))
    view.show(GOOD)
    now = 105.0
    assert shown(view)[0] == "data  creating  5.0 s  Table CREATE_COMPLETE"
    view.show(Started("data", "update"))  # adopted, now brought in line: the clock goes on
    view.show(Note("data", "uploaded code"))
    now = 120.0
    assert shown(view)[0] == "data  updating  20 s  uploaded code"
    view.show(Hooked("data", "warm", "after", "ended", 1.5))
    assert shown(view)[0] == "data  updating  20 s  hook warm ended (after it, 1.5 s)"
    view.show(Finished("data", Created(adopted=("Table",)), 21.0))
    view.show(Finished("api", Unchanged(), 0.0))
    now = 500.0
    assert shown(view) == [
        "data  created, data adopted  21 s  Table",
        "api   unchanged",
        "2 of 2 done, 6:40",
    ]


def test_the_live_table_spells_out_what_would_steer_the_terminal() -> None:
    view = LiveTable(["data"])
    view.show(Note("data", "\x1b[2Jgone"))
    assert shown(view)[0] == r"data  waiting    \x1b[2Jgone"


def test_the_live_table_passes_by_what_is_not_about_its_stacks() -> None:
    view = LiveTable(["data"])
    view.show(PlanReady(Plan("dev", {})))
    view.show(Note("zone", "text"))
    view.show(Progress("data", GOOD.event))
    assert shown(view)[0] == "data  waiting    Table CREATE_COMPLETE"


def test_on_a_terminal_the_table_is_drawn_in_place(terminal: Any) -> None:
    with terminal.attached(), progress("text", 0, LAYERS) as view:
        assert isinstance(view, LiveTable)
        wait_until(lambda: "waiting" in terminal.shown())
        show_all(view)
        wait_until(lambda: "failed" in terminal.shown())
    drawn = terminal.shown()
    assert "\x1b[1A" in drawn  # the cursor goes up
    assert "failed" not in drawn.rpartition("\x1b[1A")[2]  # and nothing of it is left


def test_of_a_run_that_is_broken_off_the_table_stays(terminal: Any) -> None:
    def broken_off() -> None:
        with progress("text", 0, LAYERS) as view:
            show_all(view)
            raise KeyboardInterrupt

    with terminal.attached():
        with pytest.raises(KeyboardInterrupt):
            broken_off()
        drawn = terminal.shown()
    assert "failed" in drawn.rpartition("\x1b[1A")[2] or "\x1b[1A" not in drawn
    assert "1 of 2 done" in drawn or "2 of 2 done" in drawn


def test_on_a_terminal_lines_are_plain_when_more_or_less_is_asked_for(terminal: Any) -> None:
    for verbosity in (-1, 1):
        with terminal.attached(), progress("text", verbosity, LAYERS) as view:
            assert isinstance(view, PlainLines)


def test_what_ctrl_c_means_is_said_even_in_a_quiet_run(capsys: pytest.CaptureFixture[str]) -> None:
    PlainLines(-1).show(Interrupted("Ctrl-C again cancels"))
    assert capsys.readouterr().err.endswith("  Ctrl-C again cancels\n")


def test_what_ctrl_c_means_stays_below_the_table() -> None:
    view = LiveTable(["data"])
    view.show(Started("data", "rollback"))
    view.show(Interrupted("Ctrl-C again cancels"))
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(view.table())
    lines = [line.rstrip() for line in console.export_text().splitlines()]
    assert lines[0].startswith("data  rolling back  ")
    assert lines[-1] == "Ctrl-C again cancels"
