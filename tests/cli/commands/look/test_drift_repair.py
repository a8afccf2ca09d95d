"""`repair` with a script in the place of AWS, told and asked as the command line does it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from tapgen import operations
from tapgen.cli.host import TerminalHost
from tapgen.cli.views.runs.ends import exit_code, repaired
from tapgen.deploy.flow.events import DriftFound, Finished
from tapgen.deploy.target.options import Options
from tapgen.errors import UsageError
from tapgen.model.changes.change import Change, ChangeSet
from tapgen.model.deployed.drift import DELETED, MODIFIED, STACK, LayerDrift, ResourceDrift
from tapgen.model.deployed.events import Failed, Outcome, Updated
from tapgen.model.plan import NoChange, Plan, Planned
from tapgen.model.stack import Stack
from tapgen.operations import observation

POLICY = LayerDrift("data", "CREATE_COMPLETE", (ResourceDrift("s", STACK, MODIFIED),))
DRIFTED = LayerDrift("data", "CREATE_COMPLETE", (ResourceDrift("Key", "AWS::KMS::Key", DELETED),))
CLEAN = LayerDrift("data", "CREATE_COMPLETE")
REVERT = Change("SyncWithActual", "Key", "AWS::KMS::Key")


@dataclass
class Script:
    """What is found each time somebody looks, what would be done, and how it ends."""

    found: list[LayerDrift]
    made: Plan
    end: Outcome = field(default_factory=Updated)
    local: bool = False
    discarded: int = 0
    run: Any = None

    @property
    def target(self) -> Any:
        def command(*words: str) -> str:
            return f"tapgen {' '.join(words)} --env dev"

        account = SimpleNamespace(connection=SimpleNamespace(local=self.local))
        return SimpleNamespace(
            environment="dev",
            part=lambda layers: layers,
            only=lambda _: (),
            command=command,
            account=account,
            options=Options(),
        )

    def look(self, *_: object) -> Iterator[LayerDrift]:
        yield self.found.pop(0)

    def plan(self, layers: Sequence[str]) -> Plan:
        assert layers == ["data"]
        return self.made

    def carry_out(self, plan: Plan) -> Mapping[str, Outcome]:
        assert plan is self.made
        self.run.host.tell(Finished("data", self.end, 1.0))
        return {"data": self.end}

    def discard(self) -> None:
        self.discarded += 1


Repair = Callable[..., int]


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[[Script], Any]:
    """Puts a script in the place of AWS; gives the project."""

    def put(script: Script) -> Any:
        def work(run: Any) -> Script:
            script.run = run
            return script

        def on(target: Any, host: Any) -> Any:
            return SimpleNamespace(target=target, host=host)

        monkeypatch.setattr(observation, "look_for_drift", script.look)
        monkeypatch.setattr(observation, "Repair", work)
        monkeypatch.setattr(observation, "Run", SimpleNamespace(on=on))
        monkeypatch.setattr(observation, "alone", lambda *_: nullcontext())
        return SimpleNamespace(record=False, target=lambda _: script.target)

    return put


@pytest.fixture
def repair(scripted: Callable[[Script], Any]) -> Repair:
    """As `tapgen drift --repair` does it; gives the exit code."""

    def run(script: Script, output: str = "text", verbosity: int = 0, *, yes: bool = True) -> int:
        with TerminalHost(verbosity, output, yes=yes) as host:
            done = operations.repair(scripted(script), "dev", host)
        return repaired(done, output, verbosity, host.times)

    return run


def reverting(stack: Stack) -> Plan:
    entry = Planned(stack, "UPDATE", {}, ChangeSet("arn", "id", (REVERT,)))
    return Plan("dev", {"data": entry})


def test_it_is_shown_done_and_looked_at_again(
    repair: Repair, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert repair(Script([DRIFTED, CLEAN], reverting(stack))) == 0
    out, err = capsys.readouterr()
    assert "data.Key (AWS::KMS::Key) was deleted" in out
    assert "`tapgen drift --repair --env dev` repairs it" in err
    assert "Key (AWS::KMS::Key)" in err
    assert "updated in 1.0 s" in err
    assert err.rstrip().endswith("dev has not drifted.")


def test_what_remains_is_told_by_the_exit_code(repair: Repair, stack: Stack) -> None:
    assert repair(Script([DRIFTED, DRIFTED], reverting(stack))) == 3


def test_a_failure_counts_more(repair: Repair, stack: Stack) -> None:
    assert repair(Script([DRIFTED, DRIFTED], reverting(stack), Failed("no"))) == 1


def test_without_drift_nothing_is_planned(
    repair: Repair, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert repair(Script([CLEAN], reverting(stack))) == 0
    assert "dev has not drifted." in capsys.readouterr().err


def test_what_cloudformation_does_not_see_is_left_to_people(
    repair: Repair, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Script([DRIFTED], Plan("dev", {"data": NoChange(stack, {})}))
    assert repair(script) == 3
    assert "CloudFormation finds nothing to repair" in capsys.readouterr().err


def test_a_no_leaves_everything_as_it_is(repair: Repair, terminal: Any, stack: Stack) -> None:
    script = Script([DRIFTED], reverting(stack))
    terminal.type("n\n")
    with terminal.attached():
        assert repair(script, verbosity=-1, yes=False) == 1
    shown = terminal.shown()
    assert "Do this to dev?" in shown
    assert "Key (AWS::KMS::Key)" in shown  # also quietly: what is asked about is shown
    assert "Nothing was changed." in shown
    assert script.discarded == 1


def test_a_protected_environment_has_to_be_named(
    repair: Repair, terminal: Any, protected_stack: Stack
) -> None:
    entry = Planned(protected_stack, "UPDATE", {}, ChangeSet("arn", "id", (REVERT,)))
    script = Script([DRIFTED, CLEAN], Plan("prod", {"data": entry}))
    terminal.type("prod\n")
    with terminal.attached():
        assert repair(script, yes=False) == 0
    assert script.discarded == 0


def test_without_a_terminal_nothing_is_left_behind(
    repair: Repair, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    script = Script([DRIFTED], reverting(stack))
    with pytest.raises(UsageError):
        repair(script, yes=False)
    assert script.discarded == 1


def test_json_is_one_object_a_line(
    repair: Repair, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert repair(Script([DRIFTED, CLEAN], reverting(stack)), "json") == 0
    out, _ = capsys.readouterr()
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["event"] for record in records] == ["Finished", "Outcomes", "Drift"]
    assert records[-1]["drifted"] is False


def test_a_program_is_told_the_same_and_agrees(
    scripted: Callable[[Script], Any], stack: Stack
) -> None:
    host = operations.Recorder()
    done = operations.repair(scripted(Script([DRIFTED, CLEAN], reverting(stack))), "dev", host)
    assert (done.before.is_clean, done.after.is_clean) == (False, True)
    assert done.outcomes == {"data": Updated()}
    assert done.agreed


def test_the_local_aws_is_set_back_by_hand(scripted: Callable[[Script], Any], stack: Stack) -> None:
    project = scripted(Script([DRIFTED], reverting(stack), local=True))
    assert operations.drift(project, "dev").way_back == "Repair it by hand."


def test_the_command_ends_as_its_operation_does(
    tapgen: Any, project: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = DriftFound("dev", (CLEAN,), "")
    done = observation.Repaired(clean, clean, "tapgen drift --repair --env dev")
    monkeypatch.setattr(observation, "repair", lambda *_, **__: done)
    assert tapgen("drift", "--env", "dev", "--repair", "--yes").code == 0


@pytest.mark.parametrize(
    ("outcomes", "interrupted", "code"),
    [
        ([Updated()], False, 0),
        ([Updated(), Failed("no")], False, 1),
        ([Failed("no"), Failed("guarded", refused=True)], False, 4),
        ([Failed("no")], True, 130),
    ],
)
def test_the_worst_end_is_the_exit_code(
    outcomes: list[Outcome], interrupted: bool, code: int
) -> None:
    assert exit_code(outcomes, interrupted=interrupted) == code


def test_what_was_changed_of_the_stack_itself_is_set_back_by_a_deployment(
    scripted: Callable[[Script], Any], stack: Stack
) -> None:
    way_back = "`tapgen deploy --full --layer data --env dev` repairs the drift of the stack"
    script = Script([POLICY, POLICY, DRIFTED], reverting(stack))
    done = operations.repair(scripted(script), "dev", TerminalHost(0, "json"))
    assert done.plan is None
    assert done.before.way_back == f"{way_back} itself."
    script.found.insert(0, replace(DRIFTED, resources=(*DRIFTED.resources, *POLICY.resources)))
    found = operations.drift(scripted(script), "dev")
    assert found.way_back == f"`tapgen drift --repair --env dev` repairs it. {way_back} itself."
