"""A separate program that runs one command and reports its cost, with as little memory as possible.

A new process inherits the peak memory of its parent, so a large process cannot measure a smaller
one.
"""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    """Run the given command. Print exit code, wall seconds, CPU seconds, and peak memory.

    The peak is in the unit of the system, see getrusage(2). The command's output goes to stderr, so
    that stdout has only the numbers.
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
