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
    "--version": Limit(24_800, 126),
    "render": Limit(80_100, 247, SETTINGS),
    "render --check": Limit(72_800, 224, SETTINGS),
    "render --no-cache": Limit(168_000, 382, f"{SETTINGS} awacs troposphere"),
    "diff --all --against dev": Limit(329_200, 286, SETTINGS),
    # Another process loads cfn-lint meanwhile (Linux; elsewhere nothing is forked).
    "lint": Limit(267_700, 314, SETTINGS),
    "env list": Limit(66_900, 220, SETTINGS),
    "env show --env dev": Limit(69_200, 220, SETTINGS),
    "env schema": Limit(67_600, 170, "msgspec"),
    "env diff dev prod": Limit(71_800, 220, SETTINGS),
    "env new qa --from dev --account-id 444444444444 --envs-dir other": Limit(
        98_800, 222, SETTINGS
    ),
    "graph": Limit(29_800, 140),
    "graph --format svg": Limit(32_000, 144),
    "cost --env dev": Limit(107_300, 293, SETTINGS),
    "report --no-lint --out report.html": Limit(382_300, 370, f"{SETTINGS} jinja2"),
    "plan --env dev": Limit(245_400, 710, AWS, ALONE),
    "plan --env dev --out plan.json": Limit(238_900, 710, AWS, ALONE),
    "approve envs/dev.yaml": Limit(186_000, 656, AWS),
    "deploy --env dev --yes": Limit(245_700, 710, AWS, ALONE),
    "promote --from staging --to prod --yes": Limit(238_600, 710, AWS, ALONE),
    "rollback --env dev --yes": Limit(240_000, 726, AWS, ALONE),
    "adopt --env dev --layer data --yes": Limit(240_400, 711, AWS, ALONE),
    "destroy --env dev --yes": Limit(220_800, 630, AWS, ALONE),
    "recover --env dev --yes": Limit(219_000, 629, AWS, ALONE),
    "cancel --env dev --yes": Limit(219_100, 629, AWS, ALONE),
    "status --env dev": Limit(219_700, 648, AWS, ALONE),
    "watch --env dev": Limit(219_000, 629, AWS, ALONE),
    "outputs --env dev": Limit(219_700, 648, AWS, ALONE),
    "verify --env dev": Limit(219_900, 648, AWS, ALONE),
    "parity --declared": Limit(86_700, 253, SETTINGS),
    "parity": Limit(217_700, 610, AWS, ALONE),
    "drift --env dev": Limit(224_300, 662, AWS, ALONE),
    # Its template is made by builders, and all layers are rendered for it.
    "bootstrap --env dev --yes": Limit(
        203_700, 761, f"{AWS} awacs troposphere", "does not say which repository"
    ),
    "adopt --env dev --layer zone --yes": Limit(245_800, 730, AWS, ALONE),
    "history --env dev": Limit(220_500, 616, AWS, ALONE),
    "evidence --env dev": Limit(254_500, 741, AWS, ALONE),
    "iam-policy --env dev": Limit(155_300, 254, SETTINGS),
    "local start --port 1": Limit(31_300, 141, "", "1 is not in the range"),
    "init shop --account dev=1": Limit(56_400, 229, SETTINGS, "nothing was written"),
    "config": Limit(30_000, 140),
    "local stop": Limit(34_600, 163),
    "local status --format json": Limit(34_600, 163),
    "local env --env nowhere": Limit(56_000, 230, SETTINGS, "nowhere"),
    "schema plan": Limit(29_800, 144),
    "completion fish": Limit(27_400, 132),
}
# The same once more: the answer is remembered.
AGAIN = {
    "render": Limit(37_100, 169),
    "render --check": Limit(37_300, 172),
    "lint": Limit(37_100, 170),
    "cost --env dev": Limit(42_000, 179),
}
# For a command that is not named: it looks at the settings of an environment, and nothing else.
ORDINARY = Limit(81_600, 264, SETTINGS)
HELP = Limit(36_800, 149)
COMPLETION = Limit(31_200, 143)  # what a shell asks for while somebody types


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
