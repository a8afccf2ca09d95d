"""The code that an answer depends on: tapgen's own, its libraries, and Python.

The process itself knows everything that a run has loaded, so no list of dependencies is written by
hand: the modules in `sys.modules`, and the data files that were opened (`watch`). tapgen's own
sources are identified by content, because people edit them and change branches. Libraries, and a
platform outside of tapgen, are identified by the status of their files, because reading them all
would take too long. The status shows every change except one within the resolution of a file
system's clock, so an answer does not count if a file was changed moments ago.
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
_COARSEST_CLOCK: Final = 2_000_000_000  # nanoseconds; FAT stores times to two seconds
_BYTECODE: Final = ".pyc"
# For the encoding of text before hashing: file names that are not UTF-8 have surrogates.
ANY: Final = "surrogatepass"

_watched: set[str] = set()
_known: set[str] = set()  # files that count in addition to the modules of this process
_too_late: bool = False


def rooms(*names: str) -> tuple[str, ...]:
    """The beginnings of the paths of all files in these rooms of tapgen."""
    return tuple(f"{PACKAGE}{name}{os.sep}" for name in names)


def interpreter() -> str:
    """The identity of this Python and its search path, with the status of its folders.

    A module that is added to a folder of the search path may hide another one of its name.
    """
    folders = [f"{folder} {_status(folder or os.curdir)}" for folder in sys.path]
    flags = sys.flags
    return repr((sys.version, sys.executable, flags.optimize, flags.dev_mode, folders))


def watch(package: str) -> None:
    """Note all files below the folder of `package` that are opened from now on.

    It must not be loaded yet: otherwise it is not known what it has read, and nothing in this
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
    """Note files that an answer from another process depends on, and that this run uses."""
    _known.update(files)


def loaded() -> set[str]:
    """The files of all loaded modules, those opened under `watch`, and those of `rely_on`.

    cfn-lint's rules are not in `sys.modules`; their bytecode is opened, whose name has the source.
    """
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    return {_source(path) for path in {*files, *_known} if path}


def _source(path: str) -> str:
    """The source file of bytecode; other files, and bytecode without a source, as they are.

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
    """True if all files are known to be the same as when this run began."""
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
