"""The output of `tapgen config`."""

from __future__ import annotations

from tapgen.cli import machine
from tapgen.cli.terminal import echo
from tapgen.cli.views.text import table
from tapgen.configuration import Configuration


def show(configuration: Configuration, output: str) -> None:
    """Print the project's folder, and each key with its value and source."""
    found = {"project": (str(configuration.folder), configuration.origin), **configuration.values}
    if output == "json":
        keys = {name: {"value": value, "source": origin} for name, (value, origin) in found.items()}
        machine.show({"keys": keys})
        return
    rows = [[name, _shown(value), origin] for name, (value, origin) in found.items()]
    echo(table(["key", "value", "from"], rows))


def _shown(value: str | int | list[str] | None) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "-"
    return str(value or "-")
