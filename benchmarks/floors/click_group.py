"""A click group that does nothing."""

import click


@click.group()
@click.version_option("1.0")
def group() -> None:
    """Do nothing."""


group()
