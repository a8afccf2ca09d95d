"""A program of its own that runs one command and writes down what it cost, in as little memory.

The kernel lets a process begin with the peak of the one that it was started from, so a process that
is large itself cannot measure a smaller one.
"""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    """Run the command given; print exit code, seconds, seconds of processors, and peak memory.

    The peak is in the unit of the system, see getrusage(2). What the command prints goes to the
    standard error stream, so that the standard output has nothing but the numbers.
    """
    command = sys.argv[1:]
    output = [(os.POSIX_SPAWN_DUP2, 2, 1)]
    begin = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=output)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - begin
    code = os.waitstatus_to_exitcode(status)
    sys.stdout.write(f"{code} {wall} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}")


if __name__ == "__main__":
    main()
