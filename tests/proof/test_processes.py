from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tests.proof import processes
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

TELLING = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
WAITING = """
import time
try:
    print("waiting", flush=True)
    time.sleep(300)
except KeyboardInterrupt:
    print("tidied up")
"""


def test_what_a_program_says_is_shown_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-u", "-c", TELLING]
    ended = processes.run(command, log, cwd=tmp_path, env=os.environ)
    assert (ended.code, ended.output) == (3, "out\nerr\n")
    assert log.read_text() == capsys.readouterr().out == "out\nerr\n"
    processes.run(command, log, cwd=tmp_path, env=os.environ, quiet=True)
    assert capsys.readouterr().out == ""


def test_an_interrupt_is_passed_on_once_and_the_end_waited_for(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def press() -> None:
        wait_until(lambda: log.exists() and "waiting" in log.read_text())
        os.kill(os.getpid(), signal.SIGINT)  # it is the main thread that reads

    pressing = threading.Thread(target=press)
    pressing.start()
    with pytest.raises(KeyboardInterrupt):
        processes.run([sys.executable, "-c", WAITING], log, cwd=tmp_path, env=os.environ)
    pressing.join()
    assert log.read_text() == "waiting\ntidied up\n"
