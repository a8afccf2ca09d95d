"""The watcher, on a CloudFormation whose every answer is written down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import repeat
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import (
    PATIENCE,
    Poller,
    StillRunningError,
    StoppedError,
    Watched,
    Watcher,
)
from tapgen.aws.errors import UnavailableError
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import ResourceEvent
from tests.waiting import PATIENCE_SECONDS, wait_until

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=90)


def event(number: int, status: str, physical_id: str = "stack") -> ResourceEvent:
    return ResourceEvent(str(number), "X", physical_id, "AWS::CloudFormation::Stack", status)


@dataclass
class Script:
    """Answers events and states in the order written here; the last one again and again."""

    events: dict[str, list[list[ResourceEvent]]] = field(default_factory=dict)
    states: list[str] = field(default_factory=lambda: ["CREATE_COMPLETE"])
    seen: list[tuple[str, str | None]] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    error: TapgenError | None = None
    listing: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(pages=1))

    def events_after(self, stack: str, seen: str | None) -> list[ResourceEvent]:
        self.threads.add(threading.get_ident())
        self.seen.append((stack, seen))
        if self.error:
            raise self.error
        pages = self.events.get(stack, [])
        return pages.pop(0) if pages else []

    def describe(self, name: str) -> StackState:
        status = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return StackState(name, status, name)


def watcher(script: Script) -> Watcher:
    return Watcher(Poller(cast("CloudFormation", script), lambda *_: repeat(0.005)))


def test_an_operation_is_followed_from_its_first_event_to_its_last() -> None:
    script = Script(
        {
            "stack": [
                [event(1, "CREATE_IN_PROGRESS")],
                [],
                [event(2, "CREATE_COMPLETE", "bucket")],
                [event(3, "CREATE_COMPLETE")],
            ]
        }
    )
    heard: list[str] = []
    ended = watcher(script).watch("stack", "0", lambda e: heard.append(e.event_id))
    assert heard == ["1", "2", "3"]
    assert [e.event_id for e in ended.events] == heard
    assert ended.state.status == "CREATE_COMPLETE"
    assert script.seen == [("stack", seen) for seen in ("0", "1", "1", "2")]


def test_a_state_that_lags_behind_the_last_event_is_asked_for_again() -> None:
    script = Script(
        {"stack": [[event(1, "CREATE_COMPLETE")]]},
        ["CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"],
    )
    ended = watcher(script).watch("stack", None, lambda _: None, seconds=3600)
    assert ended.state.status == "CREATE_COMPLETE"


def test_an_operation_that_ended_before_the_first_look_is_seen_when_attached() -> None:
    script = Script(states=["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"])
    ended = watcher(script).watch("stack", "9", lambda _: None, attached=True)
    assert ended.state.status == "UPDATE_COMPLETE"
    assert ended.events == ()


def test_an_operation_that_ends_between_the_two_questions_is_told_to_its_end() -> None:
    script = Script({"stack": [[event(1, "UPDATE_IN_PROGRESS")], [event(2, "UPDATE_COMPLETE")]]})
    heard: list[str] = []
    ended = watcher(script).watch("stack", "0", lambda e: heard.append(e.event_id), attached=True)
    assert heard == ["1", "2"]
    assert [e.event_id for e in ended.events] == heard


def test_all_stacks_of_a_region_share_one_thread() -> None:
    class Together(Script):
        def events_after(self, stack: str, seen: str | None) -> list[ResourceEvent]:
            found = super().events_after(stack, seen) if len(shared.running) == 3 or done else []
            done.extend(found)
            return found

    done: list[ResourceEvent] = []
    script = Together({name: [[], [], [event(1, "CREATE_COMPLETE", name)]] for name in "abc"})
    shared = watcher(script)
    threads = [
        threading.Thread(target=shared.watch, args=(name, None, lambda _: None)) for name in "abc"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(script.threads) == 1
    assert {stack for stack, _ in script.seen} == set("abc")
    script.events["a"] = [[event(2, "CREATE_COMPLETE", "a")]]
    assert shared.watch("a", None, lambda _: None).state.status == "CREATE_COMPLETE"


def test_where_no_thread_can_be_had_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def limited(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    shared = watcher(Script({"stack": [[event(1, "CREATE_COMPLETE")]]}))
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", limited)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            shared.watch("stack", None, lambda _: None)
    assert shared.watch("stack", None, lambda _: None).state.status == "CREATE_COMPLETE"


def test_the_deadline_ends_the_watch() -> None:
    with pytest.raises(StillRunningError, match="stack is still in progress at its deadline"):
        watcher(Script()).watch("stack", None, lambda _: None, seconds=0)


def test_an_error_of_aws_reaches_whoever_waits() -> None:
    with pytest.raises(TapgenError, match="throttled"):
        watcher(Script(error=TapgenError("throttled"))).watch("stack", None, lambda _: None)


def test_an_error_of_the_listener_reaches_whoever_waits() -> None:
    def broken(_: ResourceEvent) -> None:
        raise ZeroDivisionError

    script = Script({"stack": [[event(1, "CREATE_IN_PROGRESS")]]})
    shared = watcher(script)
    with pytest.raises(ZeroDivisionError):
        shared.watch("stack", None, broken)
    script.events["other"] = [[event(1, "CREATE_COMPLETE", "other")]]
    assert shared.watch("other", None, lambda _: None).state.status == "CREATE_COMPLETE"


def test_stopping_ends_every_watch_also_those_to_come() -> None:
    shared = watcher(Script())
    raised: list[Exception] = []

    def waiting() -> None:
        try:
            shared.watch("stack", None, lambda _: None)
        except StoppedError as error:
            raised.append(error)

    thread = threading.Thread(target=waiting)
    thread.start()
    wait_until(lambda: shared.running)
    shared.stop()
    thread.join()
    assert len(raised) == 1
    with pytest.raises(StoppedError):
        shared.watch("late", None, lambda _: None)
    assert shared.abandoned == ("stack", "late")


def test_stopping_while_aws_is_being_asked_is_no_fault() -> None:
    asking, go_on = threading.Event(), threading.Event()

    class Slow(Script):
        def events_after(self, stack: str, seen: str | None) -> list[ResourceEvent]:
            asking.set()
            assert go_on.wait(PATIENCE_SECONDS)
            return super().events_after(stack, seen)

    shared = watcher(Slow())

    def waiting() -> None:
        with pytest.raises(StoppedError):
            shared.watch("stack", None, lambda _: None)

    thread = threading.Thread(target=waiting)
    thread.start()
    assert asking.wait(PATIENCE_SECONDS)
    shared.stop()
    go_on.set()
    thread.join()
    wait_until(lambda: shared._poller._thread is None)
    assert shared.abandoned == ("stack",)


def test_a_question_left_unanswered_is_asked_again_but_not_for_ever() -> None:
    script = Script({"stack": [[event(1, "CREATE_COMPLETE")]]})
    script.error = UnavailableError("describing: Throttling")
    asked = script.events_after
    failures = iter(range(PATIENCE - 1))

    def recovers(stack: str, seen: str | None) -> list[ResourceEvent]:
        if next(failures, None) is None:
            script.error = None
        return asked(stack, seen)

    script.events_after = recovers  # type: ignore[method-assign]
    ended = watcher(script).watch("stack", None, lambda _: None)
    assert ended.state.status == "CREATE_COMPLETE"

    script = Script(error=UnavailableError("describing: Throttling"))
    looking = watcher(script)
    with pytest.raises(UnavailableError):
        looking.watch("stack", None, lambda _: None)
    assert len(script.seen) == PATIENCE
    assert looking.abandoned == ("stack",)


def test_an_operation_lasts_as_long_as_its_events_say() -> None:
    begun, ended = (
        replace(event(n, "CREATE_COMPLETE"), at=at) for n, at in ((1, NOON), (2, LATER))
    )
    state = StackState("stack", "CREATE_COMPLETE", "stack")
    assert Watched(state, (begun, event(3, "X"), ended)).seconds == 90.0
    assert Watched(state, ()).seconds is None
    of_resource = replace(ended, physical_id="bucket")
    unfinished = (replace(begun, status="CREATE_IN_PROGRESS"), of_resource)
    assert Watched(state, unfinished).seconds is None  # its end was seen in a listing


def test_what_a_look_stumbles_over_hangs_nobody() -> None:
    def stumbling(*_: Any) -> Iterator[float]:
        yield 0.005
        raise ZeroDivisionError

    poller = Poller(cast("CloudFormation", Script()), stumbling)
    looking = Watcher(poller)
    with pytest.raises(ZeroDivisionError):
        looking.watch("stack", None, lambda _: None)
    assert looking.abandoned == ("stack",)
    poller.pauses = lambda *_: repeat(0.005)
    cast("Any", poller)._cloudformation.events["other"] = [[event(1, "CREATE_COMPLETE", "other")]]
    assert looking.watch("other", None, lambda _: None).state.status == "CREATE_COMPLETE"


def test_where_the_number_of_resources_is_known_the_events_tell_how_far_it_is() -> None:
    script = Script(
        {
            "stack": [
                [replace(event(1, "CREATE_IN_PROGRESS"), at=NOON)],
                [replace(event(2, "CREATE_COMPLETE", "bucket"), at=LATER)],
                [event(3, "CREATE_COMPLETE")],
            ]
        }
    )
    told: list[float | None] = []

    def pauses(
        expected: float | None, project: Callable[[], float | None] | None
    ) -> Iterator[float]:
        while True:
            told.append(project() if project else expected)
            yield 0.005

    looking = Watcher(Poller(cast("CloudFormation", script), pauses))
    looking.watch("stack", None, lambda _: None, resources=3)
    assert told == [None, None, 360.0, 360.0]
    script.events["stack"] = [[event(4, "CREATE_COMPLETE")]]
    looking.watch("stack", None, lambda _: None, expected=7.0)
    assert set(told[4:]) == {7.0}


def test_what_is_said_of_a_review_is_no_end() -> None:
    script = Script({"stack": [[event(1, "REVIEW_IN_PROGRESS")], [event(2, "CREATE_COMPLETE")]]})
    heard: list[str] = []
    watcher(script).watch("stack", None, lambda e: heard.append(e.status))
    assert heard == ["CREATE_COMPLETE"]
    assert len(script.seen) == 2


# --- many at once ---------------------------------------------------------------------------------


def arn(name: str) -> str:
    return f"arn:aws:cloudformation:us-east-1:1:stack/{name}/id"


@dataclass
class Region:
    """Stacks whose operation goes on for so many looks; answers like CloudFormation."""

    left: dict[str, int]
    after: str = "CREATE_COMPLETE"
    listing: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(pages=1))
    listed: list[set[str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    described: list[str] = field(default_factory=list)
    stack_id: Callable[[str], str] = arn
    fails: list[Exception] = field(default_factory=list)

    def states(self, names: set[str]) -> dict[str, StackState]:
        self.listed.append(set(names))
        if self.fails:
            raise self.fails.pop(0)
        found = {}
        for name in names:
            self.left[name] -= 1
            status = self.after if self.left[name] < 0 else "UPDATE_IN_PROGRESS"
            found[name] = StackState(name, status, self.stack_id(name))
        return found

    def describe(self, stack_id: str) -> StackState:
        self.described.append(stack_id)
        return StackState(stack_id, self.after, stack_id)

    def events_after(self, stack_id: str, seen: str | None) -> list[ResourceEvent]:
        name = stack_id.split("/")[1]
        self.asked.append(name)
        self.left[name] -= 1
        ended = self.left[name] < 0 and seen != "end"
        return [replace(event(0, self.after, stack_id), event_id="end")] if ended else []


class Gated(Poller):
    """Looks at nothing before it is told to."""

    def _run(self) -> None:
        assert self.gate.wait(PATIENCE_SECONDS)
        super()._run()

    @cached_property
    def gate(self) -> threading.Event:
        return threading.Event()


def watched(region: Region, *, seen: str | None = None, **options: Any) -> dict[str, Watched]:
    """Watch every stack of the region from a thread of its own, all due at the same time."""
    poller = Gated(cast("CloudFormation", region), lambda *_: repeat(0.01), many=3)
    shared = Watcher(poller)
    found: dict[str, Watched] = {}

    def watch(name: str) -> None:
        found[name] = shared.watch(arn(name), seen, lambda _: None, **options)

    threads = [threading.Thread(target=watch, args=(name,)) for name in region.left]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(poller._active) == len(threads))
    poller.gate.set()
    for thread in threads:
        thread.join()
    assert found.keys() == region.left.keys()
    return found


NAMES = [f"dev{number}" for number in range(8)]


def test_many_are_listed_and_those_that_are_made_need_no_look_of_their_own() -> None:
    region = Region(dict.fromkeys(NAMES, 0))
    found = watched(region)
    assert {one.state.status for one in found.values()} == {"CREATE_COMPLETE"}
    assert region.described == []
    assert len(region.asked) == 2  # these tell how long it took
    assert len(region.listed) == 1


def test_an_update_is_over_when_it_was_seen_to_be_at_work_before() -> None:
    region = Region(dict.fromkeys(NAMES, 2), after="UPDATE_COMPLETE")
    found = watched(region, seen="0")
    assert {one.state.status for one in found.values()} == {"UPDATE_COMPLETE"}
    # Only those that were found to have ended when they were asked what they were at.
    assert len(region.described) <= 4


def test_a_stack_at_rest_may_only_not_have_begun() -> None:
    region = Region(dict.fromkeys(NAMES, 0), after="UPDATE_COMPLETE")
    watched(region, seen="0")
    assert region.listed
    assert set(region.described) == {arn(name) for name in NAMES}


def test_a_stack_of_the_same_name_is_another() -> None:
    region = Region(dict.fromkeys(NAMES, 1), stack_id=lambda name: f"{arn(name)}-other")
    watched(region)
    assert set(region.described) == {arn(name) for name in NAMES}


def test_a_failure_is_asked_about() -> None:
    region = Region(dict.fromkeys(NAMES, 0), after="CREATE_FAILED")
    found = watched(region)
    assert all(one.events for one in found.values())


def test_what_is_seen_to_end_otherwise_is_described() -> None:
    class Other(Region):
        def events_after(self, stack_id: str, seen: str | None) -> list[ResourceEvent]:
            found = super().events_after(stack_id, seen)
            return [replace(one, status="ROLLBACK_COMPLETE") for one in found]

    region = Other(dict.fromkeys(NAMES, 0), after="CREATE_FAILED")
    watched(region)
    assert set(region.described) == {arn(name) for name in NAMES}


def test_the_deadline_ends_a_watch_by_listings_too() -> None:
    region = Region(dict.fromkeys(NAMES, 10**9))
    poller = Poller(cast("CloudFormation", region), lambda *_: repeat(0.01), many=3)
    shared = Watcher(poller)
    raised: list[Exception] = []

    def watch(name: str) -> None:
        try:
            shared.watch(arn(name), None, lambda _: None, seconds=0.3)
        except StillRunningError as error:
            raised.append(error)

    threads = [threading.Thread(target=watch, args=(name,)) for name in NAMES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(raised) == len(NAMES)


def test_a_listing_that_is_not_answered_is_asked_for_again() -> None:
    region = Region(dict.fromkeys(NAMES, 0), fails=[UnavailableError("listing: Throttling")] * 2)
    found = watched(region)
    assert len(found) == len(NAMES)
    with pytest.raises(TapgenError, match="AccessDenied"):
        _raise_first(Region(dict.fromkeys(NAMES, 0), fails=[TapgenError("AccessDenied")]))


def _raise_first(region: Region) -> None:
    region.listing.pages = 0
    poller = Poller(cast("CloudFormation", region), lambda *_: repeat(0.0), many=1)
    Watcher(poller).watch(arn(NAMES[0]), None, lambda _: None, attached=True)


def test_one_watcher_that_stops_leaves_the_others_alone() -> None:
    script = Script({name: [[], [], [event(1, "CREATE_COMPLETE", name)]] for name in "a"})
    poller = Poller(cast("CloudFormation", script), lambda *_: repeat(0.02))
    one, other = Watcher(poller), Watcher(poller)
    other.stop()
    with pytest.raises(StoppedError):
        other.watch("b", None, lambda _: None)
    assert one.watch("a", None, lambda _: None).state.status == "CREATE_COMPLETE"
    assert (one.abandoned, other.abandoned) == ((), ("b",))
