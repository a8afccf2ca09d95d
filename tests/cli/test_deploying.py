from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from tapgen.cli import deploying
from tapgen.cli.invocation import Invocation
from tapgen.deploy.flow.events import Finished, Message, Note, Planning, PlanReady
from tapgen.deploy.plan.approval import Ask
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.errors import UsageError
from tapgen.model.changes.change import ChangeSet
from tapgen.model.deployed.events import Created, Failed, Outcome, Skipped, Unchanged, Updated
from tapgen.model.plan import NoChange, Plan, Planned
from tapgen.model.stack import Stack


class Target:
    @staticmethod
    def command(verb: str) -> str:
        return f"tapgen {verb} --env dev"


@dataclass
class Script:
    """A deployment that says what it was told to: `Deployment` as the conversation sees it."""

    made: Plan
    end: Mapping[str, Outcome]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    discarded: list[Plan] = field(default_factory=list)
    target: type[Target] = Target
    ask: Ask | None = None
    brake: Interrupt = field(default_factory=lambda: Interrupt(cast("Any", Target)))

    @property
    def graph(self) -> Mapping[str, frozenset[str]]:
        return dict.fromkeys(self.made.entries, frozenset[str]())

    def plan(self) -> Iterator[Message]:
        for layer in self.made.entries:
            yield Planning(layer)
        yield PlanReady(self.made)

    def carry_out(self, plan: Plan, ask: Ask | None = None) -> Iterator[Message]:
        self.ask = ask
        assert plan is self.made
        for layer, outcome in self.end.items():
            self.outcomes[layer] = outcome
            yield Finished(layer, outcome, 1.0)

    def discard(self, plan: Plan) -> None:
        self.discarded.append(plan)


def changing(stack: Stack) -> Plan:
    return Plan("dev", {"data": Planned(stack, "CREATE", {}, ChangeSet("arn", "id", ()))})


def run(script: Script, output: str = "text", verbosity: int = 0, *, yes: bool = True) -> int:
    invocation = Invocation(verbosity=verbosity)
    return deploying.run(cast("Deployment", script), invocation, output, yes=yes)


def test_plan_outcomes_and_outputs_are_shown(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Script(changing(stack), {"data": Created({"KeyArn": "arn:key"})})
    assert run(script) == 0
    out, err = capsys.readouterr()
    assert out.split() == ["layer", "output", "value", "data", "KeyArn", "arn:key"]
    assert "Plan for dev" in err
    assert "created in 1.0 s" in err
    assert not script.discarded


def test_quiet_says_only_what_went_wrong(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Script(changing(stack), {"data": Created({"KeyArn": "arn:key"})}), verbosity=-1) == 0
    assert capsys.readouterr() == ("", "")
    assert run(Script(changing(stack), {"data": Failed("Name is taken")}), verbosity=-1) == 1
    out, err = capsys.readouterr()
    assert out == ""
    told = err.splitlines()
    assert "Name is taken" in told[0]
    assert [line.split()[0] for line in told[1:] if line] == ["data", "cause:", "next:"]


def test_nothing_to_do_is_not_asked_about(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    script = Script(Plan("dev", {"data": NoChange(stack, {})}), {"data": Unchanged()})
    assert run(script, yes=False) == 0
    assert "0 of 1 stacks would change" in capsys.readouterr().err


def test_json_is_one_object_a_line(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Script(changing(stack), {"data": Updated({"KeyArn": "arn:key"})}), "json") == 0
    out, err = capsys.readouterr()
    records = [json.loads(line) for line in out.splitlines()]
    events = [record["event"] for record in records]
    assert events == ["Planning", "PlanReady", "Finished", "Outcomes"]
    assert records[-1]["outcomes"]["data"]["kind"] == "Updated"
    assert err == ""


@pytest.mark.parametrize("verbosity", [-1, 0])
def test_a_no_changes_nothing_and_cleans_up(terminal: Any, stack: Stack, verbosity: int) -> None:
    script = Script(changing(stack), {})
    terminal.type("n\n")
    with terminal.attached():
        assert run(script, verbosity=verbosity, yes=False) == 0
    shown = terminal.shown()
    assert "create, 0 resources" in shown  # also quietly: what is asked about is shown
    assert "Deploy this to dev?" in shown
    assert "Nothing was changed." in shown
    assert script.discarded == [script.made]


def test_a_protected_environment_has_to_be_named(terminal: Any, protected_stack: Stack) -> None:
    entry = Planned(protected_stack, "UPDATE", {}, ChangeSet("arn", "id", ()))
    script = Script(Plan("prod", {"data": entry}), {"data": Updated()})
    terminal.type("prod\n")
    with terminal.attached():
        assert run(script, yes=False) == 0
    assert "Type 'prod' to go on" in terminal.shown()
    assert script.outcomes == {"data": Updated()}
    assert not script.discarded


def test_without_a_terminal_the_change_sets_are_cleaned_up_as_well(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    script = Script(changing(stack), {})
    with pytest.raises(UsageError):
        run(script, yes=False)
    assert script.discarded == [script.made]


def test_outcomes_are_shown_in_the_order_of_the_layers(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = {name: NoChange(stack, {}) for name in ("network", "data", "api")}
    end: dict[str, Outcome] = {"data": Unchanged(), "network": Unchanged()}
    assert run(Script(Plan("dev", entries), end)) == 0
    table = capsys.readouterr().err.partition("outcome")[2]
    assert table.split()[:4] == ["network", "unchanged", "data", "unchanged"]


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], 0),
        ([Unchanged(), Created(), Updated()], 0),
        ([Updated(), Failed("no"), Skipped("data failed")], 1),
        ([Failed("no"), Failed("data would be lost", refused=True)], 4),
    ],
)
def test_the_exit_code_tells_the_worst(outcomes: list[Outcome], code: int) -> None:
    assert deploying.exit_code(outcomes) == code


def test_planning_that_ends_without_a_plan_is_a_bug(stack: Stack) -> None:
    class Silent(Script):
        def plan(self) -> Iterator[Message]:
            yield Note("data", "nothing follows")

    with pytest.raises(RuntimeError, match="without a plan"):
        run(Silent(changing(stack), {}))
