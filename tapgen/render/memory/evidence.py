"""The code that an answer was found by: tapgen's own, its libraries, and Python.

Everything that a run has loaded is known to the process itself, so no list of dependencies has to
be kept by hand: the modules in `sys.modules`, and the data files that were opened (`watch`). Own
sources are known by content, because people edit them and change branches. Libraries, and a
platform outside of tapgen, are known by the status of their files: to read them all would take too
long. That shows every change, except one within the resolution of a file system's clock, so nothing
counts that was touched moments ago.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

PACKAGE: Final = str(Path(__file__).parents[2]) + os.sep
BEGUN: Final = time.time_ns()  # this module is loaded before anything is looked up
_COARSEST_CLOCK: Final = 2_000_000_000  # FAT keeps times to two seconds, in nanoseconds
_BYTECODE: Final = ".pyc"
# How text is encoded to be hashed: names of files need not be UTF-8, and have surrogates then.
ANY: Final = "surrogatepass"

_watched: set[str] = set()
_known: set[str] = set()  # files that count beside the modules of this process
_too_late: bool = False


def rooms(*names: str) -> tuple[str, ...]:
    """How the paths of the files in these folders of tapgen begin."""
    return tuple(f"{PACKAGE}{name}{os.sep}" for name in names)


def interpreter() -> str:
    """What tells this Python and its search path from another; folders with their status.

    A module that is added to a folder of the search path may stand before another of its name.
    """
    folders = [f"{folder} {_status(folder or os.curdir)}" for folder in sys.path]
    flags = sys.flags
    return repr((sys.version, sys.executable, flags.optimize, flags.dev_mode, folders))


def watch(package: str) -> None:
    """Note from now on what is opened below the folder of `package`.

    It must not have been loaded yet: otherwise nobody knows what it has read, and nothing of this
    process is `settled` any more.
    """
    global _too_late  # noqa: PLW0603 - a fact about the process, as everything here
    if not _watched:
        sys.addaudithook(_note)
    if package not in _watched:
        _too_late |= package in sys.modules
        _watched.add(package)


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str):
        path = arguments[0]
        if any(f"{os.sep}{package}{os.sep}" in path for package in _watched):
            _known.add(path)


def rely_on(files: Iterable[str]) -> None:
    """Note files that an answer of another process depends on, which this run makes use of."""
    _known.update(files)


def loaded() -> set[str]:
    """The files of all modules loaded so far, those opened under watch, those relied on.

    cfn-lint keeps its rules out of `sys.modules`; their bytecode is opened, and names the source.
    """
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    return {_source(path) for path in {*files, *_known} if path}


def _source(path: str) -> str:
    """The file that bytecode was compiled from; other files, and bytecode without one, as it is.

    Python writes bytecode to `name.pyc.<number>` first, and renames it.
    """
    name, extension, temporary = path.rpartition(_BYTECODE)
    if extension and not temporary.lstrip(".0123456789"):
        from importlib.util import source_from_cache

        with suppress(ValueError):
            return source_from_cache(name + extension)
    return path


def digest(files: Iterable[str]) -> str:
    """Hash of the interpreter and of the files as they are now."""
    found = sha256(interpreter().encode())
    for path in sorted(files):
        state = _content(path) if path.startswith(PACKAGE) else _status(path)
        found.update(f"{path}\0{state}\n".encode(errors=ANY))
    return found.hexdigest()


def settled(files: Iterable[str]) -> bool:
    """Whether all files are as they were when this run began, so that their state can be told."""
    if _too_late:
        return False
    latest = BEGUN - _COARSEST_CLOCK
    for path in [*files, *(folder or os.curdir for folder in sys.path)]:
        try:
            status = os.stat(path)  # noqa: PTH116 - a thousand of them
        except OSError:
            continue
        if max(status.st_mtime_ns, status.st_ctime_ns) > latest:
            return False
    return True


def _status(path: str) -> str:
    try:
        status = os.stat(path)  # noqa: PTH116 - a thousand of them
    except OSError:
        return "missing"
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


def _content(path: str) -> str:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a hundred of them
            return sha256(file.read()).hexdigest()
    except OSError:
        return "missing"
