"""Options that several commands share, each declared once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from tapgen.cli.answers import Answers
from tapgen.cli.invocation import ENVS_OPTION, PROJECT_OPTION, Invocation
from tapgen.cli.terminal import remark
from tapgen.errors import TapgenError, UsageError
from tapgen.model.layer import TEMPLATES_FOLDER
from tapgen.model.platform import ENGINE_GUARD_OPTIONS, NO_RECORD

Command = TypeVar("Command", bound=Callable[..., Any])
Decorator = Callable[[Command], Command]

_OPTION: Final = re.compile(r"--[a-z][a-z0-9]*(-[a-z0-9]+)*")
ENVIRONMENT: Final = "TAPGEN_ENV"  # the default environment of commands that change nothing


class FilePath(click.Path):
    """A path. An empty one is wrong usage, not the working folder: probably an unset variable."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(path_type=Path, **kwargs)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("it is empty; name a file or a folder", param, ctx)
        return super().convert(value, param, ctx)


_PLACES: Final = "by_position"
_FLAGGED: Final = "by_option"


def _store(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        setattr(ctx.ensure_object(Invocation), name, value)

    return callback


def complete_environments(
    ctx: click.Context, _: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The environments that begin with `incomplete`, except those already named."""
    named = {*(ctx.params.get(_PLACES) or ()), *(ctx.params.get(_FLAGGED) or ())}
    names = ctx.ensure_object(Invocation).project.names()
    return [
        CompletionItem(name) for name in names if name.startswith(incomplete) and name not in named
    ]


def _complete_layers(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - click's signature
    incomplete: str,
) -> list[CompletionItem]:
    return [
        CompletionItem(layer.name, help=layer.summary)
        for layer in ctx.ensure_object(Invocation).platform.layers
        if layer.name.startswith(incomplete)
    ]


def _known_layers(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - click's signature
    chosen: tuple[str, ...],
) -> tuple[str, ...]:
    """The chosen layers, checked before AWS is asked anything."""
    if chosen:
        from tapgen.model.graph import select

        layers = ctx.ensure_object(Invocation).platform.layers
        select({layer.name: frozenset() for layer in layers}, chosen)
    return chosen


def named_project(arguments: Sequence[str]) -> Path | None:
    """The value of `--project`, before options are parsed: the options depend on the project."""
    for argument, following in zip(arguments, [*arguments[1:], None], strict=True):
        if argument == "--":
            break
        name, given, value = argument.partition("=")
        if name == PROJECT_OPTION and (value if given else following):
            return Path(value if given else str(following))
    return None


class _OneName(click.Option):
    """An option whose help shows one name; the others are older names that still work."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        names, self.opts = self.opts, self.opts[:1]
        try:
            return super().get_help_record(ctx)
        finally:
            self.opts = names


def templates(text: str, *, names: Sequence[str] = ("--out",)) -> Callable[[Command], Command]:
    """`--templates`: the folder with the project's rendered files, passed as `folder`.

    The option has other `names` as well, which the help does not show.
    """
    return click.option(
        "--templates",
        *names,
        "folder",
        cls=_OneName,
        type=FilePath(file_okay=False),
        metavar="DIR",
        help=f"{text}; by default as configured, or {TEMPLATES_FOLDER}.",
    )


def _chain(*decorators: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def _named(
    *aliases: str, shown: str, text: str, exist: bool = True, once: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """ENV by position and `--env`: both are passed as `names`, in order; with `once`, each once.

    `aliases` are further names of the option; `shown` appears in the usage line. With `exist`, the
    names of existing environments are completed.
    """
    complete = complete_environments if exist else None

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def collected(*arguments: Any, **options: Any) -> Any:
            given = (*options.pop(_PLACES), *options.pop(_FLAGGED))
            return command(
                *arguments, names=tuple(dict.fromkeys(given)) if once else given, **options
            )

        chain = _chain(
            click.argument(_PLACES, nargs=-1, metavar=shown, shell_complete=complete),
            click.option(
                "--env",
                "-e",
                *aliases,
                _FLAGGED,
                multiple=True,
                metavar="ENV",
                shell_complete=complete,
                help=text,
            ),
        )
        decorated: Callable[..., Any] = chain(collected)
        return decorated

    return decorate


def environment(
    *aliases: str, looks: bool = False, unless: str = "", exist: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """ENV or `--env`: the one environment to work on, passed as `name`.

    `looks` is that of `required`. It does not apply if the option `unless` is given, with which the
    command changes something.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def collected(*arguments: Any, names: tuple[str, ...], **options: Any) -> Any:
            found = required(names, looks=looks and not options.get(unless))
            _refuse_more(found, 1)
            return command(*arguments, name=found[0], **options)

        text = "Environment, a YAML file in the environments folder; can also be given by position."
        return _named(*aliases, shown="ENV", text=text, exist=exist)(collected)

    return decorate


def two_environments(command: Callable[..., Any]) -> Callable[..., Any]:
    """ENV ENV or `--env` twice: two environments, passed as `names`."""

    @wraps(command)
    def collected(*arguments: Any, names: tuple[str, ...], **options: Any) -> Any:
        _refuse_more(names, 2)
        if len(names) < 2:  # noqa: PLR2004 - as the name of the function says
            raise UsageError(
                f"two environments are needed, but {_listed(names)} given",
                _grammar("ENV ENV"),
            )
        return command(*arguments, names=names, **options)

    text = "One of the two environments; can also be given by position."
    return _named(shown="ENV ENV", text=text, once=False)(collected)


def environment_as(flag: str, name: str, text: str) -> Callable[[Command], Command]:
    """A separate option for one of the environments of a command that works on two."""
    return click.option(
        flag,
        name,
        required=True,
        metavar="ENV",
        shell_complete=complete_environments,
        help=text,
    )


def one_or_more(command: Callable[..., Any]) -> Callable[..., Any]:
    """ENV..., `--env` and `--all`: environments, passed as `names`, which may be empty.

    Commands check further conditions with `required` and `only`.
    """

    @wraps(command)
    def collected(*arguments: Any, names: tuple[str, ...], everything: bool, **options: Any) -> Any:
        refuse_both(names, everything=everything)
        return command(*arguments, names=_every() if everything else names, **options)

    text = "Environment, a YAML file in the environments folder; can also be given by position."
    flag = click.option("--all", "everything", is_flag=True, help="Every environment.")
    return _named(shown="[ENV]...", text=text)(flag(collected))


def refuse_both(names: Sequence[str], *, everything: bool) -> None:
    """Raise `UsageError` if `--all` is given together with names."""
    if everything and names:
        raise UsageError(
            f"--all cannot be used together with names of environments ({', '.join(names)})",
            "Leave out one of them.",
        )


def _every() -> tuple[str, ...]:
    invocation = click.get_current_context().ensure_object(Invocation)
    found = tuple(environment.name for environment in invocation.project.environments())
    if not found:
        raise UsageError(
            f"there is no environment in {invocation.project.envs}",
            "Run tapgen in the project's folder, or name the folder of environments with "
            "--envs-dir.",
        )
    return found


def only(names: Sequence[str], option: str) -> str | None:
    """The one environment, or None. Raises `UsageError` if there are several."""
    if len(names) > 1:
        raise UsageError(
            f"{option} is for one environment, but {_listed(names)} given",
            _grammar(names[0]),
        )
    return next(iter(names), None)


def required(names: tuple[str, ...], *, looks: bool = False) -> tuple[str, ...]:
    """The named environments.

    If none is named, a command that only `looks` uses the one in TAPGEN_ENV, and says so. A command
    that changes something never does that. Raises `UsageError` if there is no environment.
    """
    if names:
        return names
    default = os.environ.get(ENVIRONMENT, "")
    invocation = click.get_current_context().ensure_object(Invocation)
    if default and looks:
        remark(f"note: the environment is {default}, from {ENVIRONMENT}")
        return (default,)
    unused = f" {ENVIRONMENT} ({default}) applies to read-only commands." if default else ""
    known = ", ".join(invocation.project.names())
    there = f" Environments: {known}." if known else ""
    raise UsageError("no environment is named", f"{_grammar('ENV')}{there}{unused}")


def single(names: tuple[str, ...]) -> tuple[str]:
    """The names, of which there must be only one. Raises `UsageError` for several."""
    _refuse_more(names, 1)
    return (names[0],)


def _refuse_more(names: Sequence[str], most: int) -> None:
    if len(names) > most:
        path = click.get_current_context().command_path
        wanted = "one environment" if most == 1 else "two environments"
        raise UsageError(
            f"`{path}` works on {wanted}, but {_listed(names)} given",
            _grammar(" ".join(names[:most])),
        )


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "none is"
    return f"{len(names)} ({', '.join(names)}) {'is' if len(names) == 1 else 'are'}"


def _grammar(names: str) -> str:
    """How to name environments: by position, or with the option."""
    path = click.get_current_context().command_path
    flags = " ".join(f"--env {name}" for name in names.split())
    return f"Write `{path} {names}` or `{path} {flags}`."


def plan_file(*names: str, exists: bool, text: str) -> Callable[[Command], Command]:
    """An option that names a plan file."""
    kind = FilePath(exists=exists, dir_okay=False)
    return click.option(*names, type=kind, metavar="FILE", help=text)


def environments(command: Callable[..., Any]) -> Callable[..., Any]:
    """ENV... or `--env`: environments to work on, passed as `names`; empty stands for all."""
    text = "Environment, all by default; can also be given by position."
    return _named(shown="[ENV]...", text=text)(command)


def layers(command: Command) -> Command:
    """`--layer`, repeatable: only these layers."""
    return _layers(command, callback=_known_layers)


def any_layers(command: Command) -> Command:
    """The same for commands whose layers the current platform may no longer have."""
    return _layers(command)


def _layers(command: Command, **more: Any) -> Command:
    option = click.option(
        "--layer",
        "-l",
        "layers",
        multiple=True,
        metavar="LAYER",
        shell_complete=_complete_layers,
        help="Layer, all by default; may be repeated.",
        **more,
    )
    return option(command)


def one_layer(command: Command) -> Command:
    """`--layer`: the one layer to work on, passed as `layer`."""

    def known(ctx: click.Context, param: click.Parameter, chosen: str) -> str:
        return _known_layers(ctx, param, (chosen,))[0]

    option = click.option(
        "--layer",
        "-l",
        required=True,
        metavar="LAYER",
        shell_complete=_complete_layers,
        callback=known,
        help="Layer to take over.",
    )
    return option(command)


def output_format(*choices: str, stream: bool = False) -> Callable[[Command], Command]:
    """`--format` with the given choices; the first is the default.

    `stream`: JSON is one line for each event, printed when it happens.
    """
    text = "Output format."
    if stream:
        text = "Output format. json is a stream: one line for each event and one at "
        text += "the end; `tapgen schema events` prints its schema."
    elif "json" in choices:
        text = "Output format; `tapgen schema` prints the schema of json."
    return click.option(
        "--format",
        "-f",
        "output",
        type=click.Choice(choices),
        default=choices[0],
        show_default=True,
        help=text,
    )


def full(command: Command) -> Command:
    """`--full`: create change sets even for stacks that are known to be unchanged."""
    option = click.option(
        "--full",
        is_flag=True,
        help="Create a change set even if a stack is known to be as declared.",
    )
    return option(command)


def project(command: Command) -> Command:
    """`--project`: the folder of the project, before anything else is read."""
    option = click.option(
        PROJECT_OPTION,
        type=FilePath(),
        metavar="DIR",
        is_eager=True,
        expose_value=False,
        callback=_store("project_folder"),
        help="Folder of the project; by default searched for from the working folder upwards.",
    )
    return option(command)


def talk(command: Command) -> Command:
    """`--quiet` and `--verbose`: how much is printed."""
    chain = _chain(
        click.option(
            "--quiet",
            "-q",
            "verbosity",
            flag_value=-1,
            type=int,
            expose_value=False,
            callback=_store("verbosity"),
            help="Print only the result and errors.",
        ),
        click.option(
            "--verbose",
            "-v",
            "verbosity",
            flag_value=1,
            type=int,
            default=0,
            expose_value=False,
            callback=_store("verbosity"),
            help="Print more: parts that are otherwise omitted or shortened, the project, the "
            "duration.",
        ),
    )
    decorated: Command = chain(command)
    return decorated


def shared(command: Command) -> Command:
    """Options of every command: where the environments are, and how much is printed."""
    envs_dir = click.option(
        ENVS_OPTION,
        type=FilePath(),
        metavar="DIR",
        is_eager=True,
        expose_value=False,
        callback=_store("envs_dir"),
        help="Folder with the environment files; by default as configured, or envs.",
    )
    decorated: Command = _chain(project, envs_dir, talk)(command)
    return decorated


def cache(command: Command) -> Command:
    """`--no-cache`: neither read nor write the cache."""
    option = click.option(
        "--no-cache",
        is_flag=True,
        expose_value=False,
        callback=_store("no_cache"),
        help="Neither use nor keep cached results of earlier runs (TAPGEN_NO_CACHE).",
    )
    return option(command)


def aws(command: Command) -> Command:
    """Options of every command that talks to AWS."""
    chain = _chain(
        click.option(
            "--profile",
            metavar="NAME",
            envvar="AWS_PROFILE",
            expose_value=False,
            callback=_store("profile"),
            help="AWS profile with credentials for the environment's account; {env} is replaced "
            "by the environment's name.",
        ),
        click.option(
            "--local",
            is_flag=True,
            expose_value=False,
            callback=_store("local"),
            help="Use the embedded local AWS, starting it if necessary.",
        ),
    )
    decorated: Command = chain(command)
    return decorated


def on_aws(*formats: str, stream: bool = False) -> Decorator[Any]:
    """The last options of a command that calls AWS: format, AWS, project, talk; the invocation.

    `stream` is that of `output_format`.
    """
    return _chain(output_format(*formats, stream=stream), aws, shared, click.pass_obj)


def operation(command: Command) -> Command:
    """Options of commands that create change sets: how CloudFormation executes them."""
    chain = _chain(
        click.option(
            "--express",
            is_flag=True,
            expose_value=False,
            callback=_store("express"),
            help="Treat a stack as complete once its configuration is applied; not for protected "
            "environments, no effect on the local AWS.",
        ),
        click.option(
            "--role-arn",
            metavar="ARN",
            expose_value=False,
            callback=_store("role_arn"),
            help="Role that CloudFormation uses to create and change resources.",
        ),
        click.option(
            "--notification-arn",
            "notification_arns",
            multiple=True,
            metavar="ARN",
            expose_value=False,
            callback=_store("notification_arns"),
            help="SNS topic that is notified of stack events; may be repeated.",
        ),
        click.option(
            "--rollout",
            metavar="WAY",
            expose_value=False,
            callback=_store("rollout"),
            help="How new versions of functions take over in this run, instead of the setting's "
            "value; all-at-once ignores alarms, for a fix while one is ringing.",
        ),
    )
    decorated: Command = chain(command)
    return decorated


def reason(command: Command) -> Command:
    """`--reason`: the reason of the run, for its record."""
    option = click.option(
        "--reason",
        metavar="TEXT",
        default="",
        expose_value=False,
        callback=_store("reason"),
        help="Reason for the run; kept in the record that `tapgen history` shows.",
    )
    return option(command)


def recorded(command: Command) -> Command:
    """Options of commands that change something: those about their record."""
    chain = _chain(
        reason,
        click.option(
            NO_RECORD,
            is_flag=True,
            expose_value=False,
            callback=_store("no_record"),
            help="Run without a record, for example if the ledger cannot be reached; needs "
            "--reason.",
        ),
    )
    decorated: Command = chain(command)
    return decorated


def approved(command: Command) -> Command:
    """`--no-approval`: for commands that may need an approved plan."""
    option = click.option(
        "--no-approval",
        is_flag=True,
        expose_value=False,
        callback=_store("no_approval"),
        help="In an emergency, run without the approvals that deployment.approvals requires; "
        "needs --reason.",
    )
    return option(command)


class GuardedCommand(click.Command):
    """A command with the options that override guards, after that of `allowed`.

    Those of the platform are known only when the command runs, because the project names it.
    """

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = super().get_params(ctx)
        lifting = [_lifting(*each) for each in self.guard_options(ctx, own).items()]
        first = 1 + next(n for n, param in enumerate(own) if param.name == "allowed")
        return [*own[:first], *lifting, *own[first:]]

    def guard_options(
        self, ctx: click.Context, own: Iterable[click.Parameter]
    ) -> Mapping[str, str]:
        """Option -> help; `own` are the other options of the command."""
        platform = ctx.ensure_object(Invocation).platform
        _refuse_taken("guard_options", platform.guard_options, own, *ENGINE_GUARD_OPTIONS)
        return {**ENGINE_GUARD_OPTIONS, **platform.guard_options}


class EngineGuardedCommand(GuardedCommand):
    """The same with the engine's own options only, for stacks that are not a platform's layers."""

    def guard_options(
        self,
        ctx: click.Context,  # noqa: ARG002 - as above
        own: Iterable[click.Parameter],  # noqa: ARG002 - as above
    ) -> Mapping[str, str]:
        return ENGINE_GUARD_OPTIONS


class CopyingCommand(click.Command):
    """A command with the platform's options for copying environments."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        platform = ctx.ensure_object(Invocation).platform
        own = super().get_params(ctx)
        _refuse_taken("copy_options", platform.copy_options, own)
        first = 1 + next(n for n, param in enumerate(own) if param.name == "region")
        giving = [_giving(option, text) for option, text in platform.copy_options.items()]
        return [*own[:first], *giving, *own[first:]]


def _refuse_taken(
    part: str, options: Iterable[str], own: Iterable[click.Parameter], *others: str
) -> None:
    """Raise `TapgenError` if an option of the platform is malformed or already exists."""
    taken = {name for param in own for name in (*param.opts, *param.secondary_opts)} | {*others}
    for option in options:
        if option in taken or not _OPTION.fullmatch(option):
            why = (
                "the command already has that option"
                if option in taken
                else "options are lower-case words after --"
            )
            raise TapgenError(
                f"{part} of the platform has {option!r}, but {why}",
                "Choose another name, for example --allow-something.",
            )


def _giving(option: str, text: str) -> click.Option:
    def give(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
        if value:
            ctx.ensure_object(Invocation).given[option.removeprefix("--")] = value

    return click.Option([option], metavar="VALUE", expose_value=False, callback=give, help=text)


def _lifting(option: str, text: str) -> click.Option:
    def lift(ctx: click.Context, _: click.Parameter, given: bool) -> None:
        if given:
            ctx.ensure_object(Invocation).lifted.add(option)

    return click.Option([option], is_flag=True, expose_value=False, callback=lift, help=text)


def allowed(command: Command) -> Command:
    """`--allow-replacement`; `GuardedCommand` adds the other options that override guards."""
    option = click.option(
        "--allow-replacement",
        "allowed",
        multiple=True,
        metavar="LAYER.RESOURCE",
        help="Allow this resource to be replaced or removed in a protected environment; may be "
        "repeated.",
    )
    return option(command)


def deployment(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of commands that deploy, passed as `answers`.

    `GuardedCommand` adds the options that override guards of the platform.
    """
    option = click.option(
        "--from-profile",
        metavar="NAME",
        help="AWS profile for the account of the environment that is promoted from.",
    )
    decorated: Callable[..., Any] = answered(option(command))
    return decorated


def answered(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same without the option about another environment."""

    @wraps(command)
    def collected(*arguments: Any, **options: Any) -> Any:
        own = {name: options.pop(name, None) for name in Answers._fields}
        return command(*arguments, answers=Answers(**own), **options)

    chain = _chain(
        click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation."),
        click.option(
            "--max-concurrency",
            type=click.IntRange(1, 32),
            default=8,
            show_default=True,
            help="Maximum number of stacks deployed at the same time.",
        ),
        allowed,
    )
    decorated: Callable[..., Any] = chain(collected)
    return decorated
