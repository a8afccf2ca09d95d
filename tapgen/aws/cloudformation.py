"""CloudFormation in tapgen's verbs, for one account and region."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from botocore.exceptions import ClientError

from tapgen.aws import operation_events
from tapgen.aws.account import Account
from tapgen.aws.answers import pairs, resource_event
from tapgen.aws.descriptions import AVAILABLE, Description, changes_of, description
from tapgen.aws.errors import LOST_ANSWER, code_of, explained, message_of, retried
from tapgen.aws.polling import until
from tapgen.errors import RefusedError, TapgenError
from tapgen.stacks.changes import ChangeSet
from tapgen.stacks.events import ResourceEvent
from tapgen.stacks.status import ABSENT

CHANGE_SET_SECONDS: Final = 600
_NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed")
# A stack that was never made: it only carries change sets for its creation.
UNDER_REVIEW: Final = "REVIEW_IN_PROGRESS"
_NOT_FOUND: Final = "ChangeSetNotFound"
# Neither executed nor being executed.
_UNUSED: Final = frozenset({"AVAILABLE", "OBSOLETE", "UNAVAILABLE"})
_STALE: Final = frozenset({_NOT_FOUND, "InvalidChangeSetStatus"})
# What the first event of an operation says of the stack.
_BEGINNINGS: Final = frozenset(
    {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"}
)
_PENDING: Final = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})


@dataclass(frozen=True)
class StackState:
    """A stack as AWS has it now; status ABSENT and empty otherwise where there is none.

    `operations` are the ids of its last operations, for `failures`; `drift` is what the last drift
    detection said (StackDriftStatus), empty where AWS does not tell.
    """

    name: str
    status: str = ABSENT
    stack_id: str = ""
    reason: str = ""
    parameters: Mapping[str, str] | None = None
    outputs: Mapping[str, str] | None = None
    tags: Mapping[str, str] | None = None
    termination_protection: bool = False
    updated: str = ""
    operations: tuple[str, ...] = ()
    drift: str = ""


@dataclass(frozen=True)
class ChangeSetRequest:
    """What to ask CreateChangeSet for. `kind` is CREATE, UPDATE or IMPORT; `options` win."""

    stack_name: str
    name: str
    kind: str
    template: Mapping[str, str]
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    capabilities: Sequence[str]
    imports: Sequence[Mapping[str, Any]] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


class CloudFormation:
    """The calls that tapgen makes, each a verb of its own."""

    def __init__(self, account: Account, region: str) -> None:
        self.region = region
        self._client = account.client("cloudformation", region)

    # --- reading ----------------------------------------------------------------------------

    def describe(self, name: str) -> StackState:
        """The stack's state, by name or id."""
        with explained(f"describing stack {name}"):
            try:
                stack = self._client.describe_stacks(StackName=name)["Stacks"][0]
            except ClientError as error:
                if code_of(error) == "ValidationError" and "does not exist" in message_of(error):
                    return StackState(name)
                raise
        return _state(stack)

    def resources(self, name: str) -> dict[str, tuple[str, str]]:
        """Logical id -> (type, physical id) of every resource the stack holds."""
        with explained(f"listing the resources of {name}"):
            pages = self._client.get_paginator("list_stack_resources").paginate(StackName=name)
            return {
                r["LogicalResourceId"]: (r["ResourceType"], r["PhysicalResourceId"])
                for page in pages
                for r in page["StackResourceSummaries"]
                if r["ResourceStatus"] != "DELETE_COMPLETE" and r.get("PhysicalResourceId")
            }

    def template(self, name: str, change_set: str | None = None) -> str:
        """The text of the deployed template, or of a change set's, as it was given to AWS."""
        which = {"ChangeSetName": change_set} if change_set else {}
        with explained(f"reading the template of {name}"):
            answer = self._client.get_template(StackName=name, TemplateStage="Original", **which)
        body = answer["TemplateBody"]
        return body if isinstance(body, str) else json.dumps(body, indent=2, sort_keys=True) + "\n"

    def events_after(self, stack: str, seen: str | None) -> list[ResourceEvent]:
        """Events that are newer than the one with id `seen`, oldest first.

        Pages are read back only as far as `seen`, so a long history costs nothing.
        """
        found: list[ResourceEvent] = []
        with explained(f"reading the events of {stack}"):
            for page in self._client.get_paginator("describe_stack_events").paginate(
                StackName=stack
            ):
                for event in page["StackEvents"]:
                    if event["EventId"] == seen:
                        return found[::-1]
                    found.append(resource_event(event))
        return found[::-1]

    def latest_event(self, stack: str) -> str | None:
        """Id of the newest event: where the next operation begins."""
        with explained(f"reading the events of {stack}"):
            events = self._client.describe_stack_events(StackName=stack)["StackEvents"]
        return str(events[0]["EventId"]) if events else None

    def operation(self, stack: str) -> list[ResourceEvent]:
        """The events of the newest operation on the stack and of its rollback, oldest first."""
        found: list[ResourceEvent] = []
        with explained(f"reading the events of {stack}"):
            for page in self._client.get_paginator("describe_stack_events").paginate(
                StackName=stack
            ):
                for event in map(resource_event, page["StackEvents"]):
                    found.append(event)
                    if event.status in _BEGINNINGS and _is_stack(event):
                        return found[::-1]
        return found[::-1]

    def failures(self, state: StackState, since: datetime | None) -> tuple[ResourceEvent, ...]:
        """What failed since then in the stack's last operations, oldest first.

        Empty where AWS does not tell: the permission may be missing. Never raises.
        """
        return operation_events.failures(self._client, state.stack_id, state.operations, since)

    # --- change sets ------------------------------------------------------------------------

    def create_change_set(self, request: ChangeSetRequest) -> ChangeSet | None:
        """Create a change set and wait until it is ready; None when there is nothing to change.

        A change set of the same name is from an earlier run with the same content: it is replaced,
        because the stack may have changed since.
        """
        with explained(f"creating a change set for {request.stack_name}"):
            try:
                arn, stack_id = self._create(request)
            except ClientError as error:
                if code_of(error) != "AlreadyExistsException":
                    raise
                self._client.delete_change_set(
                    StackName=request.stack_name, ChangeSetName=request.name
                )
                arn, stack_id = self._create(request)
        ready = None
        try:
            ready = self._ready(request, arn)
        finally:
            if ready is None:
                with suppress(TapgenError):  # it can never be executed, and is replaced next time
                    self._discard(arn, stack_id)
        return ready

    def _create(self, request: ChangeSetRequest) -> tuple[str, str]:
        optional = {"ResourcesToImport": list(request.imports)} if request.imports else {}
        answer = self._client.create_change_set(
            StackName=request.stack_name,
            ChangeSetName=request.name,
            ChangeSetType=request.kind,
            ClientToken=_token(),  # the same for every retry of this request
            Description="Made by tapgen",
            Tags=pairs("Key", "Value", request.tags),
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
        def ask() -> dict[str, Any] | None:
            answer: dict[str, Any] = self._client.describe_change_set(ChangeSetName=arn)
            return None if answer["Status"] in _PENDING else answer

        with explained(f"describing the change set of {request.stack_name}"):
            answer = until(
                ask, what=f"the change set of {request.stack_name}", seconds=CHANGE_SET_SECONDS
            )
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

    def change_set(self, arn: str) -> Description | None:
        """The change set as it is now; None when it (or its stack) is gone."""
        with explained("describing the change set"):
            try:
                return description(self._client, arn)
            except ClientError as error:
                if code_of(error) == _NOT_FOUND:
                    return None
                raise

    def execute(self, change_set: ChangeSet) -> bool:
        """Start executing the change set.

        Gives False where the answer was lost on its way, but AWS is found to have begun: whoever
        watches cannot know then whether it has even ended. Raises `RefusedError` when the change
        set is no longer what was planned: replaced, or out of date.
        """
        with explained("executing the change set"):
            try:
                self._client.execute_change_set(
                    ChangeSetName=change_set.arn, ClientRequestToken=_token()
                )
            except ClientError as error:
                if retried(error) and self._begun(change_set):
                    return False
                if code_of(error) not in _STALE:
                    raise
                raise RefusedError(
                    f"the planned change set no longer holds: {message_of(error)}",
                    "Somebody else is at work on this stack. Run the command again.",
                ) from error
            except LOST_ANSWER:
                if self._begun(change_set):
                    return False
                raise
        return True

    def _begun(self, change_set: ChangeSet) -> bool:
        """Whether AWS has begun to execute the change set."""
        answer = self._client.describe_change_set(ChangeSetName=change_set.arn)
        return str(answer["ExecutionStatus"]).startswith("EXECUTE_")

    def discard(self, change_set: ChangeSet) -> None:
        """Delete a change set that will not be executed; fine when it is gone already.

        A stack that exists only for the sake of its change sets goes with the last of them.
        """
        self._discard(change_set.arn, change_set.stack_id)

    def _discard(self, arn: str, stack_id: str) -> None:
        with explained("deleting the change set"):
            try:
                self._client.delete_change_set(ChangeSetName=arn)
            except ClientError as error:
                if code_of(error) != _NOT_FOUND:
                    raise
            state = self.describe(stack_id)
            if state.status != UNDER_REVIEW:
                return
            if not self._client.list_change_sets(StackName=state.name)["Summaries"]:
                self._client.delete_stack(StackName=stack_id)

    def sweep(self, name: str, ours: re.Pattern[str]) -> None:
        """Delete the change sets whose name `ours` matches: their runs died before they could."""
        with explained(f"deleting old change sets of {name}"):
            pages = self._client.get_paginator("list_change_sets").paginate(StackName=name)
            for found in [summary for page in pages for summary in page["Summaries"]]:
                if ours.fullmatch(found["ChangeSetName"]) and found["ExecutionStatus"] in _UNUSED:
                    self._client.delete_change_set(ChangeSetName=found["ChangeSetId"])

    # --- stacks -----------------------------------------------------------------------------

    def delete(self, name: str, leave: Sequence[str] = ()) -> None:
        """Start deleting the stack. `leave` names resources that could not be deleted before."""
        with explained(f"deleting stack {name}"):
            retained = {"RetainResources": list(leave)} if leave else {}
            self._client.delete_stack(StackName=name, ClientRequestToken=_token(), **retained)

    def continue_rollback(self, name: str, skip: Sequence[str] = ()) -> None:
        """Go on with the rollback of an update that got stuck, leaving out the resources named."""
        with explained(f"continuing the rollback of {name}"):
            skipped = {"ResourcesToSkip": list(skip)} if skip else {}
            self._client.continue_update_rollback(
                StackName=name, ClientRequestToken=_token(), **skipped
            )

    def roll_back(self, name: str) -> None:
        """Roll back what failed while rollback was switched off."""
        with explained(f"rolling back {name}"):
            self._client.rollback_stack(StackName=name, ClientRequestToken=_token())

    def cancel_update(self, name: str) -> None:
        """Stop an update; CloudFormation rolls it back. Fine when it has ended or is stopped."""
        with explained(f"cancelling the update of {name}"):
            try:
                self._client.cancel_update_stack(StackName=name, ClientRequestToken=_token())
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

    def set_policy(self, name: str, policy: Mapping[str, Any]) -> bool:
        """Bring the stack policy in line; gives whether that took a change."""
        with explained(f"setting the stack policy of {name}"):
            body = self._client.get_stack_policy(StackName=name).get("StackPolicyBody")
            if body and json.loads(body) == policy:
                return False
            self._client.set_stack_policy(
                StackName=name, StackPolicyBody=json.dumps(policy, sort_keys=True)
            )
        return True


def _is_stack(event: ResourceEvent) -> bool:
    return f":stack/{event.logical_id}/" in event.physical_id


def _token() -> str:
    """Tells AWS, when a request comes twice because its answer was lost, that it is the same."""
    return f"tapgen-{uuid4()}"


def _state(stack: Mapping[str, Any]) -> StackState:
    return StackState(
        name=stack["StackName"],
        status=stack["StackStatus"],
        stack_id=stack["StackId"],
        reason=stack.get("StackStatusReason", ""),
        parameters={
            p["ParameterKey"]: p.get("ParameterValue", "") for p in stack.get("Parameters", [])
        },
        outputs={o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])},
        tags={t["Key"]: t["Value"] for t in stack.get("Tags", [])},
        termination_protection=bool(stack.get("EnableTerminationProtection", False)),
        operations=tuple(entry["OperationId"] for entry in stack.get("LastOperations", [])),
        updated=str(stack.get("LastUpdatedTime") or stack.get("CreationTime") or ""),
        drift=stack.get("DriftInformation", {}).get("StackDriftStatus", ""),
    )
