"""Consent to take over stacks and resources that are not known to be the environment's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.model.plan import Foreign
from tapgen.model.stack import Stack


@dataclass(frozen=True)
class Consent:
    """The layer whose stack and resources may be taken over; without a layer, none.

    `named` are resources by logical id, each with its identifier.
    """

    layer: str = ""
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def verb(self) -> str:
        """The command that gives this consent."""
        return "adopt" if self.layer else "deploy"

    @property
    def options(self) -> tuple[str, ...]:
        """Its options on the command line, except the layer."""
        return tuple(f"--resource {name}={found}" for name, found in sorted(self.named.items()))

    def covers(self, stack: Stack) -> bool:
        """Whether the stack may be taken over."""
        return stack.layer == self.layer


NO_CONSENT: Final = Consent()


def found(stack: Stack, state: StackState) -> Foreign:
    """A foreign stack, with the parts that are removed when it becomes the declared one."""
    template = stack.template
    return Foreign(
        {
            name: value
            for name, value in (state.tags or {}).items()
            if stack.tags.get(name) != value
        },
        tuple(sorted((state.parameters or {}).keys() - template.parameters.keys())),
        tuple(sorted((state.outputs or {}).keys() - template.outputs.keys())),
        state.notification_arns,
        state.role_arn,
    )
