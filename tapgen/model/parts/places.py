"""Places in a platform's code for messages: "shop/guards.py:12"."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

import tapgen

_ENGINE: Final = f"{Path(tapgen.__file__).parent}{os.sep}"
_PLATFORM: Final = f"{_ENGINE}payments{os.sep}"  # the platform that comes with tapgen
# A dataclass is created by generated code without a file, or by `dataclasses.replace`.
_MAKERS: Final = ("<string>", f"{os.sep}dataclasses.py")


def spelled(path: str | Path) -> str:
    """The path relative to the working directory if it is below that, otherwise as it is."""
    path, here = Path(path), Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)


def in_project(path: str, otherwise: str) -> str:
    """The name of a file in advice: its path relative to the working directory.

    `otherwise` is used for tapgen's own files, which users do not edit.
    """
    written = spelled(path)
    return otherwise if written == path and path.startswith(_ENGINE) else written


def place_in(error: BaseException, otherwise: object = None) -> str:
    """The last line of the platform's code in the traceback of an error.

    If there is none, the place where `otherwise` is defined, a function that was never entered.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"{spelled(error.filename)}:{error.lineno}"
    import traceback

    way = traceback.extract_tb(error.__traceback__)
    own = [one for one in way if _is_own(one.filename)]
    if own:
        return f"{spelled(own[-1].filename)}:{own[-1].lineno}"
    return place_of(otherwise)


def _is_own(file: str) -> bool:
    """True if a file belongs to the platform, not to a library, Python or the engine."""
    if file.startswith(_ENGINE):
        return file.startswith(_PLATFORM)
    return not ("site-packages" in file or "/lib/python" in file or file.startswith("<"))


def place_of_maker() -> str:
    """The place that creates the value whose `__post_init__` calls this."""
    frame = sys._getframe(2)  # noqa: SLF001 - `inspect.stack()` reads all files of the stack
    while frame.f_code.co_filename.endswith(_MAKERS) and frame.f_back:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def place_of(function: Any) -> str:
    """The place where a function, a class or a callable object is defined, or ""."""
    import inspect  # slow to load, and only needed for faults
    from functools import partial

    while isinstance(function, partial):
        function = function.func
    function = inspect.unwrap(function)
    if not (inspect.isroutine(function) or inspect.isclass(function)):
        function = type(function)
    try:
        _, line = inspect.getsourcelines(function)
        return f"{spelled(str(inspect.getsourcefile(function)))}:{line}"
    except (OSError, TypeError):  # it is in C, or its file no longer exists
        return ""
