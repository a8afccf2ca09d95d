"""Where a platform's code is, as messages name it: "shop/guards.py:12"."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

import tapgen

_ENGINE: Final = f"{Path(tapgen.__file__).parent}{os.sep}"
_PLATFORM: Final = f"{_ENGINE}payments{os.sep}"  # that comes with it
# A dataclass is made by code that is in no file, or by `dataclasses.replace`.
_MAKERS: Final = ("<string>", f"{os.sep}dataclasses.py")


def spelled(path: str | Path) -> str:
    """The path from the working folder where it is below that, otherwise as it is."""
    path, here = Path(path), Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)


def in_project(path: str, otherwise: str) -> str:
    """How a file is named in advice that people follow: as it is there from the working folder.

    `otherwise` is what it is called where it is one of tapgen's own, which is nobody's to edit.
    """
    written = spelled(path)
    return otherwise if written == path and path.startswith(_ENGINE) else written


def place_in(error: BaseException, otherwise: object = None) -> str:
    """The last line of the platform's code that led to an error.

    Where there is none, that is where `otherwise` is defined: a function that was never entered.
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
    """Whether a file is of the platform, and not of a library, of Python or of the engine."""
    if file.startswith(_ENGINE):
        return file.startswith(_PLATFORM)
    return not ("site-packages" in file or "/lib/python" in file or file.startswith("<"))


def place_of_maker() -> str:
    """Where the value is made whose `__post_init__` asks."""
    frame = sys._getframe(2)  # noqa: SLF001 - `inspect.stack()` reads every file on the way
    while frame.f_code.co_filename.endswith(_MAKERS) and frame.f_back:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def place_of(function: Any) -> str:
    """Where a function, a class or an object that can be called is defined, or ""."""
    import inspect  # takes long to load, and only what is wrong is placed
    from functools import partial

    while isinstance(function, partial):
        function = function.func
    function = inspect.unwrap(function)
    if not (inspect.isroutine(function) or inspect.isclass(function)):
        function = type(function)
    try:
        _, line = inspect.getsourcelines(function)
        return f"{spelled(str(inspect.getsourcefile(function)))}:{line}"
    except (OSError, TypeError):  # it is written in C, or its file is gone
        return ""
