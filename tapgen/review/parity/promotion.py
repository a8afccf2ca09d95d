"""Whether what is rendered may go on to the next environment: states in, verdict out.

It may where the environment before runs the very same templates and code, healthy and undrifted.
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

# So many drifted resources of a layer are named; the rest is counted.
_NAMED: Final = 3


@dataclass(frozen=True)
class Running:
    """What an environment runs of a layer.

    `document` is the deployed template, None where it is not JSON; `code` is the object key of the
    function code, None where the layer has none. Where it is not `settled`, its creation lacks
    protection against deletion.
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
    """Everything that speaks against promoting the `wanted` stacks; nothing if they may go on.

    `wanted` are stacks of the next environment as rendered now, `running` what the environment
    before runs; a layer that it does not even declare is not in it.
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
        return [f"is at work ({running.status})"]
    found = []
    if running.status not in HEALTHY:
        found.append(f"is not healthy ({running.status})")
    if not running.settled:
        found.append("is not protected yet: its creation did not come to its end")
    if running.document is None or _canonical(running.document) != _canonical(
        stack.template.document
    ):
        found.append("runs another template than the one that is rendered now")
    code = stack.code_parameter
    if code and running.code != stack.parameters[code]:
        found.append("runs other code than what is packaged now")
    if running.drift and running.drift.drifted:
        found.append(f"has drifted ({_named(running.drift)})")
    return found


def _named(drift: LayerDrift) -> str:
    names = [resource.logical_id for resource in drift.drifted]
    more = len(names) - _NAMED
    return ", ".join([*names[:_NAMED], *([f"{more} more"] if more > 0 else [])])


def _canonical(document: Mapping[str, Any]) -> str:
    """AWS gives a JSON template back as a document, so bytes cannot be compared.

    Nor does the seal count, which speaks for the stack policy as well.
    """
    return json.dumps(parted(dict(document))[0], sort_keys=True)
