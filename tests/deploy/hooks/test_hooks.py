"""Hooks around layers: when they are called, with what, and what becomes of what they raise."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.cli.views.runs.plans import plan_text
from tapgen.cli.views.runs.progress import hook_words
from tapgen.deploy.flow.events import Hooked, Note
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.hooks.hook import HookSubject, planned_hooks, reviewed_hooks
from tapgen.deploy.plan import plan_files
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.step import Choices
from tapgen.deploy.target.lock import locked
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Created, Failed, Outcome, Skipped, Unchanged, Updated
from tapgen.model.layer import OutputRef
from tapgen.model.plan import Blocked, NoChange, Plan, PlannedHook
from tests.deploy.hooks import sample

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.deploy.flow.events import Event
    from tapgen.deploy.target.target import Target
    from tapgen.model.stack import Stack
    from tests.lab import Lab


@pytest.fixture(autouse=True)
def _nothing_called() -> Iterator[None]:
    sample.CALLED.clear()
    sample.DOING.clear()
    yield
    sample.DOING.clear()


def stacks(lab: Lab, value: str = "one") -> tuple[Stack, Stack]:
    data = lab.stack("data", {"Note": lab.note(value)}, outputs={"Value": value})
    api = lab.stack(
        "api", {"Note": lab.note({"Ref": "Value"})}, inputs={"Value": OutputRef("data", "Value")}
    )
    return data, api


def hooked(lab: Lab, *declared: Stack, hooks: str = "HOOKS") -> Target:
    target = lab.target(*declared)
    name = f"tests.deploy.hooks.sample:{hooks}"
    return replace(target, platform=replace(target.platform, hooks=name))


def deployed(
    target: Target, host: Recorder | None = None, **choices: Any
) -> tuple[Plan, dict[str, Outcome], list[Event]]:
    """Plan and deploy under the lock, which remembers what was left undone."""
    host = host or Recorder()
    run = Run.on(target, host)
    deployment = Deployment(run, target.graph, Choices(**choices))
    with locked(run, "deploy"):
        plan = deployment.plan(host)
        return plan, deployment.carry_out(plan, host), host.events


def called() -> list[tuple[str, str]]:
    return [(when, subject.layer) for when, subject in sample.CALLED]


def test_they_are_called_around_what_changes_and_no_other(lab: Lab) -> None:
    plan, outcomes, told = deployed(hooked(lab, *stacks(lab)))
    assert all(isinstance(one, Created) for one in outcomes.values())
    assert called() == [
        ("before", "data"), ("after", "data"), ("object", "data"), ("object", "api")
    ]  # fmt: skip
    assert plan.hooks == {
        "data": (
            PlannedHook("migrate", "before", 5),
            PlannedHook("migrate", "after", 5),
            PlannedHook("warm", "after", 60.0),
        ),
        "api": (PlannedHook("warm", "after", 60.0),),
    }
    lines = plan_text(plan, 0)
    assert "    before it: migrate, at most 5 s" in lines
    assert "    after it: warm, at most 60 s" in lines
    of_data = [one for one in told if isinstance(one, Hooked) and one.layer == "data"]
    assert [(one.hook, one.when, one.state) for one in of_data] == [
        ("migrate", "before", "begins"), ("migrate", "before", "ended"),
        ("migrate", "after", "begins"), ("migrate", "after", "ended"),
        ("warm", "after", "begins"), ("warm", "after", "ended"),
    ]  # fmt: skip
    assert of_data[0].seconds == 5

    sample.CALLED.clear()
    plan, outcomes, _ = deployed(hooked(lab, *stacks(lab)))
    assert all(isinstance(one, Unchanged) for one in outcomes.values())
    assert (called(), plan.hooks, plan.has_changes) == ([], {}, False)


def test_they_get_the_outputs_the_account_and_a_voice(lab: Lab) -> None:
    told = Recorder()
    seen: list[str] = []

    def look(subject: HookSubject) -> None:
        seen.append(subject.client("sts").get_caller_identity()["Account"])
        seen.append(subject.client("ssm", "eu-west-1").meta.region_name)
        subject.note("looked")

    sample.DOING["before"] = look
    deployed(hooked(lab, *stacks(lab)), told)
    before, after = (one for when, one in sample.CALLED if when in {"before", "after"})
    assert (before.environment, before.layer, before.stack) == ("lab", "data", "lab-data")
    assert (before.account_id, before.region) == (lab.account, "us-east-1")
    assert (before.outputs, after.outputs) == ({}, {"Value": "one"})
    assert seen == [lab.account, "eu-west-1"]
    assert Note("data", "looked") in told.events
    assert not before.stopped()
    of_api = next(one for when, one in sample.CALLED if one.layer == "api")
    assert of_api.others("data") == {"Value": "one"}

    sample.CALLED.clear()
    deployed(hooked(lab, *stacks(lab, "two")))
    assert sample.CALLED[0][1].outputs == {"Value": "one"}
    assert sample.CALLED[1][1].outputs == {"Value": "two"}


def test_a_dry_run_calls_none(lab: Lab) -> None:
    target = hooked(lab, *stacks(lab))
    deployment = Deployment(Run.on(target), target.graph)
    plan = deployment.plan(Recorder())
    deployment.discard(plan)
    assert plan.hooks
    assert called() == []


def test_what_is_raised_before_stops_the_layer_before_anything_is_begun(lab: Lab) -> None:
    def fail(_: object) -> None:
        raise ValueError("no table")

    sample.DOING["before"] = fail
    _, outcomes, told = deployed(hooked(lab, *stacks(lab)))
    failed = outcomes["data"]
    assert isinstance(failed, Failed)
    assert failed.reason.startswith("the hook migrate before data failed: ValueError: no table (")
    assert "deploy/hooks/test_hooks.py:" in failed.reason
    assert failed.hint.startswith("Fix the hook, or the cause.")
    assert outcomes["api"] == Skipped("data failed")
    assert lab.status("data") == "ABSENT"
    (state,) = [one for one in told if isinstance(one, Hooked) and one.state == "failed"]
    assert hook_words(replace(state, seconds=2.0)) == "hook migrate failed (before it, 2.0 s)"
    begins = replace(state, state="begins", seconds=5.0)
    assert hook_words(begins) == "hook migrate begins (before it, at most 5 s)"


@pytest.mark.parametrize("kind", [TapgenError, RefusedError])
def test_an_expected_error_keeps_its_words_and_its_kind(lab: Lab, kind: type[TapgenError]) -> None:
    def refuse(_: object) -> None:
        raise kind("not on a Friday", "Wait.")

    sample.DOING["before"] = refuse
    failed = deployed(hooked(lab, *stacks(lab)))[1]["data"]
    assert isinstance(failed, Failed)
    assert failed.reason.startswith("the hook migrate before data: not on a Friday (")
    assert failed.hint.startswith("Wait.")
    assert failed.refused is (kind is RefusedError)


def test_what_a_library_raises_is_told_with_the_place_that_called_it(lab: Lab) -> None:
    def ask(subject: HookSubject) -> None:
        subject.client("ssm").get_parameter(Name="/nobody")

    sample.DOING["before"] = ask
    failed = deployed(hooked(lab, *stacks(lab)))[1]["data"]
    assert isinstance(failed, Failed)
    assert "ParameterNotFound" in failed.reason
    assert "deploy/hooks/test_hooks.py:" in failed.reason


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda one: one.client("zzz"), "reaching AWS zzz: there is no such service ("),
        (lambda one: one.others("zzz"), "payments has no layer zzz ("),
    ],
)
def test_what_there_is_not_is_said_shortly(
    lab: Lab, ask: Callable[[HookSubject], object], told: str
) -> None:
    sample.DOING["before"] = ask
    failed = deployed(hooked(lab, *stacks(lab)))[1]["data"]
    assert isinstance(failed, Failed)
    assert failed.reason.startswith(f"the hook migrate before data: {told}")
    assert len(failed.reason + failed.hint) < 400


def test_what_it_prints_is_no_result(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    sample.DOING["before"] = lambda _: print("migrating")  # noqa: T201 - as people do
    deployed(hooked(lab, *stacks(lab)))
    assert tuple(capsys.readouterr()) == ("", "migrating\n")


def test_what_is_raised_after_is_called_again_where_nothing_else_is_to_do(lab: Lab) -> None:
    def fail(_: object) -> None:
        raise SystemExit(3)

    sample.DOING["after"] = fail
    _, outcomes, _ = deployed(hooked(lab, *stacks(lab)))
    failed = outcomes["data"]
    assert isinstance(failed, Failed)
    assert failed.reason.startswith("the hook migrate after data failed: SystemExit: 3 (")
    assert failed.hint == (
        "Fix the hook, or the cause. The stack is as declared; "
        "`tapgen deploy --env lab --local` calls the hook again."
    )
    assert lab.status("data") == "CREATE_COMPLETE"
    assert outcomes["api"] == Skipped("data failed")

    sample.CALLED.clear()
    sample.DOING.clear()
    plan, outcomes, _ = deployed(hooked(lab, *stacks(lab)))
    assert isinstance(plan.entries["data"], NoChange)
    assert [hook.when for hook in plan.hooks["data"]] == ["after", "after"]
    assert plan.has_changes
    assert [type(outcomes[layer]) for layer in ("data", "api")] == [Unchanged, Created]
    assert called() == [("after", "data"), ("object", "data"), ("object", "api")]

    sample.CALLED.clear()
    plan, _, _ = deployed(hooked(lab, *stacks(lab)))
    assert (called(), plan.hooks) == ([], {})


def test_one_that_takes_too_long_is_told(lab: Lab) -> None:
    release = threading.Event()
    sample.DOING["before"] = lambda _: release.wait(60)
    try:
        failed = deployed(hooked(lab, *stacks(lab), hooks="FAST"))[1]["data"]
    finally:
        release.set()
    assert isinstance(failed, Failed)
    assert failed.reason == "the hook slow before data did not finish in time"
    assert failed.hint.startswith(
        "Work that it has started may continue until tapgen ends. Increase the"
    )


def test_whoever_presses_ctrl_c_twice_waits_for_none(lab: Lab) -> None:
    release = threading.Event()
    target = hooked(lab, *stacks(lab))
    run = Run.on(target, Recorder())
    deployment = Deployment(run, target.graph)
    plan = deployment.plan(Recorder())

    def hang(subject: HookSubject) -> None:
        run.state.stopping = True
        assert subject.stopped()
        run.state.cancelling = True
        release.wait(60)

    sample.DOING["before"] = hang
    try:
        outcomes = deployment.carry_out(plan, Recorder())
    finally:
        release.set()
    assert outcomes["data"] == Skipped("interrupted")
    assert lab.status("data") == "ABSENT"


def test_ctrl_c_after_the_layer_leaves_the_hook_for_the_next_run(lab: Lab) -> None:
    release = threading.Event()
    target = hooked(lab, *stacks(lab))
    run = Run.on(target, Recorder())
    deployment = Deployment(run, target.graph)
    plan = deployment.plan(Recorder())

    def hang(_: object) -> None:
        run.state.stopping = run.state.cancelling = True
        release.wait(60)

    sample.DOING["after"] = hang
    try:
        outcomes = deployment.carry_out(plan, Recorder())
    finally:
        release.set()
    assert outcomes["data"] == Skipped("interrupted")
    assert "data" in run.state.unfinished
    assert "data" in planned_hooks(run, replace(plan, entries={
        "data": NoChange(target.stacks["data"], {})
    }))  # fmt: skip


@pytest.mark.parametrize(
    ("hooks", "message", "hint"),
    [
        (
            "LOST",
            "the hook lost is for the layer dta, but payments has no such layer; did you",
            "Its",
        ),
        (
            "WRONG",
            """\
the hook far is for the layer elsewhere, but payments has no such layer
the hook lost is for the layer elsewhere, but payments has no such layer""",
            "Its layers: network, data",
        ),
        (
            "FAULTY",
            """\
the hook one: `layers` is 'data', but must be a tuple of texts
the hook one: `seconds` is 'x', but must be a number of seconds above 0
the hook two: `after` is <class 'tapgen.deploy.hooks.hook.Hook'>, but must be a function of 1""",
            "Correct the hooks of the platform payments.",
        ),
        (
            "IDLE",
            """\
the hook idle: it is never called: give it `layers`, and `before` or `after`
the hook idle: it is never called: give it `layers`, and `before` or `after`
hooks of the platform payments: the hook idle is declared twice""",
            "Correct the hooks",
        ),
        ("GONE", "hooks of the platform payments: 'tests.deploy.hooks.sample:GONE' cannot be", ""),
    ],
)
def test_what_is_wrong_with_hooks_is_told_before_anything_is_begun(
    lab: Lab, hooks: str, message: str, hint: str
) -> None:
    with pytest.raises(TapgenError) as raised:
        deployed(hooked(lab, *stacks(lab), hooks=hooks))
    placed = r"(?m)^tests/deploy/hooks/sample\.py:\d+: "
    assert re.sub(placed, "", raised.value.message).startswith(message)
    assert hint in raised.value.hint
    assert lab.status("data") == "ABSENT"


def test_a_plan_file_holds_only_for_the_hooks_that_were_reviewed(lab: Lab, tmp_path: Path) -> None:
    target, path = hooked(lab, *stacks(lab)), tmp_path / "plan.json"
    deployment = Deployment(Run.on(target), target.graph, Choices(mark="-kept"))
    plan = deployment.plan(Recorder())
    plan_files.save(plan, path, target)
    kept = json.loads(path.read_text())["hooks"]
    assert [hook.partition(", ")[0] for hook in kept["data"]] == [
        "before migrate", "after migrate", "after warm"
    ]  # fmt: skip
    assert kept == reviewed_hooks(target, ["data", "api"])
    assert kept["data"][0].startswith("before migrate, 5 s, ")

    saved = plan_files.load(path)
    assert plan_files.reviewed_plan(saved, target, "plan.json").entries.keys() == {"data", "api"}
    other = hooked(lab, *stacks(lab), hooks="FAST")
    with pytest.raises(RefusedError) as refused:
        plan_files.reviewed_plan(saved, other, "plan.json")
    assert refused.value.message.splitlines()[1:] == [
        "  data: its hooks, or the files that they are in, have changed",
        "  api: its hooks, or the files that they are in, have changed",
    ]
    with pytest.raises(RefusedError, match="its hooks, or the files"):
        plan_files.reviewed_plan(saved, lab.target(*stacks(lab)), "plan.json")
    reviewed = Deployment(Run.on(target), target.graph, Choices(strict=True))
    outcomes = reviewed.carry_out(
        reviewed.guarded(plan_files.reviewed_plan(saved, target, "plan.json")), Recorder()
    )
    assert isinstance(outcomes["data"], Created)
    assert called()[:2] == [("before", "data"), ("after", "data")]


def test_an_update_calls_them_too(lab: Lab) -> None:
    lab.deploy(*stacks(lab))
    _, outcomes, _ = deployed(hooked(lab, *stacks(lab, "two")))
    assert isinstance(outcomes["data"], Updated)
    assert called()[:2] == [("before", "data"), ("after", "data")]


def test_what_is_blocked_has_none(lab: Lab) -> None:
    target = hooked(lab, *stacks(lab))
    stuck = Blocked(target.stacks["data"], "UPDATE_FAILED", "it is stuck", "recover")
    assert planned_hooks(Run.on(target), Plan("lab", {"data": stuck})) == {}
