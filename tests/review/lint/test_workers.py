from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from threading import Thread

import pytest

from tapgen.errors import UsageError
from tapgen.review.lint import workers
from tapgen.review.lint.workers import prefork, processors, spread
from tests.paths import ROOT
from tests.waiting import PATIENCE_SECONDS, wait_until

CALLER = """
import os, time
from contextlib import contextmanager
from tapgen.review.lint.workers import prefork

@contextmanager
def tool():
    print(os.getpid(), flush=True)
    yield int

with prefork(tool, 2):
    time.sleep(60)
"""

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
    assert processors() == 0


def test_a_worker_leaves_interruptions_to_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[int, object] = {}
    monkeypatch.setattr(signal, "signal", taken.__setitem__)
    workers._begin(str)
    assert workers._do(1) == "1"
    assert taken == {
        signal.SIGINT: signal.SIG_IGN,
        signal.SIGTERM: signal.SIG_DFL,
    }


ANYWHERE = pytest.mark.parametrize(
    "processes", [0, pytest.param(1, marks=linux), pytest.param(2, marks=linux)]
)


@ANYWHERE
def test_a_tool_works_on_all_items_in_order(processes: int) -> None:
    here = os.getpid()

    @contextmanager
    def tool() -> Iterator[Callable[[int], tuple[int, bool]]]:
        yield lambda number: (3 * number, os.getpid() == here)

    with prefork(tool, processes) as results:
        found = results([1, 2, 3])
    assert found == [(number, not processes) for number in (3, 6, 9)]


@ANYWHERE
def test_what_a_tool_raises_is_raised_where_it_is_asked(processes: int) -> None:
    @contextmanager
    def broken() -> Iterator[Callable[[int], int]]:
        raise UsageError("there is no tool", "install it")
        yield int

    @contextmanager
    def refusing() -> Iterator[Callable[[int], int]]:
        def refuse(_: int) -> int:
            raise UsageError("this is wrong", "do that")

        yield refuse

    for tool, message in ((broken, "there is no tool"), (refusing, "this is wrong")):
        with prefork(tool, processes) as results:
            if tool is broken and processes > 1:
                wait_until(lambda: not multiprocessing.active_children())
            with pytest.raises(UsageError) as raised:
                results([1])
        assert raised.value.message == message
        assert any("Traceback" in note for note in getattr(raised.value, "__notes__", ())) == bool(
            processes
        )


@linux
@pytest.mark.parametrize("processes", [1, 2])
def test_a_tool_is_got_ahead_only_with_a_processor_of_its_own(
    tmp_path: Path, processes: int
) -> None:
    @contextmanager
    def tool() -> Iterator[Callable[[int], int]]:
        (tmp_path / "got").touch()
        yield int

    with prefork(tool, processes) as results:
        assert len(multiprocessing.active_children()) == processes - 1
        if processes > 1:
            wait_until((tmp_path / "got").exists)
        assert results([1]) == [1]
    assert (tmp_path / "got").exists()


@linux
@pytest.mark.parametrize("processes", [1, 2])
def test_nobody_waits_for_a_tool_that_is_not_needed(processes: int) -> None:
    @contextmanager
    def tool() -> Iterator[Callable[[int], int]]:
        time.sleep(10 * PATIENCE_SECONDS)
        yield int

    begun = time.monotonic()
    with prefork(tool, processes):
        pass
    assert time.monotonic() - begun < PATIENCE_SECONDS
    assert not multiprocessing.active_children()


@linux
def test_a_process_that_is_killed_is_not_waited_for() -> None:
    @contextmanager
    def tool() -> Iterator[Callable[[int], int]]:
        os.kill(os.getpid(), signal.SIGKILL)
        yield int

    with prefork(tool, 1) as results, pytest.raises(RuntimeError, match="ended with -9"):
        results([1])


@linux
def test_whoever_breaks_off_waits_for_nobody(tmp_path: Path) -> None:
    @contextmanager
    def tool() -> Iterator[Callable[[int], None]]:
        def work(number: int) -> None:
            (tmp_path / f"{os.getpid()}").touch()
            time.sleep(10 * PATIENCE_SECONDS)

        yield work

    def at_work() -> list[int]:
        return [int(path.name) for path in tmp_path.iterdir()]

    def interrupt() -> None:
        wait_until(lambda: len(at_work()) == 2)
        os.kill(os.getpid(), signal.SIGINT)

    begun = time.monotonic()
    with prefork(tool, 2) as results:
        Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            results([1, 2])
    assert time.monotonic() - begun < PATIENCE_SECONDS
    assert not multiprocessing.active_children()
    wait_until(lambda: all(map(gone, at_work())))


@linux
def test_a_process_that_is_killed_leaves_none_behind(tmp_path: Path) -> None:
    @contextmanager
    def tool() -> Iterator[Callable[[int], None]]:
        def work(number: int) -> None:
            (tmp_path / f"{os.getpid()}").touch()
            wait_until(lambda: len(list(tmp_path.iterdir())) == 2)
            if number:
                os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(10 * PATIENCE_SECONDS)

        yield work

    with prefork(tool, 2) as results, pytest.raises(RuntimeError, match="ended with -9"):
        results([0, 1])
    wait_until(lambda: all(gone(int(path.name)) for path in tmp_path.iterdir()))


@linux
def test_a_process_ends_with_its_caller(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(CALLER)
    with subprocess.Popen([sys.executable, program], cwd=ROOT, stdout=subprocess.PIPE) as caller:
        assert caller.stdout
        child = int(caller.stdout.readline())
        caller.kill()
    wait_until(lambda: gone(child))


def gone(process: int) -> bool:
    """Whether it has ended, be it that nobody has taken note of that yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
