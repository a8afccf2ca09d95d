"""Guards that a platform brings: asked about the whole plan, and about each change set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from tapgen.deploy.flow.events import Note, Started
from tapgen.deploy.flow.host import SILENT, Recorder
from tapgen.deploy.guards.guard import Guard, Subject, UnderWay, guards_of
from tapgen.deploy.guards.guard import asked as ask
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.step import Choices
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError, TapgenError, UsageError
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


def asked_of(**functions: object) -> Guard:
    return Guard("odd", **functions)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("guard", "ask_it", "told", "hint"),
    [
        (asked_of(check=lambda _: "Friday"), "notes", "returns 'Friday' (str)", "a text for each"),
        (asked_of(check=lambda _: None), "notes", "returns nothing", "a text for each"),
        (asked_of(check=lambda _: [3]), "notes", "returns 3 (int)", "a text each time"),
        (
            asked_of(under_way=lambda _: "update"),
            "at_work",
            "returns 'update' (str)",
            "an UnderWay",
        ),
        (asked_of(overdue=lambda *_: None), "way_out", "returns nothing", "a text."),
        (
            asked_of(before_destroy=lambda *_: ["x"]),
            "before_destruction",
            "returns 'x' (str)",
            "tuple",
        ),
        (
            asked_of(before_destroy=lambda *_: [("x", "y")]),
            "before_destruction",
            "returns ('x', 'y') (tuple)",
            "pairs",
        ),
    ],
)
def test_what_a_guard_may_not_give_is_told(guard: Guard, ask_it: str, told: str, hint: str) -> None:
    arguments = {"notes": 1, "at_work": 1}.get(ask_it, 2)
    with pytest.raises(TapgenError) as wrong:
        getattr(guard, ask_it)(*[{"network": 1}] * arguments)
    assert wrong.value.message.startswith("tests/deploy/guards/test_guard.py:")
    assert f": the guard odd {told}" in wrong.value.message
    assert hint in wrong.value.hint


def test_a_guard_says_what_is_under_way_and_what_to_do() -> None:
    work = UnderWay("an update", 60, "Look.")
    guard = asked_of(
        under_way=lambda _: work,
        overdue=lambda _, layer: f"ask about {layer}",
        before_destroy=lambda _, layers: [(layer, "goes") for layer in layers],
    )
    nobody: Any = None
    assert guard.at_work(nobody) == work
    assert guard.way_out(nobody, "network") == "ask about network"
    assert guard.before_destruction(nobody, ["network"]) == [("network", "goes")]
    assert [*guard.faults()] == []


def test_what_is_no_function_of_a_subject_is_a_fault() -> None:
    wrong = Guard("", check=lambda: (), overdue=3)  # type: ignore[arg-type, misc]
    names = [fault.partition(" is ")[0] for fault in wrong.faults()]
    assert names == ["`name`", "`check`", "`overdue`"]


def test_outputs_are_asked_of_layers_that_there_are(lab: Lab) -> None:
    work = deployment(lab, lab.stack("network", {"Note": lab.note()}))
    assert work.outputs("network") == {}
    assert work.outputs("cdn") == {}, "the environment leaves it out"
    with pytest.raises(UsageError) as wrong:
        work.outputs("netwrk")
    assert (wrong.value.message, wrong.value.hint) == (
        "payments has no layer netwrk",
        "Did you mean network?",
    )
    with pytest.raises(UsageError) as far:
        work.outputs("zzz")
    assert far.value.hint.startswith("Its layers: network, data, ")
