"""Whether rendered stacks may be promoted to the next environment.

They may if the environment before it runs exactly these templates and this code, healthy and
without drift.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tapgen.model.deployed.drift import LayerDrift
from tapgen.model.deployed.stack_status import ABSENT, HEALTHY, in_progress
from tapgen.model.stack import Stack
from tapgen.model.templates.seal import parted

# The number of drifted resources that are named; the others are counted.
_NAMED: Final = 3


@dataclass(frozen=True)
class Running:
    """The deployed state of a layer in an environment.

    `document` is the deployed template, None if it is not JSON; `code` is the object key of the
    function code, None if the layer has none. If it is not `settled`, its resources still lack
    deletion protection after the creation.
    """

    status: str = ABSENT
    document: Mapping[str, Any] | None = None
    code: str | None = None
    drift: LayerDrift | None = None
    settled: bool = True


@dataclass(frozen=True)
class Objection:
    """Why a layer may not be promoted."""

    layer: str
    reason: str

    def __str__(self) -> str:
        return f"{self.layer} {self.reason}"


def objections(
    wanted: Mapping[str, Stack], running: Mapping[str, Running]
) -> tuple[Objection, ...]:
    """All objections against promoting the `wanted` stacks; none if they may be promoted.

    `wanted` are the next environment's stacks as rendered now, `running` the layers of the
    environment before it, without those that it does not declare.
    """
    return tuple(
        Objection(layer, reason)
        for layer, stack in wanted.items()
        for reason in _reasons(stack, running.get(layer))
    )


def _reasons(stack: Stack, running: Running | None) -> Sequence[str]:
    if running is None:
        return ["is not one of its layers"]
    if running.status == ABSENT:
        return ["is not deployed"]
    if in_progress(running.status):
        return [f"has an operation in progress ({running.status})"]
    found = []
    if running.status not in HEALTHY:
        found.append(f"is not healthy ({running.status})")
    if not running.settled:
        found.append("is not protected yet: its creation has not finished")
    if running.document is None or _canonical(running.document) != _canonical(
        stack.template.document
    ):
        found.append("runs another template than the rendered one")
    code = stack.code_parameter
    if code and running.code != stack.parameters[code]:
        found.append("runs other code than the packaged one")
    if running.drift and running.drift.drifted:
        found.append(f"has drifted ({_named(running.drift)})")
    return found


def _named(drift: LayerDrift) -> str:
    names = [resource.logical_id for resource in drift.drifted]
    more = len(names) - _NAMED
    return ", ".join([*names[:_NAMED], *([f"{more} more"] if more > 0 else [])])


def _canonical(document: Mapping[str, Any]) -> str:
    """The document as text: AWS returns a JSON template parsed, so bytes cannot be compared.

    Without the seal, which covers the stack policy as well.
    """
    return json.dumps(parted(dict(document))[0], sort_keys=True)
