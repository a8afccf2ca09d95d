"""What `tapgen outputs` and `tapgen status` print."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import click

from tapgen.aws.stack_state import StackState
from tapgen.cli.terminal import echo
from tapgen.cli.views.text import table
from tapgen.deploy.staleness import Staleness
from tapgen.stacks.events import ResourceEvent
from tapgen.stacks.staleness import StaleInput
from tapgen.stacks.status import ABSENT, SUCCEEDED, in_progress

Outputs = Mapping[str, Mapping[str, str]]


def outputs_table(outputs: Outputs) -> str:
    """One line for each output."""
    rows = [
        [layer, name, value]
        for layer, values in outputs.items()
        for name, value in sorted(values.items())
    ]
    return table(["layer", "output", "value"], rows)


def outputs_json(outputs: Outputs) -> str:
    """Layer -> output -> value."""
    return json.dumps({layer: dict(values) for layer, values in outputs.items()}, indent=2)


def outputs_flat(outputs: Outputs, about: Mapping[str, str]) -> str:
    """One flat JSON object, "layer.Output" -> value, with facts about the environment beside."""
    flat = {
        f"{layer}.{name}": value
        for layer, values in outputs.items()
        for name, value in values.items()
    }
    return json.dumps({**about, **flat}, indent=2, sort_keys=True) + "\n"


def outputs_dotenv(outputs: Outputs) -> str:
    """LAYER_OUTPUT="value" lines that a shell or a dotenv library can read."""
    return "\n".join(
        f'{layer.upper()}_{_snake(name)}="{_escaped(value)}"'
        for layer, values in outputs.items()
        for name, value in sorted(values.items())
    )


def _escaped(value: str) -> str:
    """The value for double quotes in a shell, which would expand these four."""
    return re.sub(r'([\\"$`])', r"\\\1", value)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


def show_status(
    states: Mapping[str, StackState],
    regions: Mapping[str, str],
    output: str,
    at_work: Mapping[str, ResourceEvent],
    inputs: Staleness,
) -> None:
    """One line for each stack; below them, where AWS is at work, what is stale, what went wrong."""
    if output == "json":
        record = {
            layer: {
                "stack": state.name,
                "status": state.status,
                "reason": state.reason,
                "region": regions[layer],
                "updated": state.updated,
                "termination_protection": state.termination_protection,
                "at": at_work[layer].logical_id if layer in at_work else None,
                "stale_inputs": [_stale(one) for one in inputs.stale.get(layer, ())],
            }
            for layer, state in states.items()
        }
        echo(json.dumps(record, indent=2))
        return
    rows = [
        [layer, state.name, regions[layer], _coloured(state.status), state.updated[:19] or "-"]
        for layer, state in states.items()
    ]
    echo(table(["layer", "stack", "region", "status", "updated"], rows))
    for layer, event in at_work.items():
        echo(f"\n{layer} is at {event.logical_id} ({event.resource_type}): {event.status}")
    for layer, stale in inputs.stale.items():
        for one in stale:
            echo(f"\n{layer} holds {one.held} of {one.source}, which is {one.current} by now")
    for other, why in inputs.unread.items():
        echo(f"\nwhat is read from {other} is not compared: {why}", err=True)
    for layer, state in states.items():
        if state.reason and state.status not in SUCCEEDED:
            echo(f"\n{layer}: {state.reason}", err=True)


def _stale(found: StaleInput) -> dict[str, str]:
    return {
        "parameter": found.parameter,
        "from": str(found.source),
        "held": found.held,
        "current": found.current,
    }


def _coloured(status: str) -> str:
    if status == ABSENT:
        return click.style(status, fg="bright_black")
    if in_progress(status):
        return click.style(status, fg="yellow")
    return click.style(status, fg="green" if status in SUCCEEDED else "red")
