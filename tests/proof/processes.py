"""Other programs, shown and written down as they run, and interrupted once for each Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """A program that has come to its end."""

    code: int
    output: str
    seconds: float


def run(
    command: Sequence[str], log: Path, *, cwd: Path, env: Mapping[str, str], quiet: bool = False
) -> Ended:
    """Run a program to its end; Ctrl-C is passed on to it, and raised again when it has ended.

    It is in a session of its own, so that it gets one interrupt from us and none from the terminal.
    """
    begun = time.monotonic()
    lines: list[str] = []
    interrupted = False
    with (
        log.open("w") as file,
        subprocess.Popen(
            command,
            cwd=cwd,
            env={**env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as child,
    ):
        assert child.stdout is not None
        while True:
            try:
                for line in child.stdout:
                    lines.append(line)
                    file.write(line)
                    file.flush()
                    if not quiet:
                        say(line.rstrip("\n"))
                code = child.wait()
                break
            except KeyboardInterrupt:
                interrupted = True
                child.send_signal(signal.SIGINT)
    if interrupted:
        raise KeyboardInterrupt
    return Ended(code, "".join(lines), time.monotonic() - begun)


def say(text: str) -> None:
    """Tell whoever watches, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
