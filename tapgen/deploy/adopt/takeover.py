"""Resources that a stack takes over before it is created or updated.

Without consent, they are those that carry the environment's tags. With consent, they are all that
the layer declares and no other stack has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.adopt.adoption import NOT_THERE, Deployed, adoptable, described, may_adopt
from tapgen.deploy.adopt.consent import NO_CONSENT, Consent
from tapgen.deploy.adopt.existing import Existing
from tapgen.deploy.adopt.foreign_text import extensible
from tapgen.deploy.adopt.left_behind import Lookups, Resources
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError
from tapgen.model.plan import Adoption, Difference
from tapgen.model.stack import Stack


@dataclass(frozen=True)
class Takeover:
    """The adoptions of a stack, which is `deployed` if it exists.

    `differences` are the differences from the declaration, `made` the logical ids of resources that
    do not exist yet; both are known only with consent.
    """

    adoptions: tuple[Adoption, ...] = ()
    deployed: Deployed = NOT_THERE
    differences: tuple[Difference, ...] = ()
    made: tuple[str, ...] = ()


NOTHING: Final = Takeover()


@dataclass
class Takeovers:
    """Finds takeovers for the stacks of a target, within the `consent`."""

    target: Target
    consent: Consent = NO_CONSENT
    _lookups: Lookups = field(default_factory=Lookups)

    def foresee(self, stack: Stack) -> None:
        """Look up ahead of time what a stack that does not exist may take over."""
        self._lookups.foresee(stack, self.target.region_of(stack))

    def of(self, stack: Stack, parameters: Mapping[str, str], state: StackState) -> Takeover:
        """The takeover of the stack with these parameters.

        Raises `RefusedError` if a resource with a declared name belongs to somebody else,
        `UsageError` if a named resource cannot be taken over, and `TapgenError` for a key that is
        scheduled for deletion.
        """
        cloudformation = self.target.cloudformation(stack)
        consented = self.consent.covers(stack)
        wanted = consented or stack.template.retained
        held = cloudformation.resources(stack.name) if state.stack_id and wanted else {}
        if consented:
            found = self._agreed(stack, parameters, held)
        elif not state.stack_id or may_adopt(stack.template, held):
            found = self._left_behind(stack, parameters, held)
        else:
            return NOTHING
        if not found.adoptions or not state.stack_id:
            return found
        names = (one.logical_id for one in found.adoptions)
        text = extensible(stack, cloudformation.template(stack.name), names)
        deployed = Deployed(text, state.parameters or {})
        return Takeover(found.adoptions, deployed, found.differences, found.made)

    def _left_behind(
        self, stack: Stack, parameters: Mapping[str, str], held: Resources
    ) -> Takeover:
        region = self.target.region_of(stack)
        try:
            return Takeover(adoptable(stack, parameters, region, self._lookups.find, held))
        except RefusedError as error:
            adopt = self.target.command("adopt", f"--layer {stack.layer}")
            raise RefusedError(
                error.message,
                f"{error.hint} If it was made by hand or by another tool, `{adopt}` shows what "
                "differs and takes it over.",
            ) from None

    def _agreed(self, stack: Stack, parameters: Mapping[str, str], held: Resources) -> Takeover:
        search = Existing(self.target, stack, parameters, held, self.consent.named)
        found = search.find()
        region = self.target.region_of(stack)
        adoptions, differences = described(stack, parameters, region, found, held)
        there = {*held, *(one.logical_id for one in adoptions)}
        made = tuple(sorted(search.resources({}).keys() - there))
        return Takeover(adoptions, NOT_THERE, differences, made)
