"""What `tapgen adopt` may take over that is not known to be the environment's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.model.plan import Foreign
from tapgen.model.stack import Stack


@dataclass(frozen=True)
class Consent:
    """Whose stack and resources may become the environment's own: those of one layer.

    `named` are resources by logical id, each with its identifier. Without a layer nothing may.
    """

    layer: str = ""
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def verb(self) -> str:
        """The command that was given it."""
        return "adopt" if self.layer else "deploy"

    @property
    def options(self) -> tuple[str, ...]:
        """It as the command line spells it, beside the layer."""
        return tuple(f"--resource {name}={found}" for name, found in sorted(self.named.items()))

    def covers(self, stack: Stack) -> bool:
        """Whether the stack may be taken over."""
        return stack.layer == self.layer


NO_CONSENT: Final = Consent()


def found(stack: Stack, state: StackState) -> Foreign:
    """A stack of somebody else's, with what goes when it becomes the declared one."""
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
