"""All commands, also those of groups: `("render",)`, `("env", "list")`, ..."""

from __future__ import annotations

from importlib import import_module

import click

from tapgen.cli.main import COMMANDS, module_of


def commands() -> list[tuple[str, ...]]:
    """The path of each, groups before what is in them."""
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        found.append((name,))
        command = command_at((name,))
        if isinstance(command, click.Group):
            found += [(name, sub) for sub in command.commands]
    return found


def command_at(path: tuple[str, ...]) -> click.Command:
    """The command itself."""
    command: click.Command = import_module(module_of(path[0])).command
    for name in path[1:]:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command
