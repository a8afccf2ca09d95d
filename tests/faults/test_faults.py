"""One fault at a time: what the run says, and that the next one brings everything in line."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.errors import UnavailableError
from tapgen.deploy.flow.events import Event, Started, Within
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.target.lock import lock_name, locked
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Created, Deleted, Failed, Skipped, Unchanged, Updated
from tests.faults.proxy import (
    BLOCKED,
    CUT_AFTER,
    CUT_BEFORE,
    EXPIRED,
    INTERNAL,
    NO_ANSWERS,
    OBSOLETE,
    PAGE,
    SLOW,
    THROTTLE,
    UNAVAILABLE,
    Proxy,
    Rule,
)
from tests.lab import Reacting

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.world import World

    Faults = Callable[[dict[str, object]], None]

pytestmark = pytest.mark.slow

ALWAYS = 10**9
WRITES = ("CreateChangeSet", "ExecuteChangeSet", "SetStackPolicy", "PutParameter")


def begun(world: World, layer: str) -> int:
    """How often an operation on the stack began, by the stack's own events."""
    client = world.lab.client("cloudformation")
    pages = client.get_paginator("describe_stack_events").paginate(StackName=f"lab-{layer}")
    return sum(
        event["ResourceType"] == "AWS::CloudFormation::Stack"
        and event["ResourceStatus"] in {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}
        for page in pages
        for event in page["StackEvents"]
    )


@pytest.mark.parametrize("kind", [THROTTLE, INTERNAL, UNAVAILABLE, CUT_BEFORE])
def test_storms_are_waited_out(world: World, proxy: Proxy, kind: str) -> None:
    proxy.rules = [Rule("*", kind, ALWAYS, attempts=2)]  # two of three requests
    outcomes = world.deploy("one", proxy.url)
    assert {type(outcome) for outcome in outcomes.values()} == {Created}
    assert len(proxy.faulted) >= 2 * len(proxy.served)
    world.assert_as_if_undisturbed("one")


@pytest.mark.parametrize("kind", NO_ANSWERS)
def test_what_is_no_answer_is_asked_again_and_looked_up(
    world: World, proxy: Proxy, kind: str
) -> None:
    proxy.rules = [Rule("*", kind, ALWAYS, attempts=1)]  # the first of each request
    assert {type(outcome) for outcome in world.deploy("one", proxy.url).values()} == {Created}
    world.assert_as_if_undisturbed("one")
    assert {kind for _, kind in proxy.faulted} == {kind}
    assert {type(outcome) for outcome in world.deploy("two", proxy.url).values()} == {Updated}


@pytest.mark.parametrize("kind", NO_ANSWERS)
def test_answers_that_never_come_are_an_error_that_names_the_call(
    world: World, proxy: Proxy, kind: str
) -> None:
    proxy.rules = [Rule("DescribeStacks", kind, ALWAYS)]
    told = "listing stacks: (the answer to cloudformation DescribeStacks|Connection was closed)"
    with pytest.raises(UnavailableError, match=told) as raised:
        world.deploy("one", proxy.url)
    assert raised.value.hint
    assert world.working() == []


@pytest.mark.parametrize("kind", NO_ANSWERS)
def test_a_lock_that_is_written_is_held_though_nobody_says_so(
    world: World, proxy: Proxy, kind: str
) -> None:
    proxy.rules = [Rule("PutParameter", kind, ALWAYS)]
    if kind in {PAGE, BLOCKED}:  # AWS never saw it
        with pytest.raises(UnavailableError, match="the answer to ssm PutParameter"):
            world.deploy("one", proxy.url)
        assert world.working() == []
    else:
        assert {type(outcome) for outcome in world.deploy("one", proxy.url).values()} == {Created}
        assert world.converge("one") == 1


@pytest.mark.parametrize("kind", NO_ANSWERS)
def test_stacks_are_watched_on_while_nobody_answers(world: World, proxy: Proxy, kind: str) -> None:
    silence = itertools.chain([True] * 15, itertools.repeat(False))  # longer than one question's
    proxy.rules = [Rule("DescribeStackEvents", kind, ALWAYS, when=lambda: next(silence))]
    outcomes = world.deploy("one", proxy.url)
    assert {type(outcome) for outcome in outcomes.values()} == {Created}
    assert [begun(world, layer) for layer in outcomes] == [1] * 5


def test_throttling_is_waited_out_while_calls_get_through(
    world: World, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.rules = [Rule("*", THROTTLE, ALWAYS, attempts=12)]  # botocore alone makes ten
    assert {type(outcome) for outcome in world.deploy("one", proxy.url).values()} == {Created}
    assert "AWS throttles" in caplog.text


def test_more_throttling_than_answers_ends_in_no_error(world: World, proxy: Proxy) -> None:
    chance = random.Random(1)  # noqa: S311 - no secret
    proxy.rules = [Rule("*", THROTTLE, ALWAYS, when=lambda: chance.random() < 0.6)]
    outcomes = world.deploy("one", proxy.url)
    assert {type(outcome) for outcome in outcomes.values()} == {Created}
    assert [begun(world, layer) for layer in outcomes] == [1] * 5


def test_slow_answers_are_waited_for(world: World, proxy: Proxy) -> None:
    proxy.rules = [Rule("*", SLOW, ALWAYS, seconds=0.05)]
    assert {type(outcome) for outcome in world.deploy("one", proxy.url).values()} == {Created}
    world.assert_as_if_undisturbed("one")


@pytest.mark.parametrize("times", [1, ALWAYS])
def test_a_cut_after_execute_took_effect_is_not_executed_twice_and_watched_to_its_end(
    world: World, proxy: Proxy, times: int
) -> None:
    proxy.rules = [Rule("ExecuteChangeSet", CUT_AFTER, times)]
    outcomes = world.deploy("one", proxy.url)
    assert {type(outcome) for outcome in outcomes.values()} == {Created}
    assert [begun(world, layer) for layer in outcomes] == [1] * 5
    world.assert_as_if_undisturbed("one")
    proxy.rules = [Rule("ExecuteChangeSet", CUT_AFTER, times)]
    assert {type(outcome) for outcome in world.deploy("two", proxy.url).values()} == {Updated}
    assert [begun(world, layer) for layer in outcomes] == [2] * 5


def test_begun_is_begun_whatever_the_last_answer_says(world: World, proxy: Proxy) -> None:
    proxy.rules = [
        Rule("ExecuteChangeSet", CUT_AFTER, ALWAYS, attempts=1),
        Rule("ExecuteChangeSet", UNAVAILABLE, ALWAYS),
    ]
    outcomes = world.deploy("one", proxy.url)
    assert {type(outcome) for outcome in outcomes.values()} == {Created}
    assert [begun(world, layer) for layer in outcomes] == [1] * 5


@pytest.mark.parametrize("operation", [*WRITES, "*"])
def test_every_answer_may_be_lost_once(world: World, proxy: Proxy, operation: str) -> None:
    if operation == "*":  # each operation's first answer
        proxy.rules = [Rule(name, CUT_AFTER) for name in (*WRITES, "DescribeStacks", "HEAD")]
    else:
        proxy.rules = [Rule(operation, CUT_AFTER)]
    assert {type(outcome) for outcome in world.deploy("one", proxy.url).values()} == {Created}
    world.assert_as_if_undisturbed("one")


def test_without_a_listing_nothing_is_begun(world: World, proxy: Proxy) -> None:
    proxy.rules = [Rule("DescribeStacks", UNAVAILABLE, ALWAYS)]
    with pytest.raises(UnavailableError, match="listing stacks: ServiceUnavailable"):
        world.deploy("one", proxy.url)
    assert proxy.count("CreateChangeSet") == 0
    proxy.rules = []
    world.converge("one")
    world.assert_as_if_undisturbed("one")


@pytest.mark.parametrize("operation", ["CreateChangeSet", "ExecuteChangeSet"])
def test_an_operation_that_fails_for_good_fails_its_stack_and_the_next_run_converges(
    world: World, proxy: Proxy, operation: str
) -> None:
    proxy.rules = [Rule(operation, UNAVAILABLE, ALWAYS)]
    outcomes = world.deploy("one", proxy.url)
    assert isinstance(outcomes["zone"], Failed)
    assert "ServiceUnavailable" in outcomes["zone"].reason
    assert isinstance(outcomes["compute"], Skipped)
    proxy.rules = []
    world.converge("one")
    world.assert_as_if_undisturbed("one")


def test_credentials_that_expire_in_the_middle(world: World, proxy: Proxy, faults: Faults) -> None:
    world.deploy("one")
    world.fill()
    faults({"hold": ["Note", "Zone"]})
    proxy.rules = [Rule("*", EXPIRED, ALWAYS, when=lambda: proxy.count("ExecuteChangeSet") == 2)]
    outcomes = world.deploy("two", proxy.url)
    for layer in ("network", "zone"):
        failed = outcomes[layer]
        assert isinstance(failed, Failed)
        assert "ExpiredToken" in failed.reason
        assert f"AWS continues with stack lab-{layer}; the next run watches it" in failed.reason
        assert failed.hint.startswith("Sign in again")
    assert isinstance(outcomes["data"], Skipped)
    # The lock could not be given back, but its run is over.
    with locked(Run.on(world.target("two")), "status") as note:
        assert note is not None
        assert "taking over from `deploy`" in note
    faults({})
    assert world.converge("one") <= 2
    world.assert_kept()
    world.assert_as_if_undisturbed("one")


def test_a_change_set_that_turns_obsolete_is_refused_and_planned_afresh_by_the_next_run(
    world: World, proxy: Proxy
) -> None:
    proxy.rules = [Rule("ExecuteChangeSet", OBSOLETE)]
    outcomes = world.deploy("one", proxy.url)
    refused = [outcome for outcome in outcomes.values() if isinstance(outcome, Failed)]
    assert len(refused) == 1
    assert refused[0].refused
    assert "no longer valid" in refused[0].reason
    assert "OBSOLETE" in refused[0].reason
    assert world.converge("one") == 2
    world.assert_as_if_undisturbed("one")


def test_an_update_from_elsewhere_makes_the_plan_stale(world: World) -> None:
    world.deploy("one")
    fleet = world.fleet("two")
    fleet.plan(SILENT)
    client = world.lab.client("cloudformation")
    made = client.create_change_set(
        StackName="lab-zone",
        ChangeSetName="elsewhere",
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Value", "ParameterValue": "theirs"}],
    )
    client.execute_change_set(ChangeSetName=made["Id"])
    world.settle()
    fleet.carry_out(SILENT, Interrupt())
    outcome = fleet.outcomes["lab"]["zone"]
    assert isinstance(outcome, Failed)
    assert outcome.refused
    assert world.converge("two") <= 2


def test_a_cut_after_a_deletion_began_deletes_once(world: World, proxy: Proxy) -> None:
    world.deploy("one")
    world.fill()
    proxy.rules = [Rule("DeleteStack", CUT_AFTER, 3)]
    outcomes = world.destroy("one", proxy.url)
    assert {type(outcome) for outcome in outcomes.values()} == {Deleted}
    assert world.working() == []
    assert {type(outcome) for outcome in world.deploy("one").values()} == {Created}
    world.assert_kept()
    assert world.converge("one") == 1


def test_a_storm_while_the_lock_is_taken_ends_before_anything_begins(
    world: World, proxy: Proxy
) -> None:
    proxy.rules = [Rule("PutParameter", UNAVAILABLE, ALWAYS)]
    name = lock_name(world.target("one"))
    with pytest.raises(TapgenError, match=f"writing {name}: ServiceUnavailable"):
        world.deploy("one", proxy.url)
    assert world.working() == []


def test_ctrl_c_under_throttling_leaves_no_change_set(world: World, proxy: Proxy) -> None:
    world.deploy("one")
    calm = itertools.cycle((True, False))
    proxy.rules = [Rule("*", THROTTLE, ALWAYS, when=lambda: next(calm))]

    def interrupting(event: Event) -> None:
        if isinstance(event, Within) and isinstance(event.event, Started):
            raise KeyboardInterrupt

    with pytest.raises(TapgenError, match="interrupted"):
        world.deploy("two", proxy.url, Reacting(then=interrupting))
    world.settle()
    assert {type(outcome) for outcome in world.deploy("one").values()} <= {Unchanged, Updated}
    world.assert_as_if_undisturbed("one")
