"""The guard of promotion: an environment gets only what already runs well in the one before it.

The templates and the code to deploy are those rendered now. If the environment before runs all of
them, exactly what runs there is deployed.
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
    """Raise `RefusedError` with every reason unless `source` runs what `target` is to get."""
    wanted = {layer: target.stacks[layer] for layer in target.stacks if layer in set(layers)}
    found = objections(wanted, running(source, wanted))
    if found:
        drift = source.command("drift")
        raise RefusedError(
            f"{target.environment} cannot be promoted from {source.environment}: in "
            f"{source.environment}, {'; '.join(map(str, found))}",
            f"Fix {source.environment} first: `{source.command('deploy')}` deploys what is missing "
            f"or different, `{drift}` shows what has drifted.",
        )


def running(source: Target, layers: Iterable[str]) -> dict[str, Running]:
    """The state of those layers that the environment has.

    Raises `RefusedError` if the credentials belong to another account.
    """
    source.verify_as_other("Use --from-profile with a profile of that account.")
    chosen = [layer for layer in source.stacks if layer in set(layers)]
    found = states(source, chosen)
    drifts = {one.layer: one for one in look_for_drift(source, chosen)}
    with ThreadPoolExecutor(_PARALLEL_CALLS) as pool:
        each = pool.map(lambda name: _running(source, found[name], drifts[name]), chosen)
        return dict(zip(chosen, each, strict=True))


def _running(source: Target, state: StackState, drift: LayerDrift) -> Running:
    # Absent, or the empty stack of a change set that was never executed.
    if actions_for(state.status).deploy is DeployAction.CREATE:
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
