"""A platform with commands of its own, good ones and others."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo
from tapgen.errors import RefusedError
from tapgen.model.platform import OwnCommand, Platform


@click.command()
@options.shared
@click.pass_obj
def names(invocation: Invocation) -> None:
    """Name the environments."""
    echo(" ".join(invocation.project.names()))


@click.command()
@click.option("--how", type=click.Choice(["loud", "low"]), default="low")
def fail(how: str) -> None:
    """Fail."""
    if how == "low":
        raise RefusedError("not today", "Try tomorrow.")
    raise ValueError("ouch")


@click.command()
def leave() -> int:
    """End with a code of its own."""
    return 3


nothing = "a text"


def of(name: str) -> str:
    return f"tests.cli.owning:{name}"


PLATFORM = Platform(
    name="owning",
    layers=(),
    commands={
        "names": OwnCommand(of("names"), "Name the environments."),
        "fail": OwnCommand(of("fail"), "Fail."),
        "leave": OwnCommand(of("leave"), "Leave."),
        "gone": OwnCommand("tests.cli.gone:command", "Is not there."),
        "nothing": OwnCommand(of("nothing"), "Is nothing."),
        "deploy": OwnCommand(of("names"), "Would be another deploy."),
        "Loud": OwnCommand(of("names"), "Would be loud."),
    },
)
