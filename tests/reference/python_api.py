"""The public Python API: every function and class of `tapgen.operations`, by its docstring."""

from __future__ import annotations

import inspect
from typing import Final

from tapgen import operations
from tapgen.project import Project
from tests.reference.markdown import GENERATED, block

WIDTH: Final = 88

_INTRO: Final = """\
# Python API

The functions and classes of `tapgen.operations`, and the project that the functions work on.
They print nothing, read no terminal and do not end the process.
[Using tapgen from Python](../python.md) shows how to use them together.
"""


def page() -> str:
    parts = [GENERATED, _INTRO, *_described("Project", Project, "tapgen.project")]
    for name in sorted(operations.__all__, key=str.lower):
        parts += _described(name, getattr(operations, name), "tapgen.operations")
    return "\n".join(parts)


def _described(name: str, value: object, module: str) -> list[str]:
    imported = f"from {module} import {name}"
    if not callable(value):
        return [f"## {name}\n", block(imported, "python"), f"A {type(value).__name__}.\n"]
    found = [f"## {name}\n", block(f"{imported}\n\n{_signature(name, value)}", "python")]
    if text := inspect.getdoc(value):
        found.append(block(text, "text"))
    return found


def _signature(name: str, value: object) -> str:
    """How it is called, an argument a line where one line would be too long."""
    assert callable(value)
    shown = inspect.signature(value)
    taken = [one for one in shown.parameters.values() if not one.name.startswith("_")]
    arguments = list(map(_argument, taken))
    if by_name := [one.kind for one in taken].count(inspect.Parameter.KEYWORD_ONLY):
        arguments.insert(len(arguments) - by_name, "*")
    returned = "" if inspect.isclass(value) else f" -> {_plain(shown.return_annotation)}"
    line = f"{name}({', '.join(arguments)}){returned}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {one}," for one in arguments), f"){returned}"])


def _argument(one: inspect.Parameter) -> str:
    kind = "" if one.annotation is one.empty else f": {_plain(one.annotation)}"
    if one.default is one.empty:
        return f"{one.name}{kind}"
    default = "..." if "factory" in repr(one.default) else repr(one.default)
    return f"{one.name}{kind} = {default.replace('PosixPath', 'Path')}"


def _plain(annotation: object) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
