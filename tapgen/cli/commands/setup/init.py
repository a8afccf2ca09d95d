"""`tapgen init`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.invocation import PROJECT_OPTION, Invocation
from tapgen.errors import UsageError

# As in `tapgen.starters.wishes`, which `--help` need not load; a test compares them.
KINDS = ("empty", "example", "payments")


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen init                      asks questions, and writes the project here\n"
    "  tapgen init shop --platform empty --account dev=111111111111 \\\n"
    "    --account staging=222222222222 --account prod=333333333333"
)
@click.argument("folder", required=False, type=options.FilePath(), metavar="[DIR]")
@click.option("--platform", "kind", type=click.Choice(KINDS), help="Platform to start with.")
@click.option(
    "--project-name",
    "name",
    metavar="NAME",
    help="Prefix of the stack names; by default derived from the folder's name.",
)
@click.option(
    "--region", metavar="REGION", help="AWS region of all environments; us-east-1 by default."
)
@click.option(
    "--account",
    "accounts",
    multiple=True,
    metavar="ENV=ID",
    help="AWS account (12 digits) of dev, staging or prod; repeat for each.",
)
@click.option(
    "--cidr",
    "cidrs",
    multiple=True,
    metavar="ENV=RANGE",
    help="Address range of an environment's network, if the platform has networks; by default a "
    "free one.",
)
@options.project
@options.talk
@click.pass_obj
def command(
    invocation: Invocation,
    folder: Path | None,
    kind: str | None,
    name: str | None,
    region: str | None,
    accounts: tuple[str, ...],
    cidrs: tuple[str, ...],
) -> None:
    """Start a project with its own platform and environments.

    Tests, workflows and a pre-commit configuration are included. On a terminal, it asks for missing
    options. It never overwrites a file.
    """
    from tapgen.cli.views.beginning import show
    from tapgen.operations.beginning import init
    from tapgen.starters.wishes import DEFAULT_KIND, DEFAULT_REGION, STAGES, Wishes, name_for

    where = _folder(folder, invocation.project_folder)
    given, ranges = _by_environment(accounts, cidrs)
    ask = _ask if sys.stdin.isatty() else _take_default
    kind = kind or ask("Platform to start with", DEFAULT_KIND, _known)
    if name is None:
        name = ask("Project name (prefix of stacks)", name_for(kind, where), _fits("project"))
    if region is None:
        region = ask("AWS region", DEFAULT_REGION, _fits("region"))
    if sys.stdin.isatty():
        missing = [stage for stage in STAGES if stage not in given]
        given |= {one: _ask(f"AWS account of {one}", "", _fits("account_id")) for one in missing}
        ranges = _asked_ranges(kind, ranges)
    wishes = Wishes(kind, name, region, given, ranges)
    show(where, wishes, init(where, wishes))


def _folder(by_position: Path | None, by_option: Path | None) -> Path:
    if by_position and by_option and by_position != by_option:
        raise UsageError(
            f"two folders are given: {by_position}, and {PROJECT_OPTION} {by_option}",
            "Leave out one of them.",
        )
    return by_position or by_option or Path()


def _by_environment(accounts: Sequence[str], cidrs: Sequence[str]) -> list[dict[str, str]]:
    """Environment -> account, and environment -> range.

    Raises `UsageError` for all malformed or repeated pairs.
    """
    given = (
        ("--account", accounts, "ENV=ID, for example dev=111111111111"),
        ("--cidr", cidrs, "ENV=RANGE, for example dev=10.10.0.0/16"),
    )
    faults = []
    found: list[dict[str, str]] = []
    for option, texts, form in given:
        pairs: dict[str, str] = {}
        for text in texts:
            environment, pair, value = text.partition("=")
            if not pair:
                faults.append(f"{option} {text}: write {form}")
            elif environment in pairs:
                faults.append(f"{option} {text}: {environment} already has {pairs[environment]}")
            else:
                pairs[environment] = value
        found.append(pairs)
    if faults:
        raise UsageError("\n".join(faults), "Correct these and try again; nothing was written.")
    return found


def _asked_ranges(kind: str, given: Mapping[str, str]) -> dict[str, str]:
    """The ranges of all networks: from the options, or asked for with a proposal."""
    from tapgen.starters.judging import platform_of, range_faults
    from tapgen.starters.wishes import KINDS, STAGES, with_proposals

    found = dict(given)
    if not (setting := KINDS[kind].network):
        return found
    with platform_of(kind) as platform:
        for stage in STAGES:
            if stage in found:
                continue

            def fault(text: str, stage: str = stage) -> str:
                # Faults in the options are reported at the end, with all others.
                before = range_faults(platform, setting, found)
                faults = range_faults(platform, setting, {**found, stage: text})
                wrong = [one for one in faults if one not in before]
                return "; ".join(one.removeprefix(f"--cidr {stage}: ") for one in wrong)

            proposal = with_proposals(found)[stage]
            found[stage] = _ask(f"Network of {stage}", proposal, fault)
    return found


def _take_default(question: str, default: str, fault: Callable[[str], str]) -> str:  # noqa: ARG001 - as `_ask`
    return default


def _ask(question: str, default: str, fault: Callable[[str], str]) -> str:
    """The answer; the question is repeated until it is valid."""

    def checked(text: str) -> str:
        wrong = fault(text.strip())
        if wrong:
            raise click.UsageError(wrong)  # click prints it and asks again
        return text.strip()

    answer: str = click.prompt(question, default=default or None, value_proc=checked, err=True)
    return answer


def _known(text: str) -> str:
    return "" if text in KINDS else f"choose one of {', '.join(KINDS)}"


def _fits(setting: str) -> Callable[[str], str]:
    from tapgen.starters.judging import fault_of

    return lambda text: fault_of(setting, text)
