"""Properties of the walk over a graph."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.flow import walk as walking
from tapgen.deploy.flow.events import Event, Remark
from tapgen.deploy.flow.host import SILENT, Host, Question, Recorder
from tapgen.deploy.flow.walk import Broke, walk
from tapgen.errors import TapgenError
from tapgen.model.graph import Graph, descendants
from tests.lab import Reacting
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, frozenset[str]]:
    """A graph without circles: a node depends on nodes before it, listed in any order."""
    names = [f"n{index}" for index in range(draw(st.integers(1, 7)))]
    needs = {
        name: draw(st.frozensets(st.sampled_from(names[:index]))) if index else frozenset()
        for index, name in enumerate(names)
    }
    return {name: needs[name] for name in draw(st.permutations(names))}


@dataclass
class Work:
    """Work that notes when each node started and ended, and how many were at work."""

    events: list[tuple[str, str]] = field(default_factory=list)
    most: int = 0
    at_work: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, name: str, host: Host) -> str:
        with self.lock:
            self.events.append(("start", name))
            self.at_work += 1
            self.most = max(self.most, self.at_work)
        host.tell(Remark(f"hello from {name}"))
        with self.lock:
            self.at_work -= 1
            self.events.append(("end", name))
        return f"did {name}"


@given(graph=graphs(), concurrency=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_every_node_runs_once_after_what_it_needs(graph: Graph, concurrency: int) -> None:
    work, host = Work(), Recorder()
    ended: list[tuple[str, str, float]] = []
    results = walk(
        graph,
        work,
        host,
        ended=lambda *end: ended.append(end),
        max_concurrency=concurrency,
    )
    assert results == {name: f"did {name}" for name in graph}
    assert [(name, result) for name, result, _ in ended] == list(results.items())
    assert all(seconds >= 0 for *_, seconds in ended)
    assert set(host.events) == {Remark(f"hello from {name}") for name in graph}
    assert len(host.events) == len(graph)
    for name, needs in graph.items():
        started = work.events.index(("start", name))
        assert all(work.events.index(("end", need)) < started for need in needs)
    assert work.most <= concurrency


@given(graph=graphs(), data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_skip_reaches_descendants_and_nobody_else(graph: Graph, data: st.DataObject) -> None:
    bad = data.draw(st.sampled_from(sorted(graph)))
    ended: dict[str, str] = {}

    def skip(name: str, results: Mapping[str, str]) -> str | None:
        return "skipped" if any(results.get(n) in {"bad", "skipped"} for n in graph[name]) else None

    def work(name: str, _: Host) -> str:
        return "bad" if name == bad else "good"

    found = walk(
        graph,
        work,
        SILENT,
        skip=skip,
        ended=lambda name, result, _: ended.update({name: result}),
        max_concurrency=2,
    )
    assert ended == found
    below = descendants(graph, bad)
    assert found.pop(bad) == "bad"
    assert found == {name: "skipped" if name in below else "good" for name in graph if name != bad}


def test_dependencies_outside_the_graph_count_as_fulfilled() -> None:
    graph = {"b": frozenset({"a"})}
    assert walk(graph, Work(), SILENT, max_concurrency=1) == {"b": "did b"}


def test_independent_nodes_are_at_work_together() -> None:
    together = threading.Barrier(3, timeout=PATIENCE_SECONDS)

    def work(_: str, __: Host) -> None:
        together.wait()

    graph = dict.fromkeys("abc", frozenset[str]())
    assert len(walk(graph, work, SILENT, max_concurrency=3)) == 3


def test_an_exception_in_a_worker_is_raised_and_nothing_new_begins() -> None:
    begun: list[str] = []

    def work(name: str, _: Host) -> None:
        begun.append(name)
        raise ZeroDivisionError(name)

    graph = {"a": frozenset[str](), "b": frozenset({"a"})}
    with pytest.raises(ZeroDivisionError, match="a"):
        walk(graph, work, SILENT, max_concurrency=1)
    assert begun == ["a"]


def breaking(_: Event) -> None:
    raise KeyboardInterrupt


def test_a_host_that_breaks_off_ends_the_workers_before_their_next_step() -> None:
    woken = threading.Event()
    seen: list[str] = []

    def work(name: str, host: Host) -> None:
        host.tell(Remark(f"{name} begins"))
        assert woken.wait(PATIENCE_SECONDS)
        seen.append("woken")
        try:
            host.tell(Remark("something new"))
        except StoppedError as error:
            seen.append(str(error))
            raise

    graph = {"a": frozenset[str](), "b": frozenset({"a"})}
    host = Reacting(then=breaking)
    with pytest.raises(KeyboardInterrupt):
        walk(graph, work, host, max_concurrency=2, stop=woken.set)
    assert host.events == [Remark("a begins")]
    assert seen == ["woken", "the run was interrupted"]


def test_workers_that_do_not_end_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "GRACE_SECONDS", 0.05)
    release = threading.Event()
    ended: list[bool] = []

    def work(_: str, host: Host) -> None:
        host.tell(Remark("begins"))
        ended.append(release.wait(PATIENCE_SECONDS))

    with pytest.raises(KeyboardInterrupt):
        walk({"a": frozenset()}, work, Reacting(then=breaking), max_concurrency=1)
    assert ended == []
    release.set()


def test_where_no_thread_can_be_had_the_others_end_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start, stopped, woken = threading.Thread.start, [], threading.Event()

    def limited(self: threading.Thread) -> None:
        if self.name == "tapgen-second":
            raise RuntimeError("can't start new thread")
        start(self)

    def work(_: str, __: Host) -> None:
        assert woken.wait(PATIENCE_SECONDS)
        stopped.append(True)

    monkeypatch.setattr(threading.Thread, "start", limited)
    graph = {"first": frozenset[str](), "second": frozenset[str]()}
    with pytest.raises(RuntimeError, match="can't start new thread"):
        walk(graph, work, SILENT, max_concurrency=2, stop=woken.set)
    assert stopped == [True]


def test_a_circle_is_refused() -> None:
    graph = {"a": frozenset({"b"}), "b": frozenset({"a"})}
    with pytest.raises(TapgenError, match="circle"):
        walk(graph, Work(), SILENT, max_concurrency=1)


# --- questions ------------------------------------------------------------------------------------


@dataclass
class Asking(Recorder):
    """A host that notes in which thread it is asked, and answers with `says`."""

    says: Any = None
    threads: list[threading.Thread] = field(default_factory=list)

    def ask(self, question: Question) -> bool:
        self.threads.append(threading.current_thread())
        super().ask(question)
        return bool(self.says(question))


def asks(name: str, host: Host) -> bool:
    return host.ask(Question(f"{name}?"))


def test_the_host_is_asked_in_the_thread_that_walks_and_each_hears_its_own_answer() -> None:
    host = Asking(says=lambda question: question.text == "a?")
    graph = dict.fromkeys("abc", frozenset[str]())
    assert walk(graph, asks, host, max_concurrency=3) == {"a": True, "b": False, "c": False}
    assert set(host.threads) == {threading.current_thread()}
    assert sorted(question.text for question in host.questions) == ["a?", "b?", "c?"]


def test_a_question_that_is_open_when_the_walk_is_broken_off_is_answered_with_no() -> None:
    both, heard = threading.Barrier(2, timeout=PATIENCE_SECONDS), list[tuple[str, bool]]()

    def gone(_: Question) -> bool:
        raise LookupError("the terminal is gone")

    def work(name: str, host: Host) -> None:
        both.wait()
        heard.append((name, host.ask(Question(f"{name}?"))))

    graph = dict.fromkeys("ab", frozenset[str]())
    with pytest.raises(LookupError, match="the terminal is gone"):
        walk(graph, work, Asking(says=gone), max_concurrency=2)
    assert sorted(heard) == [("a", False), ("b", False)]


def test_a_question_after_the_end_is_answered_with_no_and_nobody_is_asked() -> None:
    broken_off, heard = threading.Event(), list[bool]()

    def work(_: str, host: Host) -> None:
        host.tell(Remark("begins"))
        assert broken_off.wait(PATIENCE_SECONDS)
        heard.append(host.ask(Question("late?")))

    host = Reacting(then=breaking)
    with pytest.raises(KeyboardInterrupt):
        walk({"a": frozenset()}, work, host, max_concurrency=1, stop=broken_off.set)
    assert (heard, host.questions) == ([False], [])


def test_the_first_answer_counts() -> None:
    """Breaking off answers what is open with no: what was agreed to before stays so."""
    heard, agreed = list[bool](), threading.Event()

    def work(_: str, host: Host) -> None:
        heard.append(host.ask(Question("now?")))
        agreed.set()
        host.tell(Remark("it goes on"))

    with pytest.raises(KeyboardInterrupt):
        walk({"a": frozenset()}, work, Reacting(then=breaking), max_concurrency=1)
    assert agreed.is_set()
    assert heard == [True]


# --- the inbox ------------------------------------------------------------------------------------


def test_what_others_put_into_the_inbox_is_told_among_the_rest() -> None:
    inbox: SimpleQueue[Any] = SimpleQueue()
    inbox.put(Remark("from elsewhere"))
    host = Recorder()
    walk({"a": frozenset()}, Work(), host, max_concurrency=1, inbox=inbox)
    assert host.events == [Remark("from elsewhere"), Remark("hello from a")]


def test_a_walk_is_broken_off_through_its_inbox_however_long_its_workers_wait() -> None:
    inbox: SimpleQueue[Any] = SimpleQueue()
    woken = threading.Event()

    def work(name: str, host: Host) -> str:
        host.tell(Remark(f"{name} begins"))
        assert woken.wait(PATIENCE_SECONDS)
        return name

    def stopping(_: Event) -> None:
        inbox.put(Broke(StoppedError("the run was interrupted")))

    graph = {"a": frozenset[str](), "b": frozenset({"a"})}
    host = Reacting(then=stopping)
    with pytest.raises(StoppedError):
        walk(graph, work, host, max_concurrency=1, stop=woken.set, inbox=inbox)
    assert host.events == [Remark("a begins")]
