"""The output of `tapgen env`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from tapgen.cli import machine
from tapgen.cli.terminal import echo, remark
from tapgen.cli.views.text import counted, table
from tapgen.settings.base import Elsewhere, SecretReference
from tapgen.settings.comparison import SettingDifference
from tapgen.settings.editing.new_environment import Replica
from tapgen.settings.environment import Environment
from tapgen.settings.parsing.values import Value

# Jobs that a matrix may have (GitHub: "Running variations of jobs in a workflow", usage limits).
_JOBS: Final = 256


def show_list(environments: Sequence[Environment], overview: Sequence[str], output: str) -> None:
    """Print a line for each environment; `overview` are settings of its platform."""
    shown = ("account_id", "region", *overview, "protection")
    if output == "json":
        records = {one.name: {key: _plain(one.value(key)) for key in shown} for one in environments}
        machine.show({"environments": records})
        return
    rows = [
        [
            environment.name,
            environment.account_id,
            environment.region,
            *(environment.parameter(setting) or "-" for setting in overview),
            str(environment.protection).lower(),
        ]
        for environment in environments
    ]
    echo(table(["environment", "account", "region", *overview, "protection"], rows))


def show_matrix(stages: Sequence[Sequence[Environment]], *, live: bool) -> None:
    """Print one line of JSON: GitHub Actions matrices with a job for each environment.

    There is a matrix for each stage, and one for all. `live` is whether `tapgen parity --live` has
    requests to send to them.
    """
    jobs = [[_job(one, stage) for one in them] for stage, them in enumerate(stages)]
    every = [job for them in jobs for job in them]
    echo(json.dumps({"all": _matrix(every), "stages": [*map(_matrix, jobs)], "live": live}))
    for stage, them in enumerate(jobs):
        if len(them) > _JOBS:
            remark(
                f"stage {stage} has {counted(len(them), 'environment')}; a GitHub Actions matrix "
                f"has at most {_JOBS} jobs, so split it."
            )


def _matrix(jobs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"include": jobs}


def _job(environment: Environment, stage: int) -> dict[str, Any]:
    return {
        "environment": environment.name,
        "account_id": environment.account_id,
        "region": environment.region,
        "prefix": environment.prefix,
        "protection": environment.protection,
        "promoted_from": environment.settings.deployment.promoted_from or "",
        "stage": stage,
    }


def show_settings(environment: Environment, output: str) -> None:
    """Print every setting with its value and source."""
    leaves = environment.leaves
    sources = {name: str(environment.sources.get(name, "default")) for name in leaves}
    if output == "json":
        settings = {
            name: {"value": _plain(value), "source": sources[name]}
            for name, value in leaves.items()
        }
        machine.show({"environment": environment.name, "settings": settings})
        return
    rows = [[name, environment.parameter(name) or "-", sources[name]] for name in leaves]
    echo(table(["setting", "value", "from"], rows))


def show_differences(
    names: tuple[str, str], found: Sequence[SettingDifference], output: str
) -> None:
    """Print every setting that differs, with both values and their sources."""
    if output == "json":
        records = [
            {
                "setting": one.setting,
                "may_vary": one.varies,
                "values": {
                    name: {"value": _plain(side.value), "source": str(side.source or "default")}
                    for name, side in zip(names, (one.first, one.second), strict=True)
                },
            }
            for one in found
        ]
        machine.show({"environments": list(names), "differences": records})
        return
    rows = [
        [
            one.setting,
            *(
                cell
                for side in (one.first, one.second)
                for cell in (side.text or "-", str(side.source or "default"))
            ),
            "yes" if one.varies else click.style("NO", fg="red"),
        ]
        for one in found
    ]
    first, second = names
    if rows:
        echo(table(["setting", first, "from", second, "from", "may vary"], rows))
    forbidden = sum(not one.varies for one in found)
    remark(
        f"{first} and {second} differ in {counted(len(found), 'setting')}; "
        f"{forbidden} of them must not vary."
    )


def show_new(replica: Replica, source: str, templates: Path, suffix: str) -> None:
    """Print which file was written, and what to do next."""
    remark(f"wrote {replica.path}", err=False)
    environment = replica.environment
    own = (f"{label} {value}" for label, value in replica.summary.items())
    remark(", ".join((f"account {environment.account_id}", environment.region, *own)), err=False)
    for setting in replica.left_out:
        remark(f"{setting} of {source} was left out: it belongs to {source}.", err=False)
    name = environment.name
    remark(
        "\nNext:\n"
        f"  tapgen env diff {source} {name}{suffix}\n"
        f"  tapgen render{suffix} && git add {templates} {replica.path}\n"
        f"  tapgen plan --env {name}{suffix}",
    )


def _plain(value: Value) -> Any:
    """The value for JSON; a value that is read from elsewhere as the file has it."""
    return value.entry if isinstance(value, Elsewhere | SecretReference) else value
