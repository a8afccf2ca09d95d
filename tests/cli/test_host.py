"""The command line as a host, with a script in the place of a run."""

from __future__ import annotations

import io
import json
import signal
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import click
import pytest

from tapgen.cli.host import TerminalHost
from tapgen.cli.interruption import noticing_interrupts
from tapgen.cli.views.runs.progress import PlainLines
from tapgen.deploy.flow.events import (
    Begins,
    DriftFound,
    Finished,
    Note,
    NotNotified,
    Planning,
    PlanReady,
    PlansReady,
    Proven,
    RollsBack,
    TakenOver,
    Within,
)
from tapgen.deploy.flow.host import Question
from tapgen.errors import UsageError
from tapgen.model.changes.change import Change, ChangeSet
from tapgen.model.deployed.events import Created
from tapgen.model.plan import Plan, Planned

if TYPE_CHECKING:
    from tapgen.model.stack import Stack

LOSS = Change("Modify", "Table", "AWS::DynamoDB::Table", replacement="True")


def changing(stack: Stack, *changes: Change) -> Planned:
    return Planned(stack, "CREATE", {}, ChangeSet("arn", "id", changes))


def told(host: TerminalHost, plan: Plan) -> None:
    """What a deployment of one environment tells."""
    layers = {"dev": tuple(plan.entries)}
    host.tell(Begins(layers))
    host.tell(Within("dev", Planning("data")))
    host.tell(Within("dev", PlanReady(plan)))
    host.tell(PlansReady({"dev": plan}))
    host.tell(Begins(layers))
    host.tell(Within("dev", Finished("data", Created(), 1.0)))


@pytest.mark.parametrize("at_a_terminal", [True, False])
def test_after_an_interrupt_that_was_lost_nothing_begins(
    terminal: Any, stack: Stack, *, at_a_terminal: bool
) -> None:
    with ExitStack() as around:
        around.enter_context(noticing_interrupts())
        if at_a_terminal:
            around.enter_context(terminal.attached())
        host = around.enter_context(TerminalHost(0, yes=True))
        assert host.ask(Question("Go on?"))
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            host.tell(Begins({"dev": ("data",)}))
        with pytest.raises(KeyboardInterrupt):
            host.ask(Question("Go on?"))


def test_whom_nobody_told_of_an_interrupt_is_said_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with noticing_interrupts(), TerminalHost(0, many=True) as host:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        host.tell(NotNotified("dev", "no notice was sent"))
    assert capsys.readouterr().err == "note: dev: no notice was sent\n"


def test_plan_and_progress_are_shown(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    with TerminalHost(0, yes=True) as host:
        told(host, Plan("dev", {"data": changing(stack)}))
    out, err = capsys.readouterr()
    assert out == ""
    assert "create, 0 resources" in err
    assert err.splitlines()[-1].endswith("  data           created in 1.0 s")


@pytest.mark.parametrize(("yes", "shown"), [(True, False), (False, True)])
def test_a_quiet_run_shows_only_what_it_asks_about(
    stack: Stack, capsys: pytest.CaptureFixture[str], yes: bool, shown: bool
) -> None:
    with TerminalHost(-1, yes=yes) as host:
        told(host, Plan("dev", {"data": changing(stack)}))
    out, err = capsys.readouterr()
    assert (out, "create, 0 resources" in err) == ("", shown)
    assert "created in" not in err


def test_json_is_one_object_a_line(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    with TerminalHost(0, "json", yes=True) as host:
        told(host, Plan("dev", {"data": changing(stack)}))
    out, err = capsys.readouterr()
    events = [json.loads(line)["event"] for line in out.splitlines()]
    assert events == ["Planning", "PlanReady", "Finished"]
    assert err == ""


@pytest.mark.parametrize(
    ("many", "lines"),
    [
        (False, ["note: taking over", "qa runs the same templates and code", "note: data: soon"]),
        (True, ["note: dev: taking over", "note: data: soon"]),
    ],
)
def test_what_is_worth_knowing_is_told(
    capsys: pytest.CaptureFixture[str], many: bool, lines: list[str]
) -> None:
    with TerminalHost(0, many=many) as host:
        host.tell(TakenOver("dev", "taking over"))
        host.tell(Proven("dev", "qa"))
        host.tell(Note("data", "soon, before anything has begun"))
        host.tell(Planning("data"))
    shown = capsys.readouterr().err.splitlines()
    assert [line.partition(",")[0] for line in shown] == lines


def test_where_a_rollback_leads_is_told_before_its_plan(
    capsys: pytest.CaptureFixture[str],
) -> None:
    event = RollsBack("dev", 4, "2026-03-01T09:30:00Z", "", ("zone is left as deployed",))
    lines = [
        "Back to release 4 of dev, 2026-03-01 09:30:00 UTC",
        "note: data is not rolled back",
        "note: zone is left as deployed",
    ]
    for verbosity, yes, shown in ((0, True, lines), (-1, False, lines), (-1, True, [])):
        with TerminalHost(verbosity, yes=yes) as host:
            host.tell(event)
        assert capsys.readouterr().err.splitlines() == shown
    with TerminalHost(0, "json") as host:
        host.tell(event)
    out, err = capsys.readouterr()
    assert (json.loads(out)["release"], err) == (4, "")


def test_drift_is_shown_where_text_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    found = DriftFound("dev", (), "Repair it by hand.")
    with TerminalHost(-1, "json") as host:
        host.tell(found)
    assert capsys.readouterr() == ("", "")
    with TerminalHost(-1) as host:
        host.tell(found)
    assert capsys.readouterr() == ("", "")
    with TerminalHost(0) as host:
        host.tell(found)
    assert "dev has not drifted.\n" in capsys.readouterr().err


def test_a_run_that_nobody_reads_of_any_more_is_broken_off() -> None:
    host = TerminalHost(0)
    host._view = Mock(spec=PlainLines)
    host._view.show.side_effect = BrokenPipeError
    with pytest.raises(KeyboardInterrupt):
        host.tell(Note("data", "text"))


# --- asking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "question", "agreed"),
    [
        ("y\n", Question("Deploy this to dev?"), True),
        ("n\n", Question("Deploy this to dev?"), False),
        ("prod\n", Question("Deploy this to prod?", None, "prod"), True),
        ("y\n", Question("Deploy this to prod?", None, "prod"), False),
    ],
)
def test_the_answer_is_what_is_typed(
    terminal: Any, typed: str, question: Question, agreed: bool
) -> None:
    terminal.type(typed)
    with terminal.attached(), TerminalHost(0) as host:
        assert host.may_ask
        assert host.ask(question) is agreed
    shown = terminal.shown()
    assert question.text in shown
    assert ("Type 'prod' to continue" in shown) is bool(question.type_name)


def test_without_a_terminal_somebody_has_to_say_yes_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    host = TerminalHost(0)
    assert not host.may_ask
    with pytest.raises(UsageError, match="no terminal to ask"):
        host.ask(Question("Deploy this to dev?"))
    assert TerminalHost(0, yes=True).ask(Question("Deploy this to dev?"))
    assert not TerminalHost(0, yes=True).may_ask


@pytest.mark.parametrize("many", [False, True])
def test_in_the_middle_of_a_run_it_is_said_what_it_is_about(
    terminal: Any, stack: Stack, many: bool
) -> None:
    terminal.type("y\n")
    with terminal.attached(), TerminalHost(0, many=many) as host:
        host.tell(Begins({"dev": ("data",), **({"qa": ()} if many else {})}))
        assert host.ask(Question("Continue with this?", changing(stack, LOSS)))
    shown = terminal.shown()
    name = "dev data" if many else "data"
    assert f"\n{name} was pending. Its inputs are now known:" in shown.replace("\r", "")
    assert "Table (AWS::DynamoDB::Table) is replaced" in shown


def test_ctrl_c_at_a_question_ends_the_run(
    terminal: Any, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(*_: object, **__: object) -> bool:
        signal.raise_signal(signal.SIGINT)
        return True

    monkeypatch.setattr("tapgen.cli.host.confirm", pressed)
    with terminal.attached(), TerminalHost(0) as host, pytest.raises(KeyboardInterrupt):
        host.ask(Question("Continue with this?", changing(stack)))
    assert host.interrupt.presses == 0


def test_at_a_terminal_ctrl_c_stops_what_runs_in_steps(terminal: Any) -> None:
    before = signal.getsignal(signal.SIGINT)
    with terminal.attached(), TerminalHost(0) as host:
        with pytest.raises(KeyboardInterrupt):  # nothing is at work
            signal.raise_signal(signal.SIGINT)
        run = Mock(running=tuple)
        with host.interrupt.around([run]):
            signal.raise_signal(signal.SIGINT)
        assert (host.interrupt.presses, run.state.stopping) == (1, True)
    assert signal.getsignal(signal.SIGINT) is before


def test_in_the_middle_of_a_run_nobody_is_asked_without_a_terminal(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with TerminalHost(0) as host:
        host.tell(Begins({"dev": ("data",)}))
        with pytest.raises(UsageError, match="no terminal to ask"):
            host.ask(Question("Continue with this?", changing(stack, LOSS)))
    assert "data was pending" in capsys.readouterr().err


def test_ctrl_d_at_a_question_in_the_middle_is_like_ctrl_c(
    terminal: Any, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapgen.cli.host.confirm", Mock(side_effect=click.Abort))
    with terminal.attached(), TerminalHost(0) as host, pytest.raises(KeyboardInterrupt):
        host.ask(Question("Continue with this?", changing(stack)))
