from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest

from tapgen.cli import options
from tapgen.cli.boundary import guarded
from tapgen.cli.invocation import Invocation
from tapgen.payments.platform import PLATFORM


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a command with all shared options gets to know of a command line."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)

    def parse(*arguments: str) -> tuple[Invocation, dict[str, Any]]:
        found: list[tuple[Invocation, dict[str, Any]]] = []

        @click.command()
        @options.environments
        @options.layers
        @options.output_format("text", "json")
        @options.aws
        @options.shared
        @click.pass_obj
        def command(invocation: Invocation, /, **values: Any) -> None:
            found.append((invocation, values))

        with pytest.raises(SystemExit) as end:
            guarded(command, arguments)
        assert end.value.code == 0
        return found[0]

    return parse


def test_the_defaults(parsed: Any) -> None:
    assert parsed() == (Invocation(), {"names": (), "layers": (), "output": "text"})


def test_everything_in_short_and_repeated(parsed: Any) -> None:
    invocation, values = parsed(
        *("-e", "dev", "--env", "prod", "-l", "api", "--layer", "cdn", "-f", "json", "-v"),
        *("--envs-dir", "elsewhere", "--profile", "me", "--local"),
    )
    assert values == {"names": ("dev", "prod"), "layers": ("api", "cdn"), "output": "json"}
    assert invocation == Invocation(Path("elsewhere"), "me", local=True, verbosity=1)


@pytest.mark.parametrize(
    ("arguments", "verbosity"),
    [((), 0), (("-q",), -1), (("--quiet",), -1), (("--verbose",), 1), (("-q", "-v"), 1)],
)
def test_how_much_is_said(parsed: Any, arguments: tuple[str, ...], verbosity: int) -> None:
    assert parsed(*arguments)[0].verbosity == verbosity


def test_the_profile_may_come_from_the_environment(
    parsed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    assert parsed()[0].profile == "mine"
    assert parsed("--profile", "other")[0].profile == "other"


def test_an_unknown_layer_is_refused_before_aws_is_asked(tapgen: Any) -> None:
    ran = tapgen("deploy", "--env", "dev", "--layer", "../x", "--layer", "apy")
    assert (ran.code, ran.out) == (2, "")
    assert "no layer '../x'" in ran.err
    ran = tapgen("plan", "--env", "dev", "--layer", "apy")
    assert (ran.code, "Did you mean api? Layers: network, " in ran.err) == (2, True)


@pytest.mark.parametrize(
    "arguments", [("render", "--format", "yaml"), ("deploy",), ("render", "x")]
)
def test_wrong_usage_ends_with_2_and_shows_how(tapgen: Any, arguments: tuple[str, ...]) -> None:
    ran = tapgen(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert f"Usage: tapgen {arguments[0]}" in ran.err


def test_the_guards_of_the_platform_bring_their_options() -> None:
    lifted: list[set[str]] = []

    @click.command(cls=options.GuardedCommand)
    @options.allowed
    @click.pass_obj
    def command(invocation: Invocation, allowed: tuple[str, ...]) -> None:
        assert allowed == ()
        lifted.append(invocation.lifted)

    command.main(["--allow-capacity-reset"], standalone_mode=False, obj=Invocation())
    command.main(["--allow-unprotect"], standalone_mode=False, obj=Invocation())
    command.main([], standalone_mode=False, obj=Invocation())
    assert lifted == [{"--allow-capacity-reset"}, {"--allow-unprotect"}, set()]


def test_a_platform_brings_options_for_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = replace(PLATFORM, copy_options={"--colour": "Its colour."})
    monkeypatch.setattr(Invocation, "platform", platform)

    @click.command(cls=options.CopyingCommand)
    @click.option("--region")
    @click.pass_obj
    def command(invocation: Invocation, region: str | None) -> dict[str, str]:
        assert region is None
        return invocation.given

    for arguments, given in ((["--colour", "red"], {"colour": "red"}), ([], {})):
        assert command.main(arguments, standalone_mode=False, obj=Invocation()) == given
    assert [one.name for one in command.get_params(click.Context(command))][:2] == [
        "region",
        "colour",
    ]
