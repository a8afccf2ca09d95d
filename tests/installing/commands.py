"""The commands by which the Makefile, the workflows and the docs install, and their faults."""

from __future__ import annotations

import re
from typing import Final

_VARIABLE: Final = re.compile(r"^(\w+) [:?]?= ?(.*)$", re.MULTILINE)
_CONTINUED: Final = re.compile(r"\\\n\s*")
# What stands before a command: a recipe's prefix, a workflow's step, a prompt.
_BEFORE: Final = re.compile(r"^[@\s-]*(?:run: )?(?:\$ )?")
# `python -m pip --python other/python install ...`, `pip3 install ...`, `uv pip sync ...`
_INSTALL: Final = re.compile(r"(?P<pip>.*?\bpip3?(?: --\S+ \S+)*?) (?:install|sync) (?P<what>.*)")
_LOCK: Final = re.compile(r"(^|\s)(-r|--requirement)\b|\.lock\b")
_AS_LOCKED: Final = ("--no-deps", "--only-binary :all:", "--require-hashes")
_NPM: Final = re.compile(r"\bnpm (install|i)\b|\bnpx\b")


def variables(makefile: str) -> dict[str, str]:
    """The variables that a Makefile sets, with those that they are made of."""
    values = dict(_VARIABLE.findall(_CONTINUED.sub(" ", makefile)))
    return {name: _expanded(value, values) for name, value in values.items()}


def _expanded(text: str, values: dict[str, str]) -> str:
    while (more := re.sub(r"\$\((\w+)\)", lambda m: values.get(m[1], m[0]), text)) != text:
        text = more
    return text


def commands(text: str) -> list[str]:
    """The commands in a Makefile, a workflow, a shell script or a page of the docs, in order."""
    recipes = _VARIABLE.sub("", _CONTINUED.sub(" ", text))
    text = _expanded(recipes, variables(text))
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    parts = (part for line in lines for part in re.split(r"&&|\|\||[;|`]", line))
    return [command for part in parts if (command := _BEFORE.sub("", part).strip())]


def faults(text: str, *, docs: bool = False) -> list[str]:
    """What is installed in another way than a lock says.

    A lock is installed as it is, and `pip check` of the same Python follows. Everything else is the
    project itself, without what it needs and without a build environment from an index; the docs
    may also show users how to install it.
    """
    found = []
    every = commands(text)
    for number, command in enumerate(every):
        if not docs and _NPM.search(command):
            found.append(f"{command}: use `npm ci`")
        if not (install := _INSTALL.match(command)):
            continue
        what = install["what"]
        if _LOCK.search(what):
            found += [f"{command}: without {word}" for word in _AS_LOCKED if word not in what]
            if f"{install['pip']} check" not in _up_to_the_next_lock(every[number + 1 :]):
                found.append(f"{command}: no `pip check` follows")
        elif not docs and "--no-deps" not in what:
            found.append(f"{command}: not from a lock")
        elif not docs and what.endswith(" .") and "--no-build-isolation" not in what:
            found.append(f"{command}: built with what an index offers today")
    return found


def _up_to_the_next_lock(following: list[str]) -> list[str]:
    for number, command in enumerate(following):
        install = _INSTALL.match(command)
        if install and _LOCK.search(install["what"]):
            return following[:number]
    return following
