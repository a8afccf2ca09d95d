"""Several environments in one run, on the local AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import pytest

from tapgen.aws.account import Connection
from tapgen.aws.accounts import Accounts
from tapgen.aws.cloudformation.change_sets import ChangeSets
from tapgen.deploy.flow import walk
from tapgen.deploy.flow.events import (
    EnvironmentEnded,
    FleetMessage,
    Interrupted,
    Note,
    Progress,
    Started,
    Within,
)
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.fleet import Fleet
from tapgen.deploy.stack.interruption import InterruptedRunError
from tapgen.deploy.stack.open_change_sets import OpenChangeSets
from tapgen.deploy.target.lock import holder, locked, machine
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Created, Failed, Skipped, Unchanged, Updated
from tapgen.model.layer import OutputRef
from tapgen.model.plan import NoChange, Pending, Planned
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab

pytestmark = pytest.mark.slow

Faults = Callable[[dict[str, Any]], None]
QA = OutputRef("data", "Value", environment="qa")


def of(environment: str, stack: Stack) -> Stack:
    """The laboratory's stack as one of that environment."""
    name = f"{environment}-{stack.layer}"
    tags = {**stack.tags, "Environment": environment}
    return replace(stack, environment=environment, name=name, tags=tags)


def data(lab: Lab, environment: str, value: str = "one", resource: str = "Note") -> Stack:
    """A stack whose output becomes another when `value` does."""
    stack = lab.stack(
        "data",
        {resource: lab.note(Name={"Ref": "Name"})},
        parameters={"Name": f"{environment}-{value}"},
        outputs={"Value": {"Ref": resource}},
    )
    return of(environment, stack)


def reader(lab: Lab, environment: str, **more: Any) -> Stack:
    """A stack that takes what qa's data gives."""
    notes = {"Note": lab.note({"Ref": "Value"}, **more)}
    return of(environment, lab.stack("api", notes, inputs={"Value": QA}))


def targets_of(lab: Lab, *stacks: Stack, connection: Connection | None = None) -> list[Target]:
    local = connection or Connection(endpoint_url=lab.local.endpoint_url, local=True)
    accounts = Accounts(busy=[lab.account])
    found: dict[str, Target] = {}
    for name in dict.fromkeys(stack.environment for stack in stacks):
        own = [stack for stack in stacks if stack.environment == name]
        found[name] = Target(own, lab.code, local, " --local", found.__getitem__, accounts)
    return list(found.values())


def fleet_of(
    lab: Lab, *stacks: Stack, sources: Mapping[str, str] | None = None, **options: Any
) -> Fleet:
    targets = targets_of(lab, *stacks)
    deployments = [Deployment(target, target.graph, **options) for target in targets]

    def outside(name: str) -> Target:
        return targets_of(lab, data(lab, name))[0]

    return Fleet(deployments, sources or {}, outside)


def run(fleet: Fleet) -> list[FleetMessage]:
    with fleet.held("deploy", full=False):
        return [*fleet.plan(), *fleet.carry_out()]


def names(lab: Lab) -> set[str]:
    """Names of the stacks that are there, shells of planned ones included."""
    return {s["StackName"] for s in lab.client("cloudformation").describe_stacks()["Stacks"]}


def locks(lab: Lab) -> list[str]:
    found = lab.client("ssm").describe_parameters()["Parameters"]
    return [one["Name"] for one in found if one["Name"].startswith("/tapgen/")]


def test_all_are_deployed_with_the_same_clients_and_one_poller(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    said = run(fleet)
    assert list(fleet.outcomes) == ["dev", "qa"]
    assert all(isinstance(each["data"], Created) for each in fleet.outcomes.values())
    first, second = fleet.targets
    (stack,) = first.stacks.values()
    assert first.account is second.account
    assert first.cloudformation(stack) is second.cloudformation(stack)
    assert first.watcher(stack)._poller is second.watcher(stack)._poller
    assert first.durations is second.durations
    begun = {
        m.environment for m in said if isinstance(m, Within) and isinstance(m.message, Started)
    }
    ended = [m.environment for m in said if isinstance(m, EnvironmentEnded)]
    assert (begun, sorted(ended)) == ({"dev", "qa"}, ["dev", "qa"])
    assert locks(lab) == []

    again = fleet_of(lab, data(lab, "dev"), data(lab, "qa", "two"))
    run(again)
    assert isinstance(again.outcomes["dev"]["data"], Unchanged)
    assert isinstance(again.outcomes["qa"]["data"], Updated)


def test_with_full_nothing_is_believed(lab: Lab) -> None:
    run(fleet_of(lab, data(lab, "dev"), data(lab, "qa")))
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), full=True)
    with fleet.held("deploy", full=True):
        assert fleet.plans == {}
        assert locks(lab) == ["/tapgen/dev/lock", "/tapgen/qa/lock"]
        for _ in fleet.plan():
            pass
    entries = [plan.entries["data"] for plan in fleet.plans.values()]
    assert [isinstance(entry, NoChange) and entry.complete for entry in entries] == [False, False]


def test_what_fails_stops_only_those_that_wait_for_it(lab: Lab, faults: Faults) -> None:
    faults({"create:Bad": "no"})
    fleet = fleet_of(
        lab,
        reader(lab, "prod"),
        data(lab, "dev"),
        data(lab, "qa", resource="Bad"),
    )
    assert fleet.needs == {"prod": frozenset({"qa"}), "dev": frozenset(), "qa": frozenset()}
    run(fleet)
    assert isinstance(fleet.outcomes["dev"]["data"], Created)
    assert isinstance(fleet.outcomes["qa"]["data"], Failed)
    assert fleet.outcomes["prod"] == {"api": Skipped("qa did not end well")}
    assert "prod-api" not in names(lab)
    assert locks(lab) == []


def test_whoever_reads_from_another_begins_when_that_has_ended(lab: Lab) -> None:
    fleet = fleet_of(lab, reader(lab, "dev"), data(lab, "qa"))
    said = run(fleet)
    assert fleet.plans["dev"].entries["api"] == Pending(reader(lab, "dev"), (QA,))
    assert isinstance(fleet.outcomes["dev"]["api"], Created)
    order = [
        (m.environment, type(m if isinstance(m, EnvironmentEnded) else m.message))
        for m in said
        if isinstance(m, EnvironmentEnded)
        or (isinstance(m, Within) and isinstance(m.message, Started))
    ]
    ended, begun = ("qa", EnvironmentEnded), ("dev", Started)
    assert order.index(ended) < order.index(begun)


def test_what_goes_wrong_when_plans_are_reconsidered_names_the_environment(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(fleet_of(lab, reader(lab, "dev"), data(lab, "qa")))
    fleet = fleet_of(lab, reader(lab, "dev", Tag="new"), data(lab, "qa", "two"))
    discard = OpenChangeSets.discard
    refused: list[Planned] = []

    def once(self: OpenChangeSets, entry: Planned) -> None:
        if not refused:
            refused.append(entry)
            raise TapgenError("ExpiredToken")
        discard(self, entry)

    monkeypatch.setattr(OpenChangeSets, "discard", once)
    with pytest.raises(TapgenError, match=r"^dev: ExpiredToken"):
        run(fleet)
    assert [entry.stack.name for entry in refused] == ["dev-api"]


def test_what_is_read_is_pending_where_it_is_about_to_change(lab: Lab) -> None:
    """Nobody is shown a change set, or "unchanged", that will not be so."""
    run(fleet_of(lab, reader(lab, "dev"), data(lab, "qa")))
    fleet = fleet_of(lab, reader(lab, "dev"), data(lab, "qa", "two"))
    run(fleet)
    assert isinstance(fleet.plans["dev"].entries["api"], Pending)
    assert isinstance(fleet.outcomes["dev"]["api"], Updated)

    same = fleet_of(lab, reader(lab, "dev"), data(lab, "qa", "two"))
    run(same)
    assert isinstance(same.plans["dev"].entries["api"], NoChange)
    assert isinstance(same.outcomes["dev"]["api"], Unchanged)


def test_environments_that_wait_for_each_other_are_refused(lab: Lab) -> None:
    with pytest.raises(RefusedError, match="wait for each other") as refused:
        fleet_of(lab, reader(lab, "dev"), data(lab, "qa"), sources={"qa": "dev"})
    assert refused.value.hint == "Deploy them one after the other."


# --- promotion ------------------------------------------------------------------------------------


def test_what_is_promoted_is_not_deployed_with_a_source_that_changes(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), sources={"qa": "dev"})
    with fleet.held("deploy", full=False), pytest.raises(RefusedError) as refused:
        list(fleet.plan())
    assert refused.value.message == "qa: qa is promoted from dev, which would be changed first"
    assert refused.value.hint == (
        "`tapgen deploy --env dev --local` first; when it has ended well, "
        "`tapgen deploy --env qa --local`. Nothing was begun in any environment."
    )
    assert names(lab) == set()
    assert locks(lab) == []


def test_one_that_waits_for_what_waits_is_told_with_it(lab: Lab) -> None:
    stacks = [data(lab, name) for name in ("dev", "qa", "prod")]
    fleet = fleet_of(lab, *stacks, sources={"qa": "dev", "prod": "qa"})
    with fleet.held("deploy", full=False), pytest.raises(RefusedError) as refused:
        list(fleet.plan())
    assert refused.value.message == (
        "2 environments cannot go on:\n"
        "  qa: qa is promoted from dev, which would be changed first\n"
        "  prod: prod is promoted from qa, which cannot be planned"
    )


def test_a_source_that_stays_as_it_is_proves_what_it_runs(lab: Lab) -> None:
    run(fleet_of(lab, data(lab, "dev")))
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), sources={"qa": "dev"})
    assert fleet.needs["qa"] == {"dev"}
    run(fleet)
    assert isinstance(fleet.outcomes["qa"]["data"], Created)


def test_a_source_outside_the_run_is_asked_too(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), sources={"qa": "old", "dev": "old"})
    with fleet.held("deploy", full=False), pytest.raises(RefusedError) as refused:
        list(fleet.plan())
    assert refused.value.message.count("in old, data is not deployed") == 2
    run(fleet_of(lab, data(lab, "old")))
    run(fleet_of(lab, data(lab, "dev"), data(lab, "qa"), sources={"qa": "old", "dev": "old"}))


# --- nothing is begun anywhere --------------------------------------------------------------------


def test_every_wrong_account_is_told_and_nothing_is_begun(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", lab.account)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    stacks = [data(lab, "dev")]
    stacks += [replace(data(lab, name), account_id="1" * 12) for name in ("qa", "prod")]
    plain = Connection(endpoint_url=lab.local.endpoint_url)
    targets = targets_of(lab, *stacks, connection=plain)
    deployments = [Deployment(target, target.graph) for target in targets]
    fleet = Fleet(deployments, {}, lambda _: targets[0])
    with pytest.raises(RefusedError) as refused, fleet.held("deploy", full=False):
        pass
    first, qa, prod = refused.value.message.splitlines()
    assert first == "2 environments cannot go on:"
    assert qa.startswith(f"  qa: these credentials belong to account {lab.account}, but")
    assert prod.startswith("  prod: these credentials")
    assert refused.value.hint.count("Use --profile") == 1
    assert names(lab) == set()
    assert locks(lab) == []


def test_another_run_at_work_in_one_stops_all(lab: Lab) -> None:
    stacks = data(lab, "dev"), data(lab, "qa")
    fleet = fleet_of(lab, *stacks)
    _, busy = targets_of(lab, *stacks)
    with locked(busy, "destroy"):
        with pytest.raises(RefusedError, match=r"^qa: `tapgen destroy` of"):
            run(fleet)
        assert locks(lab) == ["/tapgen/qa/lock"]
    assert names(lab) == set()
    run(fleet_of(lab, *stacks))


def test_one_that_cannot_be_planned_stops_all(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    run(fleet_of(lab, data(lab, "dev")))
    fleet = fleet_of(lab, data(lab, "dev", "two"), data(lab, "qa"))

    def broken(*_: Any) -> Any:
        raise TapgenError("listing stacks: AccessDenied", "Ask.")

    monkeypatch.setattr(fleet.deployments["qa"]._planner, "plan", broken)
    with pytest.raises(TapgenError) as told:
        run(fleet)
    assert told.value.message == "qa: listing stacks: AccessDenied"
    assert told.value.hint == "Ask. Nothing was begun in any environment."
    assert told.value.exit_code == 1
    changes = lab.client("cloudformation").list_change_sets(StackName="dev-data")["Summaries"]
    assert [one for one in changes if one["ExecutionStatus"] == "AVAILABLE"] == []
    assert locks(lab) == []


def test_planning_that_is_broken_off_leaves_nothing_behind(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    with fleet.held("deploy", full=False):
        messages = fleet.plan()
        next(messages)
        with pytest.raises(KeyboardInterrupt):
            messages.throw(KeyboardInterrupt())  # type: ignore[attr-defined] # it is a generator
    wait_until(lambda: names(lab) == set())
    assert locks(lab) == []


# --- while it runs --------------------------------------------------------------------------------


@pytest.mark.parametrize("agreed", [True, False])
def test_what_no_plan_showed_is_asked_about_in_the_readers_thread(lab: Lab, agreed: bool) -> None:
    named = {"Name": {"Fn::Sub": "${Value}-reader"}}  # another name is another resource
    run(fleet_of(lab, reader(lab, "dev", **named), data(lab, "qa")))
    fleet = fleet_of(lab, reader(lab, "dev", **named), data(lab, "qa", "two"))
    asked: list[Planned] = []

    def ask(entry: Planned) -> bool:
        asked.append(entry)
        return agreed

    with fleet.held("deploy", full=False):
        list(fleet.plan())
        fleet.carry_out(ask, SILENT)
    (entry,) = asked
    assert (entry.stack.environment, entry.stack.layer) == ("dev", "api")
    outcome = fleet.outcomes["dev"]["api"]
    assert isinstance(outcome, Updated if agreed else Failed)


def pressing(fleet: Fleet, presses: int, then: Callable[[], None]) -> Iterator[FleetMessage]:
    """Read to the end, pressing Ctrl-C when AWS is at a note, and again after each answer."""
    at: set[str] = set()
    with fleet.brake:
        for message in fleet.carry_out():
            yield message
            if isinstance(message, Within) and isinstance(message.message, Progress):
                at.add(message.environment)
            if not fleet.brake.presses and at == {"dev", "qa"}:
                fleet.brake.press()
            elif isinstance(message, Interrupted):
                if fleet.brake.presses < presses:
                    fleet.brake.press()
                else:
                    then()


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_is_for_all_of_them(lab: Lab, faults: Faults, presses: int) -> None:
    faults({"hold": ["create:Note"]})
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), reader(lab, "prod"))
    with fleet.held("deploy", full=False):
        list(fleet.plan())
        said = list(pressing(fleet, presses, lambda: faults({})))
    offers = [message.text for message in said if isinstance(message, Interrupted)]
    assert offers[0] == (
        "interrupted: nothing new is begun. Watching to its end: dev data, qa data. "
        "Ctrl-C again cancels it."
    )
    assert fleet.outcomes["prod"] == {"api": Skipped("interrupted")}
    kind = Created if presses == 1 else Failed
    assert all(isinstance(fleet.outcomes[name]["data"], kind) for name in ("dev", "qa"))
    if presses > 1:
        assert Within("dev", Note("data", "cancelling")) in said
        assert names(lab) == set()
    assert locks(lab) == []


def test_the_third_ends_at_once_and_says_what_aws_goes_on_with(lab: Lab, faults: Faults) -> None:
    faults({"hold": ["create:Note"]})
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), reader(lab, "prod"))
    with fleet.held("deploy", full=False):
        list(fleet.plan())
        messages = fleet.carry_out()
        at: set[str] = set()
        while at != {"dev", "qa"}:
            message = next(messages)
            if isinstance(message, Within) and isinstance(message.message, Progress):
                at.add(message.environment)
        with pytest.raises(InterruptedRunError) as interrupted:
            messages.throw(KeyboardInterrupt())  # type: ignore[attr-defined] # it is a generator
    assert interrupted.value.message == "interrupted; AWS goes on with dev data, qa data"
    assert interrupted.value.hint == (
        "`tapgen deploy --env dev --env qa --env prod --local` again goes on from there, after "
        "watching it to its end."
    )
    assert all(holder(target) is None for target in fleet.targets)
    faults({})
    client = lab.client("cloudformation")
    wait_until(
        lambda: (
            {s["StackStatus"] for s in client.describe_stacks()["Stacks"]} == {"CREATE_COMPLETE"}
        )
    )


def test_a_stack_that_takes_its_time_keeps_no_other_from_being_tidied_up(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    described, let_go = ChangeSets._described, Event()

    def slow(self: ChangeSets, arn: str, what: str) -> dict[str, Any]:
        if what.endswith("slow"):
            assert let_go.wait(PATIENCE_SECONDS)
        return described(self, arn, what)

    monkeypatch.setattr(ChangeSets, "_described", slow)
    monkeypatch.setattr(walk, "GRACE_SECONDS", 0.5)
    late = of("dev", lab.stack("slow", {"Note": lab.note()}))
    fleet = fleet_of(lab, data(lab, "dev"), late)
    with fleet.held("deploy", full=False):
        messages = cast("Generator[FleetMessage]", fleet.plan())
        next(messages)
        wait_until(lambda: fleet.deployments["dev"]._change_sets._open)
        messages.close()
        left = names(lab)
    let_go.set()
    assert left == {"dev-slow"}


def test_broken_off_before_anything_was_begun(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    with fleet.held("deploy", full=False):
        list(fleet.plan())
        messages = fleet.carry_out()
        fleet.brake.inbox.put(Interrupted("first"))
        fleet.targets[0].closing = fleet.targets[1].closing = True
        next(messages)
        with pytest.raises(InterruptedRunError, match="nothing is left in progress in AWS"):
            messages.throw(KeyboardInterrupt())  # type: ignore[attr-defined] # it is a generator
    assert names(lab) == set()


def test_interrupted_before_anything_was_begun(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    with fleet.held("deploy", full=False):
        list(fleet.plan())
        fleet.brake.press()
        assert {type(m) for m in fleet.carry_out()} == {EnvironmentEnded}
    skipped = {"data": Skipped("interrupted")}
    assert fleet.outcomes == {"dev": skipped, "qa": skipped}
    assert names(lab) == set()


def test_a_lock_taken_over_is_told_with_its_environment(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    dead = {"command": "deploy", "machine": machine(), "pid": 2**22 + 1}  # above Linux's largest
    lab.client("ssm").put_parameter(Name="/tapgen/qa/lock", Type="String", Value=json.dumps(dead))
    with fleet.held("plan", full=False) as notes:
        (note,) = notes
        assert note.startswith("qa: taking over from `tapgen deploy`")
