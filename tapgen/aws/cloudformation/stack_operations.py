"""Operations on a stack other than change sets."""

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
    """Deletes, rolls back, cancels and protects stacks. A `token` is from `requests`."""

    def delete(self, name: str, token: str, leave: Sequence[str] = ()) -> None:
        """Start deleting the stack. `leave` names resources that are left behind."""
        with explained(f"deleting stack {name}"):
            retained = {"RetainResources": list(leave)} if leave else {}
            self._client.delete_stack(StackName=name, ClientRequestToken=token, **retained)

    def continue_rollback(self, name: str, token: str, skip: Sequence[str] = ()) -> None:
        """Continue the failed rollback of an update; `skip` names resources to leave out."""
        with explained(f"continuing the rollback of {name}"):
            skipped = {"ResourcesToSkip": list(skip)} if skip else {}
            self._client.continue_update_rollback(
                StackName=name, ClientRequestToken=token, **skipped
            )

    def roll_back(self, name: str, token: str) -> None:
        """Roll back an operation that failed while rollback was disabled."""
        with explained(f"rolling back {name}"):
            self._client.rollback_stack(StackName=name, ClientRequestToken=token)

    def cancel_update(self, name: str, token: str) -> None:
        """Cancel an update: CloudFormation rolls it back. Not an error if it has already ended."""
        with explained(f"cancelling the update of {name}"):
            try:
                self._client.cancel_update_stack(StackName=name, ClientRequestToken=token)
            except ClientError:
                if self.describe(name).status == "UPDATE_IN_PROGRESS":
                    raise

    def protect(self, state: StackState, *, wanted: bool) -> bool:
        """Set termination protection; return whether it was changed."""
        if state.termination_protection == wanted:
            return False
        with explained(f"setting termination protection of {state.name}"):
            self._client.update_termination_protection(
                StackName=state.stack_id or state.name, EnableTerminationProtection=wanted
            )
        return True

    def set_policy(self, name: str, policy: Mapping[str, Any], *, new: bool = False) -> bool:
        """Set the stack policy; return whether it was changed.

        A `new` stack has none, which is equivalent to `NO_POLICY`.
        """
        if policy == (NO_POLICY if new else self.policy(name)):
            return False
        with explained(f"setting the stack policy of {name}"):
            self._client.set_stack_policy(
                StackName=name, StackPolicyBody=json.dumps(policy, sort_keys=True)
            )
        return True
