"""Promotion on the command line: the environment before, and its own credentials."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target


def obey_promotion(
    invocation: Invocation,
    target: Target,
    layers: Iterable[str],
    profile: str | None,
    proven: str | None = None,
) -> None:
    """Raise `RefusedError` where the settings want a promotion that is not due yet.

    `proven` is the environment that was looked at already.
    """
    (environment,) = invocation.environments([target.environment])
    source = environment.settings.deployment.promoted_from
    if source and source != proven:
        prove(invocation, source, target, layers, profile)


def prove(
    invocation: Invocation, source: str, target: Target, layers: Iterable[str], profile: str | None
) -> None:
    """Raise `RefusedError` unless `source` runs what would be deployed to `target`.

    `profile` is that of the source's account; without it, the same credentials serve both.
    """
    from tapgen.deploy.guards.promotion import refuse_unproven

    refuse_unproven(invocation.other(source, profile), target, layers)
    if invocation.verbosity >= 0:
        echo(f"{source} runs the same templates and code, healthy and undrifted.", err=True)
