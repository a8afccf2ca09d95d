"""Compares an account with its baseline: what is missing, and what is different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from tapgen.aws.cloudformation.stack_state import UNDER_REVIEW, StackState
from tapgen.deploy.bootstrap.placement import boundary_of, ledger_of, service_role_of
from tapgen.model.deployed.stack_status import ABSENT, usable
from tapgen.model.stack import Stack
from tapgen.settings.environment import Environment


class Verdict(Enum):
    """The state of a baseline: as it should be, different, or missing."""

    CURRENT = "current"
    OLD = "old"
    MISSING = "missing"


@dataclass(frozen=True)
class Checked:
    """A baseline that was checked: its verdict, and the differences in words.

    `settings` are the values that the environment's settings should have for it and do not have.
    """

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether there is nothing to do."""
        return self.verdict is Verdict.CURRENT and not self.settings


def checked(environment: Environment, stack: Stack, state: StackState) -> Checked:
    """Compare the deployed baseline with the current one."""
    wanted = settings_for(environment)
    if state.status in {ABSENT, UNDER_REVIEW}:
        return Checked(Verdict.MISSING, (f"there is no stack {stack.name}",), wanted)
    reasons = tuple(_reasons(stack, state))
    verdict = Verdict.OLD if reasons else Verdict.CURRENT
    return Checked(verdict, reasons, wanted, state.outputs or {})


def settings_for(environment: Environment) -> dict[str, str]:
    """The values of the baseline that the environment's settings should have and do not have."""
    deployment = environment.settings.deployment
    wanted = {
        "role_arn": (deployment.role_arn, service_role_of(environment)),
        "permission_boundary": (deployment.permission_boundary, boundary_of(environment)),
        "ledger": (deployment.ledger, ledger_of(environment)),
    }
    return {
        f"deployment.{name}": value for name, (found, value) in wanted.items() if found != value
    }


def _reasons(stack: Stack, state: StackState) -> Iterator[str]:
    if not usable(state.status):
        yield f"the stack is in {state.status}"
    if state.seal != stack.template.seal:
        yield "the template is not the current one"
    found = state.parameters or {}
    for name, value in {**stack.template.defaults, **stack.parameters}.items():
        if name in found and found[name] != value:
            yield f"{name} is {found[name] or 'empty'}, but should be {value or 'empty'}"
    if state.termination_protection != stack.protected:
        yield f"termination protection is {_on(state.termination_protection)}"


def _on(switched: bool) -> str:
    return "on" if switched else "off"
