"""Promotion: nothing goes to an environment that does not run well in the one before.

The templates and the code that would be deployed are those rendered now. When every one of them
runs in the environment before, deploying them is deploying exactly what runs there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.observe.drift import look_for_drift
from tapgen.deploy.observe.inspection import states
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError
from tapgen.model.changes.settling import is_unsettled
from tapgen.model.deployed.drift import LayerDrift
from tapgen.model.deployed.stack_status import DeployAction, actions_for
from tapgen.review.parity.promotion import Running, objections

_PARALLEL_CALLS: Final = 4


def refuse_unproven(source: Target, target: Target, layers: Iterable[str]) -> None:
    """Raise `RefusedError` with every reason unless `source` runs what `target` would get."""
    wanted = {layer: target.stacks[layer] for layer in target.stacks if layer in set(layers)}
    found = objections(wanted, running(source, wanted))
    if found:
        drift = source.command("drift")
        raise RefusedError(
            f"{source.environment} does not prove what would go to {target.environment}: in "
            f"{source.environment}, {'; '.join(map(str, found))}",
            f"Fix {source.environment} first: `{source.command('deploy')}` for what is "
            f"not deployed or not the same, `{drift}` for what has drifted.",
        )


def running(source: Target, layers: Iterable[str]) -> dict[str, Running]:
    """What the environment runs of those layers that it has.

    Raises `RefusedError` when the credentials belong to another account.
    """
    source.verify_as_other("Use --from-profile with a profile of that account.")
    chosen = [layer for layer in source.stacks if layer in set(layers)]
    found = states(source, chosen)
    drifts = {one.layer: one for one in look_for_drift(source, chosen)}
    with ThreadPoolExecutor(_PARALLEL_CALLS) as pool:
        each = pool.map(lambda name: _running(source, found[name], drifts[name]), chosen)
        return dict(zip(chosen, each, strict=True))


def _running(source: Target, state: StackState, drift: LayerDrift) -> Running:
    if (
        actions_for(state.status).deploy is DeployAction.CREATE
    ):  # nothing, or the shell of a planned stack
        return Running()
    stack = source.stacks[drift.layer]
    parameter = stack.code_parameter
    return Running(
        status=state.status,
        document=_document(source.cloudformation(stack).template(state.name)),
        code=(state.parameters or {}).get(parameter) if parameter else None,
        drift=drift,
        settled=not is_unsettled(stack, state.parameters or {}),
    )


def _document(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
