"""What is done to a stack other than by a change set."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from tapgen.aws.cloudformation.reading import StackReader
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.errors import explained
from tapgen.model.templates.stack_policy import NO_POLICY


class StackOperations(StackReader):
    """Deletes, rolls back, cancels and protects stacks. A `token` is that of `requests`."""

    def delete(self, name: str, token: str, leave: Sequence[str] = ()) -> None:
        """Start deleting the stack. `leave` names resources that could not be deleted before."""
        with explained(f"deleting stack {name}"):
            retained = {"RetainResources": list(leave)} if leave else {}
            self._client.delete_stack(StackName=name, ClientRequestToken=token, **retained)

    def continue_rollback(self, name: str, token: str, skip: Sequence[str] = ()) -> None:
        """Go on with the rollback of an update that got stuck, leaving out the resources named."""
        with explained(f"continuing the rollback of {name}"):
            skipped = {"ResourcesToSkip": list(skip)} if skip else {}
            self._client.continue_update_rollback(
                StackName=name, ClientRequestToken=token, **skipped
            )

    def roll_back(self, name: str, token: str) -> None:
        """Roll back what failed while rollback was switched off."""
        with explained(f"rolling back {name}"):
            self._client.rollback_stack(StackName=name, ClientRequestToken=token)

    def cancel_update(self, name: str, token: str) -> None:
        """Stop an update; CloudFormation rolls it back. Fine when it has ended or is stopped."""
        with explained(f"cancelling the update of {name}"):
            try:
                self._client.cancel_update_stack(StackName=name, ClientRequestToken=token)
            except ClientError:
                if self.describe(name).status == "UPDATE_IN_PROGRESS":
                    raise

    def protect(self, state: StackState, *, wanted: bool) -> bool:
        """Bring termination protection in line; gives whether that took a change."""
        if state.termination_protection == wanted:
            return False
        with explained(f"setting termination protection of {state.name}"):
            self._client.update_termination_protection(
                StackName=state.stack_id or state.name, EnableTerminationProtection=wanted
            )
        return True

    def set_policy(self, name: str, policy: Mapping[str, Any], *, new: bool = False) -> bool:
        """Bring the stack policy in line; gives whether that took a change.

        A stack without one, as a `new` stack is, may be updated in every way.
        """
        if policy == (NO_POLICY if new else self.policy(name)):
            return False
        with explained(f"setting the stack policy of {name}"):
            self._client.set_stack_policy(
                StackName=name, StackPolicyBody=json.dumps(policy, sort_keys=True)
            )
        return True
