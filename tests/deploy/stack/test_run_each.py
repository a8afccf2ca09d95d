"""Work on several stacks whose outcomes are collected, and how a watched operation ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import Watched
from tapgen.deploy.flow.events import Finished, Note
from tapgen.deploy.stack.interruption import InterruptedRunError
from tapgen.deploy.stack.run_each import ending, run_each
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Created, Deleted, Failed, RolledBack, Updated
from tests.lab import Reacting, told

if TYPE_CHECKING:
    from tapgen.deploy.flow.events import Event
    from tapgen.deploy.target.run import Run
    from tapgen.model.deployed.events import Outcome
    from tapgen.model.stack import Stack
    from tests.lab import Lab

GRAPH = {"network": frozenset[str](), "data": frozenset({"network"})}


def stacks(lab: Lab) -> tuple[Stack, Stack]:
    return lab.stack("network", {"Note": lab.note()}), lab.stack("data", {"Note": lab.note()})


def test_each_is_done_in_order_whatever_becomes_of_the_others(lab: Lab) -> None:
    run = lab.run(*stacks(lab))

    def work(own: Run, stack: Stack) -> Outcome:
        own.note(stack, f"at {stack.name}")
        if stack.layer == "network":
            raise TapgenError("AccessDenied", "Ask.")
        return Deleted()

    outcomes = run_each(run, GRAPH, work, "recover", ["--layer network", "--layer data"])
    again = "`tapgen recover --env lab --layer network --layer data --local`"
    failed = Failed("AccessDenied", hint=f"Ask. {again} continues from there.")
    assert outcomes == {"network": failed, "data": Deleted()}
    events = [event for event in told(run) if not isinstance(event, Finished)]
    assert events == [Note("network", "at lab-network"), Note("data", "at lab-data")]
    finished = [event for event in told(run) if isinstance(event, Finished)]
    assert {event.layer: event.outcome for event in finished} == outcomes


def test_ctrl_c_begins_nothing_new_and_names_the_command_that_goes_on(lab: Lab) -> None:
    def interrupting(_: Event) -> None:
        raise KeyboardInterrupt

    run = lab.run(*stacks(lab), host=Reacting(then=interrupting))
    begun: list[str] = []

    def work(own: Run, stack: Stack) -> Outcome:
        begun.append(stack.layer)
        own.note(stack, "begins")
        return Deleted()

    with pytest.raises(InterruptedRunError) as told_so:
        run_each(run, GRAPH, work, "recover")
    assert told_so.value.hint == "`tapgen recover --env lab --local` again continues from there."
    assert begun == ["network"]
    assert not any(isinstance(event, Finished) for event in told(run))


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("CREATE_COMPLETE", Created({"Id": "1"})),
        ("IMPORT_COMPLETE", Created({"Id": "1"})),
        ("UPDATE_COMPLETE", Updated({"Id": "1"})),
        ("DELETE_COMPLETE", Deleted()),
    ],
)
def test_a_status_of_success_is_an_outcome(lab: Lab, status: str, outcome: Outcome) -> None:
    network, _ = stacks(lab)
    watched = Watched(StackState("lab-network", status, outputs={"Id": "1"}), ())
    assert ending(lab.run(network), network, watched) == outcome


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_rollback_is_a_failure_unless_it_was_wanted(lab: Lab, status: str) -> None:
    network, _ = stacks(lab)
    run = lab.run(network)
    watched = Watched(StackState("lab-network", status, reason="no room"), ())
    assert ending(run, network, watched, back=True) == RolledBack()
    hint = (
        "Fix the cause, then run `tapgen deploy --env lab --local` again: "
        "what has succeeded stays as it is."
    )
    assert ending(run, network, watched) == Failed("no room", status, hint=hint)
