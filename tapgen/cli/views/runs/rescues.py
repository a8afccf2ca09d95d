"""The steps of `tapgen recover` and `tapgen cancel`, shown before confirmation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.cli.views.text import table
from tapgen.deploy.rescue.cancel import CANCELLABLE
from tapgen.deploy.rescue.recover import Case
from tapgen.model.deployed.stack_status import RecoverAction

_WORDS: Final = {
    RecoverAction.CONTINUE: "continue the rollback (ContinueUpdateRollback)",
    RecoverAction.ROLL_BACK: "roll back (RollbackStack)",
    RecoverAction.DELETE: "delete what is left (DeleteStack), keeping data",
    RecoverAction.BY_HAND: "nothing: AWS has no API call for this",
}


def about_text(about: object) -> str:
    """The subject of a question of `recover` or `cancel`, layer by layer."""
    found = cast("dict[str, Case | StackState]", about)
    cases = {layer: one for layer, one in found.items() if isinstance(one, Case)}
    moving = {layer: one for layer, one in found.items() if isinstance(one, StackState)}
    return recovery_text(cases) if cases else cancellation_text(moving)


def recovery_text(cases: Mapping[str, Case]) -> str:
    """A line for each stack that needs recovery, with the planned action."""
    rows = [[layer, case.state.status, _help(layer, case)] for layer, case in cases.items()]
    reasons = [
        f"{layer}: {case.state.reason}" for layer, case in cases.items() if case.state.reason
    ]
    return "\n".join([table(["layer", "status", "what is done"], rows), *reasons])


def cancellation_text(moving: Mapping[str, StackState]) -> str:
    """A line for each stack in progress, with how it is stopped."""
    rows = [
        [layer, state.status, CANCELLABLE.get(state.status, "watch: this cannot be cancelled")]
        for layer, state in moving.items()
    ]
    return table(["layer", "status", "what is done"], rows)


def _help(layer: str, case: Case) -> str:
    words = _WORDS[case.rescue]
    if case.at_once:
        words += f", skipping {_names(layer, case.at_once)}"
    others = [name for name in case.skip if name not in case.at_once]
    return f"{words}; if that fails again, skipping {_names(layer, others)}" if others else words


def _names(layer: str, resources: Iterable[str]) -> str:
    return ", ".join(f"{layer}.{name}" for name in resources)
