"""`tapgen status`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command()
@options.one_or_more
@options.layers
@options.on_aws("text", "json")
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    everything: bool,
    layers: tuple[str, ...],
    output: str,
) -> None:
    """Show the state of each stack."""
    from tapgen.cli.views.outputs import show_status, show_statuses
    from tapgen.deploy.flow.parallel import collect, raise_failures
    from tapgen.deploy.observe.inspection import Seen, look

    chosen = options.chosen(invocation, names, everything=everything)
    if len(chosen) > 1:
        targets = {target.environment: target for target in invocation.targets(chosen)}
        parts = {name: target.some(layers) for name, target in targets.items()}
        found = collect(targets, lambda t: look(t, parts[t.environment]))
        seen = {name: one for name, one in found.items() if isinstance(one, Seen)}
        if seen:  # what cannot be looked at hides none of the others
            show_statuses(seen, output)
        raise_failures(found, closing="")
    else:
        target = invocation.target(options.named(next(iter(chosen), None)))
        show_status(look(target, target.part(layers)), output)
