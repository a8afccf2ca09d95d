"""What each command may load and call: the libraries that it needs, and no more than today.

The limits leave a twentieth of room above the dearest of Python 3.11, 3.12 and 3.13. Whoever needs
more says why in docs/performance.md.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import NamedTuple

import click
import pytest

from tapgen.cli.main import COMMANDS, module_of
from tests.costing import Cost, Project


class Limit(NamedTuple):
    """Most calls and modules, the only heavy libraries, and what an error says if that is the end.

    What works on AWS ends where it asks AWS for the first time: there are no credentials.
    """

    calls: int
    modules: int
    libraries: str = ""
    error: str = ""


SETTINGS = "msgspec yaml"
AWS = "boto3 botocore msgspec yaml"
ALONE = "Unable to locate credentials"

# Invocation -> its limit; the libraries of HEAVY that are not named here are forbidden.
LIMITS = {
    "--version": Limit(24_600, 122),
    "render": Limit(77_600, 243, SETTINGS),
    "render --check": Limit(70_300, 220, SETTINGS),
    "render --no-cache": Limit(155_000, 378, f"{SETTINGS} awacs troposphere"),
    "diff --all --against dev": Limit(300_500, 280, SETTINGS),
    # Another process loads cfn-lint meanwhile (Linux; elsewhere nothing is forked).
    "lint": Limit(248_300, 310, SETTINGS),
    "env list": Limit(64_000, 216, SETTINGS),
    "env show --env dev": Limit(66_300, 216, SETTINGS),
    "env schema": Limit(63_000, 166, "msgspec"),
    "env diff dev prod": Limit(68_900, 216, SETTINGS),
    "env new qa --from dev --account-id 444444444444 --envs-dir other": Limit(
        94_500, 218, SETTINGS
    ),
    "graph": Limit(28_400, 136),
    "graph --format svg": Limit(30_600, 140),
    "cost --env dev": Limit(114_600, 288, SETTINGS),
    "report --no-lint --out report.html": Limit(329_000, 354, f"{SETTINGS} jinja2"),
    "plan --env dev": Limit(233_800, 698, AWS, ALONE),
    "plan --env dev --out plan.json": Limit(227_400, 698, AWS, ALONE),
    "deploy --env dev --yes": Limit(234_000, 698, AWS, ALONE),
    "promote --from staging --to prod --yes": Limit(227_100, 698, AWS, ALONE),
    "rollback --env dev --yes": Limit(228_800, 714, AWS, ALONE),
    "adopt --env dev --layer data --yes": Limit(228_900, 699, AWS, ALONE),
    "destroy --env dev --yes": Limit(211_800, 618, AWS, ALONE),
    "recover --env dev --yes": Limit(210_000, 619, AWS, ALONE),
    "cancel --env dev --yes": Limit(210_100, 619, AWS, ALONE),
    "status --env dev": Limit(209_600, 638, AWS, ALONE),
    "watch --env dev": Limit(210_000, 619, AWS, ALONE),
    "outputs --env dev": Limit(209_600, 638, AWS, ALONE),
    "verify --env dev": Limit(209_400, 638, AWS, ALONE),
    "parity --declared": Limit(81_400, 249, SETTINGS),
    "parity": Limit(207_800, 600, AWS, ALONE),
    "drift --env dev": Limit(214_600, 652, AWS, ALONE),
    # Its template is made by builders, and all layers are rendered for it.
    "bootstrap --env dev --yes": Limit(
        201_000, 757, f"{AWS} awacs troposphere", "does not say which repository"
    ),
    "adopt --env dev --layer zone --yes": Limit(235_000, 720, AWS, ALONE),
    "history --env dev": Limit(210_500, 606, AWS, ALONE),
    "iam-policy --env dev": Limit(146_100, 250, SETTINGS),
    "local start --port 1": Limit(29_900, 137, "", "1 is not in the range"),
    "init shop --account dev=1": Limit(55_000, 225, SETTINGS, "nothing was written"),
    "config": Limit(28_600, 136),
    "local stop": Limit(33_200, 159),
    "local status --format json": Limit(33_200, 159),
    "local env --env nowhere": Limit(54_600, 226, SETTINGS, "nowhere"),
    "schema plan": Limit(28_400, 140),
    "completion fish": Limit(26_000, 128),
}
# The same once more: the answer is remembered.
AGAIN = {
    "render": Limit(35_900, 165),
    "render --check": Limit(36_100, 168),
    "lint": Limit(35_900, 166),
}
# For a command that is not named: it looks at the settings of an environment, and nothing else.
ORDINARY = Limit(80_000, 260, SETTINGS)
HELP = Limit(34_700, 145)
COMPLETION = Limit(30_000, 139)  # what a shell asks for while somebody types


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Most bytecode is there, and the templates are remembered."""
    project = Project(tmp_path_factory.mktemp("costs"))
    shutil.copytree(project.folder / "envs", project.folder / "other")
    project.run("plan", "--env", "dev")
    return project


def paths() -> Iterator[str]:
    """Every command, also those of groups: `render`, `env list`, ..."""
    for name in COMMANDS:
        command = import_module(module_of(name)).command
        yield name
        if isinstance(command, click.Group):
            yield from (f"{name} {sub}" for sub in command.commands)


def groups() -> set[str]:
    return {path.partition(" ")[0] for path in paths() if " " in path}


def exceeded(cost: Cost, limit: Limit) -> list[str]:
    """What is over the limit, in words."""
    excess = sorted(cost.heavy - set(limit.libraries.split()))
    found = [f"loads {library}" for library in excess]
    if cost.calls > limit.calls:
        found.append(f"calls {cost.calls} functions, {limit.calls} are allowed")
    if len(cost.modules) > limit.modules:
        found.append(f"loads {len(cost.modules)} modules, {limit.modules} are allowed")
    return found


def limits() -> dict[str, Limit]:
    """Invocation -> its limit, for every command there is."""
    unnamed = {
        f"{path} --env dev": ORDINARY
        for path in sorted(set(paths()) - groups())
        if not any(f"{invocation} ".startswith(f"{path} ") for invocation in LIMITS)
    }
    return LIMITS | unnamed


@pytest.mark.slow
@pytest.mark.parametrize(
    "invocation", [each for each in limits() if each != "lint" or sys.platform == "linux"]
)
def test_a_command_calls_and_loads_no_more_than_it_did(project: Project, invocation: str) -> None:
    limit = limits()[invocation]
    cost = project.cost(*invocation.split())
    assert limit.error in cost.errors
    assert bool(cost.exit_code in {1, 2}) == bool(limit.error), cost.errors
    assert not exceeded(cost, limit)
    if invocation in AGAIN:
        assert not exceeded(project.cost(*invocation.split()), AGAIN[invocation])


@pytest.mark.slow
@pytest.mark.parametrize("path", ["", *paths()])
def test_help_loads_no_library(project: Project, path: str) -> None:
    cost = project.cost(*path.split(), "--help")
    assert cost.exit_code == 0, cost.errors
    assert not exceeded(cost, HELP)


@pytest.mark.slow
def test_completion_loads_no_library(project: Project) -> None:
    typed = {"COMP_WORDS": "tapgen deploy --env ", "COMP_CWORD": "3"}
    cost = project.cost(_TAPGEN_COMPLETE="zsh_complete", **typed)
    assert cost.exit_code == 0, cost.errors
    assert not exceeded(cost, COMPLETION)
