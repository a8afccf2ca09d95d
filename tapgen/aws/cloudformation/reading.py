"""Reading stacks: their state, resources, template and events."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from tapgen.aws.account import Account
from tapgen.aws.answers import one
from tapgen.aws.cloudformation import operation_events
from tapgen.aws.cloudformation.answers import resource_event
from tapgen.aws.cloudformation.listing import Listing
from tapgen.aws.cloudformation.stack_state import StackState, state_of
from tapgen.aws.errors import code_of, explained, message_of
from tapgen.aws.permission import lacks_permission
from tapgen.model.deployed.events import ResourceEvent
from tapgen.model.templates.stack_policy import NO_POLICY

# The stack's status in the first event of an operation.
BEGINNINGS: Final = frozenset(
    {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"}
)


class StackReader:
    """Reads stacks; changes nothing."""

    def __init__(self, account: Account, region: str) -> None:
        self.region = region
        self._client = account.client("cloudformation", region)
        self.listing = Listing(self._client)

    def describe(self, name: str) -> StackState:
        """The stack's state, by name or id."""
        with explained(f"describing stack {name}"):
            try:
                stack = one(self._client.describe_stacks(StackName=name), "Stacks")
            except ClientError as error:
                if code_of(error) == "ValidationError" and "does not exist" in message_of(error):
                    return StackState(name)
                raise
            return state_of(stack)

    def states(self, names: Collection[str]) -> dict[str, StackState]:
        """The states of several stacks by name, read from one listing of the region's stacks.

        If the credentials may not list stacks, each one is described.
        """
        if len(names) > 1:
            with explained("listing stacks"):
                try:
                    return self.listing.states(names)
                except ClientError as error:
                    if not lacks_permission(error):
                        raise
        return {name: self.describe(name) for name in names}

    def tagged(self, tags: Mapping[str, str]) -> list[StackState]:
        """The region's stacks that have all of these tags."""
        with explained("listing stacks"):
            pages = self._client.get_paginator("describe_stacks").paginate()
            every = [state_of(stack) for page in pages for stack in page["Stacks"]]
        return [state for state in every if tags.items() <= (state.tags or {}).items()]

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

    def owner(self, resource_type: str, physical_id: str) -> str | None:
        """The name of the stack that has a resource; None if none has.

        A resource that a deleted stack left behind is still in AWS's records, and counts as having
        no stack. So does one that the credentials may not look up: AWS refuses to import a resource
        of another stack.
        """
        with explained(f"looking up the stack of {physical_id}"):
            try:
                answer = self._client.describe_stack_resources(PhysicalResourceId=physical_id)
            except ClientError as error:
                absent = "does not exist" in message_of(error)
                if lacks_permission(error) or (code_of(error) == "ValidationError" and absent):
                    return None
                raise
        return next(
            (
                str(one["StackName"])
                for one in answer["StackResources"]
                if (one["ResourceType"], one.get("PhysicalResourceId"))
                == (resource_type, physical_id)
                and not one["ResourceStatus"].startswith("DELETE_")
            ),
            None,
        )

    def template(self, name: str, change_set: str | None = None) -> str:
        """The text of the deployed template, or of a change set's, as it was sent to AWS."""
        which = {"ChangeSetName": change_set} if change_set else {}
        with explained(f"reading the template of {name}"):
            answer = self._client.get_template(StackName=name, TemplateStage="Original", **which)
        body = answer["TemplateBody"]
        return body if isinstance(body, str) else json.dumps(body, indent=2, sort_keys=True) + "\n"

    def policy(self, name: str) -> dict[str, Any]:
        """The stack policy; if there is none, the equivalent `NO_POLICY`.

        Raises `TapgenError` if there is no stack.
        """
        with explained(f"reading the stack policy of {name}"):
            answer = self._client.get_stack_policy(StackName=name)
        body = answer.get("StackPolicyBody")
        document: dict[str, Any] = json.loads(body) if body else NO_POLICY
        return document

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

    def events_since(self, stack: str, since: datetime) -> list[ResourceEvent]:
        """Events since that time, oldest first; the oldest page is returned completely."""
        found: list[ResourceEvent] = []
        with explained(f"reading the events of {stack}"):
            for page in self._client.get_paginator("describe_stack_events").paginate(
                StackName=stack
            ):
                events = [resource_event(event) for event in page["StackEvents"]]
                found += events
                if any(event.at and event.at < since for event in events):
                    break
        return found[::-1]

    def latest_event(self, stack: str) -> str | None:
        """Id of the newest event, after which the next operation starts."""
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
                    if event.status in BEGINNINGS and _is_stack(event):
                        return found[::-1]
        return found[::-1]

    def failures(self, state: StackState, since: datetime | None) -> tuple[ResourceEvent, ...]:
        """The failures since then in the stack's last operations, oldest first.

        Empty if AWS does not answer: the permission may be missing. Never raises.
        """
        return operation_events.failures(self._client, state.stack_id, state.operations, since)


def _is_stack(event: ResourceEvent) -> bool:
    return f":stack/{event.logical_id}/" in event.physical_id
