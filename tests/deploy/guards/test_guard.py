"""Guards that a platform brings: asked about the whole plan, and about each change set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from tapgen.deploy.flow.events import Note, Started
from tapgen.deploy.flow.host import SILENT, Recorder
from tapgen.deploy.guards.guard import Guard, Subject, guards_of
from tapgen.deploy.guards.guard import asked as ask
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.step import Choices
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError
from tapgen.model.deployed.events import Created, Failed, Skipped
from tapgen.model.layer import outputs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tapgen.deploy.target.target import Target
    from tapgen.model.stack import Stack
    from tests.lab import Lab

ALLOW: Final = "--allow-it"
asked: Final[list[Subject]] = []


def note_all(subject: Subject) -> Iterable[str]:
    asked.append(subject)
    return ("nothing is known",) if subject.entry is None else (f"{subject.entry.kind} is known",)


def no_forbidden_layer(subject: Subject) -> Iterator[str]:
    if "forbidden" in subject.layers and ALLOW not in subject.lifted:
        raise RefusedError("the layer is forbidden", f"{ALLOW} lets it pass.")
    yield from ()


def no_bad_output(subject: Subject) -> tuple[str, ...]:
    if subject.entry and subject.entry.stack.layer == "data":
        given = subject.outputs("network")["Id"]
        if given == "bad":
            raise RefusedError("network gives what is bad")
    return ()


GUARDS: Final = (
    Guard("notes", note_all, lambda target, layer: f"ask {target.environment} about {layer}"),
    Guard("forbidden", no_forbidden_layer),
    Guard("outputs", no_bad_output),
)


@pytest.fixture(autouse=True)
def fresh() -> None:
    asked.clear()


def guarded(target: Target) -> Target:
    """The target, as of a platform with these guards."""
    platform = replace(target.platform, guards="tests.deploy.guards.test_guard:GUARDS")
    return replace(target, platform=platform)


def deployment(lab: Lab, *stacks: Stack, **choices: object) -> Deployment:
    target = guarded(lab.target(*stacks))
    return Deployment(Run.on(target), target.graph, Choices(**choices))  # type: ignore[arg-type]


def chain(lab: Lab, value: str) -> tuple[Stack, Stack]:
    inputs = outputs_of("network", "Id")
    return (
        lab.stack("network", {"Note": lab.note()}, outputs={"Id": value}),
        lab.stack("data", {"Note": lab.note({"Ref": "Id"})}, inputs=inputs),
    )


def test_a_platform_may_have_none(lab: Lab) -> None:
    target = lab.target(lab.stack("network", {"Note": lab.note()}))
    plain = replace(target, platform=replace(target.platform, guards=""))
    assert guards_of(plain) == ()
    assert ask(Subject(plain, {"network"})) == ((), ())
    assert [guard.name for guard in guards_of(guarded(target))] == ["notes", "forbidden", "outputs"]


def test_a_guard_that_knows_no_remedy_says_nothing(lab: Lab) -> None:
    target = lab.target(lab.stack("network", {"Note": lab.note()}))
    notes, forbidden, _ = GUARDS
    assert notes.overdue(target, "network") == "ask lab about network"
    assert forbidden.overdue(target, "network") == ""


def test_what_is_refused_is_refused_before_anything_is_planned(lab: Lab) -> None:
    stacks = (lab.stack("forbidden", {"Note": lab.note()}), lab.stack("zone", {"Note": lab.note()}))
    with pytest.raises(RefusedError, match="the layer is forbidden"):
        deployment(lab, *stacks).plan(SILENT)
    (subject,) = asked
    assert (set(subject.layers), subject.entry) == ({"forbidden", "zone"}, None)
    assert [lab.status(name) for name in ("forbidden", "zone")] == ["ABSENT", "ABSENT"]


def test_an_option_lets_a_guard_pass(lab: Lab) -> None:
    stack = lab.stack("forbidden", {"Note": lab.note()})
    work = deployment(lab, stack, lifted=frozenset({ALLOW}))
    host = Recorder()
    outcomes = work.carry_out(work.plan(SILENT), host)
    assert isinstance(outcomes["forbidden"], Created)
    notes = [event for event in host.events if isinstance(event, Note)]
    assert Note("forbidden", "CREATE is known") in notes


def test_each_stack_is_asked_about_again_with_what_this_run_made(lab: Lab) -> None:
    work = deployment(lab, *chain(lab, "good"))
    outcomes = work.carry_out(work.plan(SILENT), SILENT)
    assert {type(outcome) for outcome in outcomes.values()} == {Created}
    _, planned, network, data = asked
    assert [set(one.layers) for one in (planned, network, data)] == [{"network"}] * 2 + [{"data"}]
    assert planned.entry == network.entry
    assert data.entry is not None  # it was pending when the plan was made
    assert data.entry.parameters == {"Id": "good"}


def test_a_stack_that_is_refused_is_not_begun(lab: Lab) -> None:
    below = lab.stack("api", {"Note": lab.note({"Ref": "Key"})}, inputs=outputs_of("data", "Key"))
    network, data = chain(lab, "bad")
    work = deployment(lab, network, data, below)
    host = Recorder()
    outcomes = work.carry_out(work.plan(SILENT), host)
    assert outcomes["data"] == Failed("network gives what is bad", refused=True)
    assert outcomes["api"] == Skipped("data failed")
    assert [event.layer for event in host.events if isinstance(event, Started)] == ["network"]
    assert lab.status("data") == "ABSENT"
