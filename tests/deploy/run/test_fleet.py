"""Several environments in one run, on the local AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event as Flag
from threading import Thread, current_thread
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.account import Connection
from tapgen.aws.accounts import Accounts
from tapgen.aws.cloudformation.change_sets import ChangeSets
from tapgen.deploy.flow import walk
from tapgen.deploy.flow.events import (
    EnvironmentEnded,
    Event,
    Interrupted,
    Note,
    Progress,
    Proven,
    Started,
    TakenOver,
    Within,
)
from tapgen.deploy.flow.host import SILENT, Host, Question, Recorder
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.fleet import Fleet
from tapgen.deploy.run.step import Choices
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.stack.interruption import InterruptedRunError
from tapgen.deploy.stack.open_change_sets import OpenChangeSets
from tapgen.deploy.target.lock import holder, locked, machine
from tapgen.deploy.target.run import Run
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Created, Failed, Skipped, Unchanged, Updated
from tapgen.model.layer import OutputRef
from tapgen.model.plan import NoChange, Pending, Planned
from tapgen.payments.platform import PLATFORM
from tests.lab import Pressing, Reacting
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
        found[name] = Target.of(
            PLATFORM, own, lab.code, local, " --local", found.__getitem__, accounts
        )
    return list(found.values())


def fleet_of(
    lab: Lab, *stacks: Stack, sources: Mapping[str, Sequence[str]] | None = None, **choices: Any
) -> Fleet:
    first, *others = targets_of(lab, *stacks)
    runs = [Run.on(first)]
    runs += [Run.on(target, durations=runs[0].state.durations) for target in others]
    deployments = [Deployment(run, run.target.graph, Choices(**choices)) for run in runs]

    def outside(name: str) -> Target:
        return targets_of(lab, data(lab, name))[0]

    return Fleet(deployments, sources or {}, outside)


def held(
    fleet: Fleet, host: Host = SILENT, *, look_first: bool = True
) -> AbstractContextManager[None]:
    return fleet.held("deploy", host, look_first=look_first)


def run(fleet: Fleet, host: Host | None = None) -> list[Event]:
    """Plan and carry out; gives what was told."""
    host = host or Recorder(answer=False)
    with held(fleet, host):
        fleet.plan(host)
        fleet.carry_out(host, Interrupt())
    return host.events if isinstance(host, Recorder) else []


def of_environments(events: Iterable[Event], kind: type) -> list[str]:
    """The environments of the events of that kind, in the order in which they were told."""
    return [
        event.environment
        for event in events
        if isinstance(event, Within) and isinstance(event.event, kind)
    ]


def names(lab: Lab) -> set[str]:
    """Names of the stacks that are there, shells of planned ones included."""
    return {s["StackName"] for s in lab.client("cloudformation").describe_stacks()["Stacks"]}


def locks(lab: Lab) -> list[str]:
    """Names of the locks that somebody has."""
    found = lab.client("ssm").get_parameters_by_path(Path="/tapgen", Recursive=True)["Parameters"]
    return [one["Name"] for one in found if not json.loads(one["Value"])["over"]]


def test_all_are_deployed_with_the_same_clients_and_one_poller(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    said = run(fleet)
    assert list(fleet.outcomes) == ["dev", "qa"]
    assert all(isinstance(each["data"], Created) for each in fleet.outcomes.values())
    first, second = fleet.targets
    (stack,) = first.stacks.values()
    assert first.account is second.account
    assert first.cloudformation(stack) is second.cloudformation(stack)
    dev, qa = (one.run for one in fleet.deployments.values())
    assert dev.watcher(stack)._poller is qa.watcher(stack)._poller
    ended = [event.environment for event in said if isinstance(event, EnvironmentEnded)]
    assert sorted(ended) == ["dev", "qa"]
    assert sorted(of_environments(said, Started)) == ["dev", "qa"]
    assert locks(lab) == []

    again = fleet_of(lab, data(lab, "dev"), data(lab, "qa", "two"))
    run(again)
    assert isinstance(again.outcomes["dev"]["data"], Unchanged)
    assert isinstance(again.outcomes["qa"]["data"], Updated)


def test_with_full_nothing_is_believed(lab: Lab) -> None:
    run(fleet_of(lab, data(lab, "dev"), data(lab, "qa")))
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), full=True)
    with held(fleet, look_first=False):
        assert fleet.plans == {}
        assert locks(lab) == ["/tapgen/dev/lock", "/tapgen/qa/lock"]
        fleet.plan(SILENT)
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
    assert fleet.outcomes["prod"] == {"api": Skipped("qa did not succeed")}
    assert "prod-api" not in names(lab)
    assert locks(lab) == []


def test_whoever_reads_from_another_begins_when_that_has_ended(lab: Lab) -> None:
    fleet = fleet_of(lab, reader(lab, "dev"), data(lab, "qa"))
    said = run(fleet)
    assert fleet.plans["dev"].entries["api"] == Pending(reader(lab, "dev"), (QA,))
    assert isinstance(fleet.outcomes["dev"]["api"], Created)
    (ended,) = (
        place
        for place, event in enumerate(said)
        if isinstance(event, EnvironmentEnded) and event.environment == "qa"
    )
    assert of_environments(said[:ended], Started) == ["qa"]
    assert of_environments(said[ended:], Started) == ["dev"]


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
        fleet_of(lab, reader(lab, "dev"), data(lab, "qa"), sources={"qa": ["dev"]})
    assert refused.value.hint == "Deploy them one after the other."


# --- promotion ------------------------------------------------------------------------------------


def test_what_is_promoted_is_not_deployed_with_a_source_that_changes(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), sources={"qa": ["dev"]})
    with held(fleet), pytest.raises(RefusedError) as refused:
        fleet.plan(SILENT)
    assert refused.value.message == "qa: qa is promoted from dev, which would be changed first"
    assert refused.value.hint == (
        "Run `tapgen deploy --env dev --local` first; when it has succeeded, "
        "`tapgen deploy --env qa --local`. Nothing was started in any environment."
    )
    assert names(lab) == set()
    assert locks(lab) == []


def test_one_that_waits_for_what_waits_is_told_with_it(lab: Lab) -> None:
    stacks = [data(lab, name) for name in ("dev", "qa", "prod")]
    fleet = fleet_of(lab, *stacks, sources={"qa": ["dev"], "prod": ["qa"]})
    with held(fleet), pytest.raises(RefusedError) as refused:
        fleet.plan(SILENT)
    assert refused.value.message == (
        "2 environments cannot continue:\n"
        "  qa: qa is promoted from dev, which would be changed first\n"
        "  prod: prod is promoted from qa, which cannot be planned"
    )


def test_a_source_that_stays_as_it_is_proves_what_it_runs(lab: Lab) -> None:
    run(fleet_of(lab, data(lab, "dev")))
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), sources={"qa": ["dev"]})
    assert fleet.needs["qa"] == {"dev"}
    said = run(fleet)
    assert isinstance(fleet.outcomes["qa"]["data"], Created)
    assert [event for event in said if isinstance(event, Proven)] == [Proven("qa", "dev")]


def test_every_source_has_to_prove_it(lab: Lab) -> None:
    run(fleet_of(lab, data(lab, "dev")))
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), sources={"qa": ["dev", "old"]})
    host = Recorder()
    with held(fleet), pytest.raises(RefusedError, match="in old, data is not deployed"):
        fleet.plan(host)
    assert [event for event in host.events if isinstance(event, Proven)] == [Proven("qa", "dev")]


def test_a_source_outside_the_run_is_asked_too(lab: Lab) -> None:
    sources = {"qa": ["old"], "dev": ["old"]}
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), sources=sources)
    with held(fleet), pytest.raises(RefusedError) as refused:
        fleet.plan(SILENT)
    assert refused.value.message.count("in old, data is not deployed") == 2
    run(fleet_of(lab, data(lab, "old")))
    run(fleet_of(lab, data(lab, "dev"), data(lab, "qa"), sources=sources))


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
    deployments = [Deployment(Run.on(target), target.graph) for target in targets]
    fleet = Fleet(deployments, {}, lambda _: targets[0])
    with pytest.raises(RefusedError) as refused, held(fleet):
        pass
    first, qa, prod = refused.value.message.splitlines()
    assert first == "2 environments cannot continue:"
    assert qa.startswith(f"  qa: these credentials belong to account {lab.account}, but")
    assert prod.startswith("  prod: these credentials")
    assert refused.value.hint.count("Use --profile") == 1
    assert names(lab) == set()
    assert locks(lab) == []


def test_another_run_at_work_in_one_stops_all(lab: Lab) -> None:
    stacks = data(lab, "dev"), data(lab, "qa")
    fleet = fleet_of(lab, *stacks)
    _, busy = targets_of(lab, *stacks)
    with locked(Run.on(busy), "destroy"):
        with pytest.raises(RefusedError, match=r"^qa: `destroy` by"):
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
    assert told.value.hint == "Ask. Nothing was started in any environment."
    assert told.value.exit_code == 1
    changes = lab.client("cloudformation").list_change_sets(StackName="dev-data")["Summaries"]
    assert [one for one in changes if one["ExecutionStatus"] == "AVAILABLE"] == []
    assert locks(lab) == []


def interrupting(event: Event) -> None:
    raise KeyboardInterrupt


def test_planning_that_is_broken_off_leaves_nothing_behind(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    with held(fleet), pytest.raises(KeyboardInterrupt):
        fleet.plan(Reacting(then=interrupting))
    wait_until(lambda: names(lab) == set())
    assert locks(lab) == []


def test_a_reader_that_is_gone_breaks_it_off_in_order(lab: Lab, faults: Faults) -> None:
    """What a host raises ends the run like Ctrl-C: AWS continues with what it has begun."""
    faults({"hold": ["create:Note"]})

    def gone(event: Event) -> None:
        if isinstance(event, Within) and isinstance(event.event, Progress):
            raise BrokenPipeError

    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), reader(lab, "prod"))
    with pytest.raises(BrokenPipeError):
        run(fleet, Reacting(then=gone))
    assert all(holder(target) is None for target in fleet.targets)
    assert all(one.run.running() == () for one in fleet.deployments.values())
    assert "prod-api" not in names(lab)
    faults({})
    wait_until(lambda: set(statuses(lab).values()) <= {"CREATE_COMPLETE"})


# --- while it runs --------------------------------------------------------------------------------


@dataclass
class Asked(Recorder):
    """A host that notes in which thread it is asked."""

    threads: list[Thread] = field(default_factory=list)

    def ask(self, question: Question) -> bool:
        self.threads.append(current_thread())
        return super().ask(question)


@pytest.mark.parametrize("agreed", [True, False])
def test_what_no_plan_showed_is_asked_about_in_the_hosts_thread(lab: Lab, agreed: bool) -> None:
    named = {"Name": {"Fn::Sub": "${Value}-reader"}}  # another name is another resource
    run(fleet_of(lab, reader(lab, "dev", **named), data(lab, "qa")))
    fleet = fleet_of(lab, reader(lab, "dev", **named), data(lab, "qa", "two"))
    host = Asked(agreed)
    run(fleet, host)
    (question,) = host.questions
    assert isinstance(question.about, Planned)
    assert (question.about.stack.environment, question.about.stack.layer) == ("dev", "api")
    assert host.threads == [current_thread()]
    outcome = fleet.outcomes["dev"]["api"]
    assert isinstance(outcome, Updated if agreed else Failed)


def pressing(presses: int, then: Callable[[], None] = lambda: None) -> Pressing:
    """Presses Ctrl-C when AWS is at work in dev and qa."""

    def both(_: Event, heard: Sequence[Event]) -> bool:
        return {"dev", "qa"} <= {*of_environments(heard, Progress)}

    return Pressing(when=both, presses=presses, then=then)


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_is_for_all_of_them(lab: Lab, faults: Faults, presses: int) -> None:
    faults({"hold": ["create:Note"]})
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), reader(lab, "prod"))
    host = pressing(presses, then=lambda: faults({}))
    with held(fleet):
        fleet.plan(SILENT)
        host.carry_out(fleet)
    assert host.answers[0] == (
        "interrupted: nothing new is started. Watching to its end: dev data, qa data. "
        "Ctrl-C again cancels it."
    )
    assert fleet.outcomes["prod"] == {"api": Skipped("interrupted")}
    kind = Created if presses == 1 else Failed
    assert all(isinstance(fleet.outcomes[name]["data"], kind) for name in ("dev", "qa"))
    if presses > 1:
        assert Within("dev", Note("data", "cancelling")) in host.events
        assert names(lab) == set()
    assert locks(lab) == []


def test_the_third_ends_at_once_and_says_what_aws_goes_on_with(lab: Lab, faults: Faults) -> None:
    faults({"hold": ["create:Note"]})
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"), reader(lab, "prod"))

    def third(_: Event) -> None:
        if {*of_environments(host.events, Progress)} == {"dev", "qa"}:
            raise KeyboardInterrupt

    host = Reacting(then=third)
    with held(fleet):
        fleet.plan(SILENT)
        with pytest.raises(InterruptedRunError) as interrupted:
            fleet.carry_out(host, Interrupt())
    assert interrupted.value.message == "interrupted; AWS continues with dev data, qa data"
    assert interrupted.value.hint == (
        "`tapgen deploy --env dev --env qa --env prod --local` again continues from there, after "
        "watching it to its end."
    )
    assert all(holder(target) is None for target in fleet.targets)
    faults({})
    wait_until(lambda: set(statuses(lab).values()) == {"CREATE_COMPLETE"})


def statuses(lab: Lab) -> dict[str, str]:
    found = lab.client("cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"]: stack["StackStatus"] for stack in found}


def test_a_stack_that_takes_its_time_keeps_no_other_from_being_tidied_up(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    described, let_go = ChangeSets._described, Flag()

    def slow(self: ChangeSets, arn: str, what: str) -> dict[str, Any]:
        if what.endswith("slow"):
            assert let_go.wait(PATIENCE_SECONDS)
        return described(self, arn, what)

    monkeypatch.setattr(ChangeSets, "_described", slow)
    monkeypatch.setattr(walk, "GRACE_SECONDS", 0.5)
    late = of("dev", lab.stack("slow", {"Note": lab.note()}))
    fleet = fleet_of(lab, data(lab, "dev"), late)

    def made(_: Event) -> None:
        wait_until(lambda: fleet.deployments["dev"]._change_sets._open)
        raise KeyboardInterrupt

    with held(fleet):
        with pytest.raises(KeyboardInterrupt):
            fleet.plan(Reacting(then=made))
        left = names(lab)
    let_go.set()
    assert left == {"dev-slow"}


def test_broken_off_before_anything_was_begun(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    with held(fleet):
        fleet.plan(SILENT)
        interrupt = Interrupt()
        interrupt.inbox.put(Interrupted("first"))
        for one in fleet.deployments.values():
            one.run.state.stopping = True
        with pytest.raises(InterruptedRunError, match="nothing is left in progress in AWS"):
            fleet.carry_out(Reacting(then=interrupting), interrupt)
    assert names(lab) == set()


def test_interrupted_before_anything_was_begun(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    host = Recorder()
    with held(fleet):
        fleet.plan(SILENT)
        interrupt = Interrupt()
        with interrupt.around([one.run for one in fleet.deployments.values()]):
            interrupt.press()
            fleet.carry_out(host, interrupt)
    assert {type(event) for event in host.events} <= {EnvironmentEnded, Interrupted}
    skipped = {"data": Skipped("interrupted")}
    assert fleet.outcomes == {"dev": skipped, "qa": skipped}
    assert names(lab) == set()


def test_a_lock_taken_over_is_told_with_its_environment(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), data(lab, "qa"))
    dead = {"command": "deploy", "machine": machine(), "pid": 2**22 + 1}  # above Linux's largest
    lab.client("ssm").put_parameter(Name="/tapgen/qa/lock", Type="String", Value=json.dumps(dead))
    host = Recorder()
    with held(fleet, host):
        (event,) = host.events
    assert isinstance(event, TakenOver)
    assert event.environment == "qa"
    assert event.text.startswith("taking over from `deploy`")


# --- a fleet of one -------------------------------------------------------------------------------


def test_what_is_wrong_with_a_single_one_is_raised_as_it_is(lab: Lab) -> None:
    fleet = fleet_of(lab, data(lab, "dev"), sources={"dev": ["old"]})
    with held(fleet), pytest.raises(RefusedError) as refused:
        fleet.plan(SILENT)
    assert refused.value.message.startswith("dev cannot be promoted from old: in old, ")
    assert "Nothing was started in any environment." not in refused.value.hint
    (busy,) = targets_of(lab, data(lab, "dev"))
    with (
        locked(Run.on(busy), "destroy"),
        pytest.raises(RefusedError, match=r"^`destroy` by"),
        held(fleet),
    ):
        pass


def test_a_single_one_without_anything_to_do_takes_no_lock(lab: Lab) -> None:
    run(fleet_of(lab, data(lab, "dev")))
    fleet = fleet_of(lab, data(lab, "dev"))
    with held(fleet):
        assert list(fleet.plans) == ["dev"]
        assert locks(lab) == []
        fleet.plan(SILENT)
        fleet.carry_out(SILENT, Interrupt())
    assert isinstance(fleet.outcomes["dev"]["data"], Unchanged)
