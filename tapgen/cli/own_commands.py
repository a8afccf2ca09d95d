"""Commands that are not tapgen's own: those of the project's platform and of installed packages.

They are searched if a name is not one of tapgen's own, for `--help` and for completion, and
imported when they are called. A broken one does not affect the others.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from tapgen.cli.invocation import Invocation
from tapgen.errors import TapgenError
from tapgen.model.parts.running import blame
from tapgen.model.platform import load

# Entry points of this group are commands (packaging.python.org, Entry points specification).
GROUP: Final = "tapgen.commands"
UNKNOWN: Final = "the project's own commands cannot be listed"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_DISTRIBUTIONS: Final = (".dist-info", ".egg-info")


class Own(NamedTuple):
    """A command by its reference ("package.module:NAME"), and its owner in words."""

    name: str
    reference: str
    summary: str
    whose: str


class Found(NamedTuple):
    """Own commands by name, and why others are not available, in words."""

    commands: dict[str, Own]
    faults: tuple[str, ...]


def own_commands(invocation: Invocation, taken: frozenset[str]) -> Found:
    """The commands of the platform, then those of packages; names in `taken` are tapgen's."""
    commands: dict[str, Own] = {}
    faults: list[str] = []
    try:
        of_platform = _of_platform(invocation)
    except TapgenError as error:
        of_platform = []
        faults.append(f"{UNKNOWN}: {error.message}")
    for own in (*of_platform, *_installed()):
        other = f"{commands[own.name].whose} has one" if own.name in commands else ""
        other = "tapgen has one" if own.name in taken else other
        if other:
            faults.append(f"{own.name} of {own.whose} is not available: {other} of that name")
        elif not _NAME.fullmatch(own.name):
            words = "a name is lower-case letters, digits and hyphens"
            faults.append(f"{own.name!r} of {own.whose} is not available: {words}")
        else:
            commands[own.name] = own
    return Found(commands, tuple(faults))


def load_command(own: Own) -> click.Command:
    """Import it. Raises `TapgenError` if that fails or does not result in a command."""
    what = f"the command {own.name} of {own.whose}"
    command = load(own.reference, what)
    if not isinstance(command, click.Command):
        raise TapgenError(
            f"{what}: {own.reference!r} is not a command",
            "Make it one with `@click.command()`, as docs/parts-of-your-own.md shows.",
        )
    return _guarded(command, what)


def _guarded(command: click.Command, what: str) -> click.Command:
    """The command; its unexpected errors are attributed to it."""
    invoke = command.invoke

    def invoking(ctx: click.Context) -> Any:
        try:
            return invoke(ctx)
        except SystemExit as end:  # of a command it is the exit code, or a last word
            raise click.exceptions.Exit(end.code or 0) from end  # type: ignore[arg-type]
        except TapgenError:
            raise
        except Exception as error:  # noqa: BLE001 - unlike other parts, a command prints results
            blame(error, what)

    command.invoke = invoking  # type: ignore[method-assign]
    return command


def _of_platform(invocation: Invocation) -> list[Own]:
    platform = invocation.platform
    whose = f"the platform {platform.name}"
    return [Own(name, *one, whose) for name, one in platform.commands.items()]


def _installed() -> Iterator[Own]:
    """The entry points of packages; importlib.metadata would take as long as all the rest."""
    for folder in dict.fromkeys(sys.path):
        try:
            names = sorted(os.listdir(folder or "."))  # noqa: PTH208 - hundreds of names, few paths
        except OSError:
            continue
        for name in names:
            if name.endswith(_DISTRIBUTIONS):
                package = name.partition("-")[0].partition(".")[0]
                for command, reference in _entry_points(Path(folder, name, "entry_points.txt")):
                    whose = f"the package {package}"
                    yield Own(command, reference, f"(of {whose})", whose)


def _entry_points(file: Path) -> Iterator[tuple[str, str]]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return
    if GROUP not in text:  # so it is in nearly all
        return
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line.strip("[]").strip()
        elif group == GROUP and "=" in line and not line.startswith(("#", ";")):
            name, _, reference = line.partition("=")
            yield name.strip(), reference.strip()
