from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest

from tapgen.cli import options
from tapgen.cli.boundary import guarded
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError
from tapgen.payments.platform import PLATFORM
from tests.cli.command_tree import command_at, commands


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
    "arguments", [("render", "--format", "yaml"), ("deploy", "--zzz"), ("graph", "x")]
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


def environments_of(arguments: tuple[str, ...], declared: Callable[..., Any]) -> Any:
    """What a command with these environments is handed over, or the error."""

    @click.group()
    @click.pass_context
    def tapgen(ctx: click.Context) -> None:
        ctx.obj = Invocation()

    @tapgen.command("do")
    @declared
    @click.option("--repair", is_flag=True)
    @options.shared
    @click.pass_obj
    def command(_: Invocation, /, repair: bool, **values: Any) -> Any:
        assert isinstance(repair, bool)
        return values.get("name", values.get("names"))

    return tapgen.main(["do", *arguments], "tapgen", standalone_mode=False)


@pytest.mark.parametrize(
    ("declared", "arguments", "handed"),
    [
        (options.environment(), ("dev",), "dev"),
        (options.environment(), ("--env", "dev"), "dev"),
        (options.environment(), ("dev", "-e", "dev"), "dev"),
        (options.environment("--to"), ("--to", "dev"), "dev"),
        (options.environments, (), ()),
        (options.environments, ("--env", "qa", "dev", "prod", "-e", "dev"), ("dev", "prod", "qa")),
        (options.one_or_more, ("dev", "prod", "dev"), ("dev", "prod")),
        (options.one_or_more, (), ()),
        (options.one_or_more, ("--all",), ("dev", "staging", "prod")),
        (options.two_environments, ("dev", "prod"), ("dev", "prod")),
        (options.two_environments, ("--env", "prod", "dev"), ("dev", "prod")),
        (options.two_environments, ("dev", "dev"), ("dev", "dev")),
    ],
)
def test_environments_are_named_by_position_and_by_option(
    project: Path, declared: Any, arguments: tuple[str, ...], handed: Any
) -> None:
    assert (project / "envs").is_dir()
    assert environments_of(arguments, declared) == handed


@pytest.mark.parametrize(
    ("declared", "arguments", "message", "hint"),
    [
        (
            options.environment(),
            ("dev", "--env", "qa"),
            "`tapgen do` works on one environment, but 2 (dev, qa) are given",
            "Write `tapgen do dev` or `tapgen do --env dev`.",
        ),
        (
            options.environment(),
            (),
            "no environment is named",
            "Write `tapgen do ENV` or `tapgen do --env ENV`. Environments: dev, staging, prod.",
        ),
        (
            options.two_environments,
            ("dev", "qa", "prod"),
            "`tapgen do` works on two environments, but 3 (dev, qa, prod) are given",
            "Write `tapgen do dev qa` or `tapgen do --env dev --env qa`.",
        ),
        (
            options.two_environments,
            ("dev",),
            "two environments are needed, but 1 (dev) is given",
            "Write `tapgen do ENV ENV` or `tapgen do --env ENV --env ENV`.",
        ),
        (
            options.two_environments,
            (),
            "two environments are needed, but none is given",
            "Write `tapgen do ENV ENV` or `tapgen do --env ENV --env ENV`.",
        ),
    ],
)
@pytest.mark.usefixtures("project")
def test_too_many_and_too_few_environments_are_refused_with_the_grammar(
    declared: Any, arguments: tuple[str, ...], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as refused:
        environments_of(arguments, declared)
    assert (refused.value.message, refused.value.hint) == (message, hint)


@pytest.mark.usefixtures("project")
def test_tapgen_env_is_for_commands_that_only_look(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TAPGEN_ENV", "qa")
    looks = options.environment(looks=True, unless="repair")
    assert environments_of((), looks) == "qa"
    assert capsys.readouterr() == ("", "note: the environment is qa, from TAPGEN_ENV\n")
    assert environments_of(("-q",), looks) == "qa"
    assert environments_of(("dev",), looks) == "dev"
    assert capsys.readouterr() == ("", "")
    for declared, arguments in ((looks, ("--repair",)), (options.environment(), ())):
        with pytest.raises(UsageError, match="no environment is named") as refused:
            environments_of(arguments, declared)
        assert refused.value.hint.endswith(" TAPGEN_ENV (qa) applies to read-only commands.")
    assert environments_of((), options.environments) == ()  # all of them, as without it
    monkeypatch.setenv("TAPGEN_ENV", "")
    with pytest.raises(UsageError, match="no environment is named"):
        environments_of((), looks)


def test_where_there_is_one_environment_or_none_the_advice_says_so(
    project: Path, tapgen: Any
) -> None:
    for name in ("staging", "prod"):
        (project / "envs" / f"{name}.yaml").unlink()
    assert tapgen("watch").err.endswith(" Environments: dev.\n")
    (project / "envs" / "dev.yaml").unlink()
    assert tapgen("watch").err.endswith("`tapgen watch --env ENV`.\n")


# What each command takes, and what it says of TAPGEN_ENV: "looks" takes it.
CHANGES = ("deploy", "destroy", "recover", "cancel", "promote --from staging", "rollback",
           "drift --repair", "plan --out plan.json",
           "env new --from dev --account-id 444444444444")  # fmt: skip
LOOKS = ("plan", "status", "watch", "outputs", "verify", "drift", "env show", "iam-policy",
         "local env")  # fmt: skip
SEVERAL = ("render", "lint", "diff", "report", "parity", "deploy", "plan", "status")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("line", CHANGES)
def test_what_changes_something_never_takes_tapgen_env(
    tapgen: Any, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setenv("TAPGEN_ENV", "nowhere")
    ran = tapgen(*line.split())
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: no environment is named\nnext: Write `tapgen ")
    assert "TAPGEN_ENV (nowhere) applies to read-only commands." in ran.err


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("line", LOOKS)
def test_what_only_looks_takes_tapgen_env(
    tapgen: Any, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setenv("TAPGEN_ENV", "nowhere")
    ran = tapgen(*line.split())
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("note: the environment is nowhere, from TAPGEN_ENV\nerror: ")
    assert 'there is no environment "nowhere"' in ran.err


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("line", sorted({*CHANGES, *LOOKS, *SEVERAL}))
def test_every_command_that_takes_environments_takes_them_by_position(
    tapgen: Any, line: str
) -> None:
    words = line.split()
    ran = tapgen(*words, "no/where", "--env", "no/where")
    assert ran.code == 2
    assert "no/where" in ran.err
    several = line in SEVERAL
    ran = tapgen(*words, "dev", "no/where")
    assert (ran.code, ran.out) == (2, "")
    assert ("` works on one environment, but 2 (" in ran.err) is not (several or "--out" in line), (
        ran.err
    )


def test_no_command_takes_environments_in_a_way_of_its_own() -> None:
    for path in commands():
        command = command_at(path)
        named = {param.name for param in command.params} & {"by_position", "by_option"}
        assert len(named) in {0, 2}, path
        arguments = [p.name for p in command.params if isinstance(p, click.Argument)]
        assert set(arguments) <= {"by_position", "shell", "name", "folder", "path"}, path


QUIET = (
    "render",
    "render --check",
    "render --resolved scanned",
    "env list",
    "env show dev",
    "env diff dev prod",
    "env new qa --from dev --account-id 444444444444",
    "env schema",
    "graph",
    "iam-policy dev",
    "parity --declared",
    "local status",
    "local stop",
    "config",
    "schema",
    "completion fish",
)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("line", QUIET)
def test_quiet_and_verbose_mean_the_same_everywhere(tapgen: Any, line: str) -> None:
    """Quietly, nothing is said beside the result; with -v, a line says what ran and how long."""
    if line == "render --check":
        tapgen("render")
    quiet = tapgen(*line.split(), "-q")
    assert quiet.err == ""
    said = tapgen(*line.split(), *(["--envs-dir", "envs"] if "new" in line else []), "-v").err
    if "new" in line:  # it is there already
        assert "the environment qa already exists" in said
        return
    knows = r", project \S+" if line.split(maxsplit=1)[0] not in {"schema", "completion"} else ""
    assert re.search(rf"^tapgen \S+{knows} in \d+\.\d\d s\n\Z", said, re.MULTILINE), said


def test_every_command_takes_quiet_and_verbose() -> None:
    for path in commands():
        command = command_at(path)
        if not isinstance(command, click.Group):
            names = {name for param in command.params for name in param.opts}
            assert {"-q", "--quiet", "-v", "--verbose"} <= names, path


def test_out_is_a_file_wherever_it_is_shown(tapgen: Any) -> None:
    shown = {path: tapgen(*path, "--help").out for path in commands()}
    out = {path: text for path, text in shown.items() if "--out " in text}
    assert out.keys() == {(name,) for name in ("report", "plan", "rollback", "outputs", "evidence")}
    assert all("--out FILE" in text for text in out.values())


@pytest.mark.usefixtures("project")
def test_the_folder_of_templates_has_one_name_and_an_old_one(tapgen: Any, project: Path) -> None:
    assert tapgen("render", "--templates", "new", "-q").code == 0
    assert tapgen("render", "--out", "old", "-q").code == 0
    assert (project / "new" / "zone.json").read_text() == (
        project / "old" / "zone.json"
    ).read_text()


@pytest.mark.usefixtures("project")
def test_a_file_for_outputs_is_for_their_flat_form(tapgen: Any) -> None:
    ran = tapgen("outputs", "dev", "--out", "outputs.json")
    assert (ran.code, "--out cannot be used with --format" in ran.err) == (2, True)


@pytest.mark.parametrize(
    "command",
    [
        ("render", "--out", ""),
        ("render", "--resolved", ""),
        ("render", "--envs-dir", ""),
        ("report", "--out", ""),
        ("lint", "--policy", "--checkov", ""),
        ("plan", "--env", "dev", "--local", "--out", ""),
    ],
)
def test_an_empty_path_is_wrong_usage(tapgen: Any, project: Path, command: tuple[str, ...]) -> None:
    before = sorted(path.name for path in project.iterdir())
    ran = tapgen(*command)
    assert ran.code == 2
    assert "it is empty; name a file or a folder" in ran.err
    assert sorted(path.name for path in project.iterdir()) == before
