"""The output of `tapgen outputs` and `tapgen status`."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tapgen.cli import machine
from tapgen.cli.terminal import echo, remark
from tapgen.cli.views.text import table
from tapgen.deploy.flow.parallel import all_of
from tapgen.deploy.observe.inspection import Seen
from tapgen.errors import TapgenError
from tapgen.model.deployed.stack_status import ABSENT, SUCCEEDED, in_progress, usable
from tapgen.model.templates.json_text import has_names
from tapgen.render.files import refuse_foreign, write_atomically
from tapgen.review.parity.staleness import StaleInput

if TYPE_CHECKING:
    from tapgen.operations.observation import Outputs

_FLAT: Final = Path("cfn-outputs", "flat-outputs.json")

ByLayer = Mapping[str, Mapping[str, str]]


def outputs_table(outputs: ByLayer) -> str:
    """One line for each output."""
    rows = [
        [layer, name, value]
        for layer, values in outputs.items()
        for name, value in sorted(values.items())
    ]
    return table(["layer", "output", "value"], rows)


def outputs_flat(outputs: ByLayer, about: Mapping[str, str]) -> str:
    """One flat JSON object, "layer.Output" -> value, and facts about the environment."""
    flat = {
        f"{layer}.{name}": value
        for layer, values in outputs.items()
        for name, value in values.items()
    }
    return json.dumps({**about, **flat}, indent=2, sort_keys=True) + "\n"


def outputs_dotenv(outputs: ByLayer) -> str:
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


def show_outputs(found: Outputs, output: str, out: Path | None) -> None:
    """Print the outputs, or write them to the file `out` (format "flat") and print its name.

    If `out` is a folder, the file with the default name is written in it.
    """
    if output == "flat":
        endpoint = {"endpoint_url": found.endpoint_url} if found.endpoint_url else {}
        about = {
            "environment": found.environment,
            "account_id": found.account_id,
            "region": found.region,
            **endpoint,
        }
        path = out or _FLAT
        if path.is_dir():
            path /= _FLAT.name
        refuse_foreign(path, "a file of outputs", _is_flat)
        write_atomically(path, outputs_flat(found.layers, about))
        remark(f"wrote {path}", err=False)
        return
    if output == "json":
        layers = {layer: dict(values) for layer, values in found.layers.items()}
        machine.show({"environment": found.environment, "layers": layers})
        return
    forms = {"table": outputs_table, "dotenv": outputs_dotenv}
    echo(forms[output](found.layers))


def _is_flat(text: str) -> bool:
    return has_names(text, "environment", "account_id")


def show_status(found: Mapping[str, Seen | TapgenError], output: str) -> None:
    """Print one environment stack by stack, or several with a line for each.

    An environment that cannot be read does not hide the others: its error is raised at the end.
    """
    seen = {name: one for name, one in found.items() if isinstance(one, Seen)}
    failures = {name: one for name, one in found.items() if isinstance(one, TapgenError)}
    error = all_of(failures, closing="") if failures else None
    if output == "json":
        record = {name: _status_record(one) for name, one in seen.items()}
        machine.show({"environments": record}, error)
    elif len(found) > 1 and seen:
        _show_several(seen)
    elif seen:
        _show_one(*seen.values())
    if error:
        raise error


def _show_one(seen: Seen) -> None:
    """Print a line for each stack, then operations in progress, stale inputs and failures."""
    rows = [
        [layer, state.name, seen.regions[layer], _coloured(state.status), state.updated[:19] or "-"]
        for layer, state in seen.states.items()
    ]
    echo(table(["layer", "stack", "region", "status", "updated"], rows))
    _show_remarks(seen)


def _show_several(seen: Mapping[str, Seen]) -> None:
    """Print a line for each environment with its stacks counted by status, then the remarks."""
    rows = []
    for name, one in seen.items():
        counts = Counter(state.status for state in one.states.values())
        words = ", ".join(f"{count} {_coloured(status)}" for status, count in counts.items())
        latest = max(state.updated[:19] for state in one.states.values())
        rows.append([name, words, latest or "-"])
    echo(table(["environment", "stacks", "updated"], rows))
    for name, one in seen.items():
        _show_remarks(one, f"{name} ")


def _status_record(seen: Seen) -> dict[str, Any]:
    return {
        layer: {
            "stack": state.name,
            "status": state.status,
            "reason": state.reason,
            "region": seen.regions[layer],
            "updated": state.updated,
            "termination_protection": state.termination_protection,
            "at": seen.at_work[layer].logical_id if layer in seen.at_work else None,
            "stale_inputs": [_stale(one) for one in seen.inputs.stale.get(layer, ())],
        }
        for layer, state in seen.states.items()
    }


def _show_remarks(seen: Seen, of: str = "") -> None:
    for layer, event in seen.at_work.items():
        echo(f"\n{of}{layer} is at {event.logical_id} ({event.resource_type}): {event.status}")
    for layer, stale in seen.inputs.stale.items():
        for one in stale:
            echo(f"\n{of}{layer} has {one.held} from {one.source}, which is now {one.current}")
    for other, why in seen.inputs.unread.items():
        echo(f"\n{of}values that are read from {other} are not compared: {why}", err=True)
    for layer, state in seen.states.items():
        if state.reason and state.status not in SUCCEEDED:
            echo(f"\n{of}{layer}: {state.reason}", err=True)


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
    return click.style(status, fg="green" if usable(status) else "red")
