"""Change sets, from creation to execution or deletion."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from tapgen.aws.account import Account
from tapgen.aws.cloudformation import operation_events
from tapgen.aws.cloudformation.answers import pairs
from tapgen.aws.cloudformation.descriptions import AVAILABLE, Description, changes_of, description
from tapgen.aws.cloudformation.reading import StackReader
from tapgen.aws.cloudformation.requests import request_token
from tapgen.aws.cloudformation.stack_state import UNDER_REVIEW
from tapgen.aws.errors import LOST_ANSWER, code_of, explained, message_of, retried
from tapgen.aws.permission import lacks_permission
from tapgen.aws.polling import Estimate, intervals, poll_delays, until
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.changes.change import ChangeSet

CHANGE_SET_SECONDS: Final = 600
# How often an existing change set of the same name may be replaced.
_REPLACEMENTS: Final = 4
# The kinds of change sets: to create a stack, to update it, to import resources into it.
CREATE: Final = "CREATE"
UPDATE: Final = "UPDATE"
IMPORT: Final = "IMPORT"
_NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed")
_NOT_FOUND: Final = "ChangeSetNotFound"
# Neither executed nor being executed.
_UNUSED: Final = frozenset({"AVAILABLE", "OBSOLETE", "UNAVAILABLE"})
_STALE: Final = frozenset({_NOT_FOUND, "InvalidChangeSetStatus"})
_PENDING: Final = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})


@dataclass(frozen=True)
class ChangeSetRequest:
    """The arguments of CreateChangeSet. `kind` is CREATE, UPDATE or IMPORT; `options` win."""

    stack_name: str
    name: str
    kind: str
    template: Mapping[str, str]
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    capabilities: Sequence[str]
    imports: Sequence[Mapping[str, Any]] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


class ChangeSets(StackReader):
    """Change sets of any stack of one account and region."""

    def __init__(self, account: Account, region: str) -> None:
        super().__init__(account, region)
        self._local = account.connection.local  # its change sets are ready at once
        self._lately = Estimate()

    @property
    def change_set_seconds(self) -> float | None:
        """How long change sets take until they are ready; None if unknown."""
        return self._lately.expected

    def expect_change_sets(self, seconds: float | None) -> None:
        """Use the duration of an earlier run to decide when to poll the first change sets."""
        if seconds is not None and self._lately.expected is None:
            self._lately = Estimate.about(seconds)

    def create_change_set(self, request: ChangeSetRequest) -> ChangeSet | None:
        """Create a change set and wait until it is ready; None if there is nothing to change.

        A change set of the same name is from an earlier run with the same content. It is replaced,
        because the stack may have changed since.
        """
        with explained(f"creating a change set for {request.stack_name}"):
            arn, stack_id = self._create_anew(request)
        ready = None
        try:
            ready = self._ready(request, arn)
        finally:
            if ready is None:
                with suppress(TapgenError):  # it can never be executed, and is replaced next time
                    self._discard(arn, None if request.kind == UPDATE else stack_id)
        return ready

    def _create_anew(
        self, request: ChangeSetRequest, again: int = _REPLACEMENTS
    ) -> tuple[str, str]:
        """Create the change set, replacing one that already has the name.

        That may be its own: if the answer was lost, the request is sent twice.
        """
        try:
            return self._create(request)
        except ClientError as error:
            if code_of(error) != "AlreadyExistsException" or not again:
                raise
        self._client.delete_change_set(StackName=request.stack_name, ChangeSetName=request.name)
        return self._create_anew(request, again - 1)

    def _create(self, request: ChangeSetRequest) -> tuple[str, str]:
        optional: dict[str, Any] = {"Tags": pairs("Key", "Value", request.tags)}
        if request.kind == IMPORT:  # it must not even name the tags that the stack has
            optional = {"ResourcesToImport": list(request.imports)}
        answer = self._client.create_change_set(
            StackName=request.stack_name,
            ChangeSetName=request.name,
            ChangeSetType=request.kind,
            ClientToken=request_token(),  # the same for every retry of this request
            Description="Made by tapgen",
            Capabilities=list(request.capabilities),
            **{
                "Parameters": pairs("ParameterKey", "ParameterValue", request.parameters),
                **request.template,
                **optional,
                **request.options,
            },
        )
        return answer["Id"], answer["StackId"]

    def _ready(self, request: ChangeSetRequest, arn: str) -> ChangeSet | None:
        with explained(f"describing the change set of {request.stack_name}"):
            answer = self._described(arn, f"the change set of {request.stack_name}")
            if answer["Status"] == "FAILED":
                reason = answer.get("StatusReason", "no reason given")
                if any(text in reason for text in _NO_CHANGES):
                    return None
                refusals = operation_events.refusals(self._client, arn)
                told = [f"{event.path or event.logical_id}: {event.reason}" for event in refusals]
                reason = "; ".join([reason, *told])
                raise TapgenError(f"CloudFormation refuses the change set: {reason}")
            if answer["ExecutionStatus"] != AVAILABLE:
                reason = answer.get("StatusReason", answer["ExecutionStatus"])
                raise TapgenError(f"CloudFormation cannot execute the change set: {reason}")
            changes = changes_of(self._client, arn, answer)
        return ChangeSet(arn, answer["StackId"], changes)

    def _described(self, arn: str, what: str) -> dict[str, Any]:
        """The description of the change set, once it is ready or has failed."""
        begun = time.monotonic()
        early = 0.0

        def ask() -> dict[str, Any] | None:
            nonlocal early
            looked = time.monotonic() - begun
            answer: dict[str, Any] = self._client.describe_change_set(ChangeSetName=arn)
            if answer["Status"] in _PENDING:
                early = looked
                return None
            self._lately.note(early, looked)
            return answer

        pauses = intervals() if self._local else poll_delays(self._lately.expected)
        if not self._local:
            time.sleep(next(pauses))
        return until(ask, what=what, seconds=CHANGE_SET_SECONDS, pauses=pauses)

    def change_set(self, arn: str) -> Description | None:
        """The current change set; None if it (or its stack) no longer exists."""
        with explained("describing the change set"):
            try:
                return description(self._client, arn)
            except ClientError as error:
                if code_of(error) == _NOT_FOUND:
                    return None
                raise

    def execute(self, change_set: ChangeSet, token: str) -> bool:
        """Start executing the change set; `token` is from `requests`.

        Returns False if the answer was lost but AWS has started: then the operation may already
        have ended when it is watched. Raises `RefusedError` if the change set is no longer the
        planned one: replaced, or out of date.
        """
        with explained("executing the change set"):
            try:
                self._client.execute_change_set(
                    ChangeSetName=change_set.arn, ClientRequestToken=token
                )
            except ClientError as error:
                if retried(error) and self._begun(change_set):
                    return False
                if code_of(error) not in _STALE:
                    raise
                raise RefusedError(
                    f"the planned change set is no longer valid: {message_of(error)}",
                    "Somebody else is changing this stack. Run the command again.",
                ) from error
            except LOST_ANSWER:
                if self._begun(change_set):
                    return False
                raise
        return True

    def _begun(self, change_set: ChangeSet) -> bool:
        """Whether AWS has started to execute the change set."""
        answer = self._client.describe_change_set(ChangeSetName=change_set.arn)
        return str(answer["ExecutionStatus"]).startswith("EXECUTE_")

    def discard(self, change_set: ChangeSet, kind: str = "") -> None:
        """Delete a change set that will not be executed; not an error if it no longer exists.

        A stack that exists only because of its change sets is deleted with the last of them. The
        stack of a change set of `kind` UPDATE is never one.
        """
        self._discard(change_set.arn, None if kind == UPDATE else change_set.stack_id)

    def _discard(self, arn: str, shell: str | None) -> None:
        with explained("deleting the change set"):
            try:
                self._client.delete_change_set(ChangeSetName=arn)
            except ClientError as error:
                if code_of(error) != _NOT_FOUND:
                    raise
            if shell is None:
                return
            state = self.describe(shell)
            if state.status != UNDER_REVIEW:
                return
            if not self._client.list_change_sets(StackName=state.name)["Summaries"]:
                self._delete_shell(shell)

    def _delete_shell(self, stack_id: str) -> None:
        """Delete the empty stack. Reviewers may not: then it stays, and counts as absent."""
        try:
            self._client.delete_stack(StackName=stack_id)
        except ClientError as error:
            if not lacks_permission(error):
                raise

    def sweep(self, name: str, ours: re.Pattern[str]) -> None:
        """Delete the change sets whose name matches `ours`: killed runs left them behind."""
        with explained(f"deleting old change sets of {name}"):
            pages = self._client.get_paginator("list_change_sets").paginate(StackName=name)
            for found in [summary for page in pages for summary in page["Summaries"]]:
                if ours.fullmatch(found["ChangeSetName"]) and found["ExecutionStatus"] in _UNUSED:
                    self._client.delete_change_set(ChangeSetName=found["ChangeSetId"])
