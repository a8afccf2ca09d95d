from __future__ import annotations

import os
import signal
import sys
import time
from multiprocessing import get_context

import pytest

from tapgen.errors import UsageError
from tapgen.stacks import spreading
from tapgen.stacks.spreading import processors, spread
from tests.waiting import PATIENCE_SECONDS

linux = pytest.mark.skipif(sys.platform != "linux", reason="only there processes are forked")


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=linux)])
def test_results_come_in_the_order_of_the_items(processes: int) -> None:
    factor = 3  # a function that only a fork can take along

    def tripled(number: int) -> int:
        time.sleep(0.02 * (3 - number))
        return factor * number

    assert spread(tripled, [1, 2, 3], processes) == [3, 6, 9]


@linux
def test_processes_share_the_work() -> None:
    together = get_context("fork").Barrier(2)

    def worker(_: int) -> int:
        together.wait(PATIENCE_SECONDS)
        return os.getpid()

    found = spread(worker, [1, 2, 3, 4], 2)
    assert len(set(found)) == 2
    assert os.getpid() not in found


def test_a_single_item_is_not_worth_a_process() -> None:
    assert spread(lambda _: os.getpid(), [1], 8) == [os.getpid()]
    assert spread(lambda _: os.getpid(), [], 8) == []


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=linux)])
def test_an_error_is_as_it_was_raised(processes: int) -> None:
    def refuse(_: int) -> None:
        raise UsageError("this is wrong", "do that")

    with pytest.raises(UsageError) as raised:
        spread(refuse, [1, 2], processes)
    assert (raised.value.message, raised.value.hint) == ("this is wrong", "do that")


@linux
def test_all_processors_that_may_be_used_count(monkeypatch: pytest.MonkeyPatch) -> None:
    assert processors() == len(os.sched_getaffinity(0))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert processors() == 1


def test_a_worker_leaves_interruptions_to_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[int, object] = {}
    monkeypatch.setattr(signal, "signal", taken.__setitem__)
    spreading._begin(str)
    assert spreading._do(1) == "1"
    assert taken == {
        signal.SIGINT: signal.SIG_IGN,
        signal.SIGTERM: signal.SIG_DFL,
    }
