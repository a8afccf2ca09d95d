"""Properties of the walk over a graph."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.flow import walk as schedule
from tapgen.deploy.flow.walk import Emit, Ended, walk
from tapgen.errors import TapgenError
from tapgen.model.graph import Graph, descendants
from tests.waiting import PATIENCE_SECONDS


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
class Recorder:
    """Work that notes when each node started and ended, and how many were at work."""

    events: list[tuple[str, str]] = field(default_factory=list)
    most: int = 0
    at_work: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, name: str, emit: Emit[str]) -> str:
        with self.lock:
            self.events.append(("start", name))
            self.at_work += 1
            self.most = max(self.most, self.at_work)
        emit(f"hello from {name}")
        with self.lock:
            self.at_work -= 1
            self.events.append(("end", name))
        return f"did {name}"


@given(graph=graphs(), concurrency=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_every_node_runs_once_after_what_it_needs(graph: Graph, concurrency: int) -> None:
    record = Recorder()
    items = list(walk(graph, record, skip=lambda *_: None, max_concurrency=concurrency))
    ended = [item for item in items if isinstance(item, Ended)]
    assert sorted(item.name for item in ended) == sorted(graph)
    assert all(item.result == f"did {item.name}" and item.seconds >= 0 for item in ended)
    assert sorted(i for i in items if isinstance(i, str)) == sorted(
        f"hello from {n}" for n in graph
    )
    for name, needs in graph.items():
        started = record.events.index(("start", name))
        assert all(record.events.index(("end", need)) < started for need in needs)
    assert record.most <= concurrency


@given(graph=graphs(), data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_skip_reaches_descendants_and_nobody_else(graph: Graph, data: st.DataObject) -> None:
    bad = data.draw(st.sampled_from(sorted(graph)))

    def skip(name: str, results: object) -> str | None:
        assert isinstance(results, dict)
        return "skipped" if any(results.get(n) in {"bad", "skipped"} for n in graph[name]) else None

    def work(name: str, _: Emit[str]) -> str:
        return "bad" if name == bad else "good"

    found = {
        item.name: item.result
        for item in walk(graph, work, skip=skip, max_concurrency=2)
        if isinstance(item, Ended)
    }
    below = descendants(graph, bad)
    assert found.pop(bad) == "bad"
    assert found == {name: "skipped" if name in below else "good" for name in graph if name != bad}


def test_dependencies_outside_the_graph_count_as_fulfilled() -> None:
    graph = {"b": frozenset({"a"})}
    items = list(walk(graph, Recorder(), skip=lambda *_: None, max_concurrency=1))
    assert isinstance(items[-1], Ended)


def test_independent_nodes_are_at_work_together() -> None:
    together = threading.Barrier(3, timeout=PATIENCE_SECONDS)

    def work(_: str, __: Emit[str]) -> None:
        together.wait()

    graph = dict.fromkeys("abc", frozenset[str]())
    assert len(list(walk(graph, work, skip=lambda *_: None, max_concurrency=3))) == 3


def test_an_exception_in_a_worker_is_raised_and_nothing_new_begins() -> None:
    begun: list[str] = []

    def work(name: str, _: Emit[str]) -> None:
        begun.append(name)
        raise ZeroDivisionError(name)

    graph = {"a": frozenset[str](), "b": frozenset({"a"})}
    with pytest.raises(ZeroDivisionError, match="a"):
        list(walk(graph, work, skip=lambda *_: None, max_concurrency=1))
    assert begun == ["a"]


def test_a_reader_that_stops_ends_the_workers_before_their_next_step() -> None:
    woken = threading.Event()
    seen: list[str] = []

    def work(name: str, emit: Emit[str]) -> None:
        emit(f"{name} begins")
        assert woken.wait(PATIENCE_SECONDS)
        seen.append("woken")
        try:
            emit("something new")
        except StoppedError as error:
            seen.append(str(error))
            raise

    graph = {"a": frozenset[str](), "b": frozenset({"a"})}
    messages = walk(graph, work, skip=lambda *_: None, max_concurrency=2, stop=woken.set)
    assert next(iter(messages)) == "a begins"
    messages.close()
    assert seen == ["woken", "the run was broken off"]


def test_workers_that_do_not_end_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "GRACE_SECONDS", 0.05)
    release = threading.Event()
    ended: list[bool] = []

    def work(_: str, emit: Emit[str]) -> None:
        emit("begins")
        ended.append(release.wait(PATIENCE_SECONDS))

    messages = walk({"a": frozenset()}, work, skip=lambda *_: None, max_concurrency=1)
    next(iter(messages))
    messages.close()
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

    def work(_: str, __: Emit[str]) -> None:
        assert woken.wait(PATIENCE_SECONDS)
        stopped.append(True)

    monkeypatch.setattr(threading.Thread, "start", limited)
    graph = {"first": frozenset[str](), "second": frozenset[str]()}
    items = walk(graph, work, skip=lambda *_: None, max_concurrency=2, stop=woken.set)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        list(items)
    assert stopped == [True]


def test_a_circle_is_refused() -> None:
    graph = {"a": frozenset({"b"}), "b": frozenset({"a"})}
    with pytest.raises(TapgenError, match="circle"):
        list(walk(graph, Recorder(), skip=lambda *_: None, max_concurrency=1))
