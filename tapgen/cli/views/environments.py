"""What `tapgen env` prints."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from tapgen.cli.views.text import table
from tapgen.environment.environment import Environment


def show_list(environments: Sequence[Environment], output: str) -> None:
    """One line for each environment."""
    shown = ("account_id", "region", "domain", "protection")
    if output == "json":
        records = [
            {"name": environment.name, **{key: environment.value(key) for key in shown}}
            for environment in environments
        ]
        click.echo(json.dumps(records, indent=2))
        return
    rows = [
        [
            environment.name,
            environment.account_id,
            environment.region,
            environment.parameter("domain") or "-",
            "on" if environment.protection else "off",
        ]
        for environment in environments
    ]
    click.echo(table(["environment", "account", "region", "domain", "protection"], rows))


def show_settings(environment: Environment, output: str) -> None:
    """Every setting with its value and source."""
    leaves = environment.leaves()
    sources = {name: str(environment.sources.get(name, "default")) for name in leaves}
    if output == "json":
        document = {
            name: {"value": value, "source": sources[name]} for name, value in leaves.items()
        }
        click.echo(json.dumps(document, indent=2))
        return
    rows = [[name, environment.parameter(name) or "-", sources[name]] for name in leaves]
    click.echo(table(["setting", "value", "from"], rows))
