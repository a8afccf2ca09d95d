from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from tapgen.local import client
from tests.behaviour.rest_api import status
from tests.conftest import SESSION
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.client import LocalAws

_accounts = itertools.count(100_000_000_001)


def status_of(url: str, headers: dict[str, str]) -> int:
    """The HTTP status of what is served at the URL."""
    return status(url, headers, seconds=60)


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    project = tmp_path_factory.mktemp("project")
    yield client.start(project, port=None, timeout=PATIENCE_SECONDS)
    client.stop(project)


@dataclass
class Account:
    """One empty account of the local AWS, and the few verbs that tests need."""

    local: LocalAws
    id: str
    region: str = "us-east-1"
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str | None = None) -> Any:
        key = (service, region or self.region)
        if key not in self._clients:
            self._clients[key] = SESSION.client(
                service,  # type: ignore[call-overload] # the stubs know literal names only
                endpoint_url=self.local.endpoint_url,
                region_name=key[1],
                aws_access_key_id=self.id,
                aws_secret_access_key="local",
                config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
            )
        return self._clients[key]

    def deploy(self, stack: str, resources: dict[str, Any], **options: Any) -> dict[str, Any]:
        """Create or update a stack through a change set; returns the stack when it settled."""
        change_set = self.change_set(stack, resources, **options)
        assert change_set["Status"] == "CREATE_COMPLETE", change_set.get("StatusReason")
        cloudformation = self.client("cloudformation")
        cloudformation.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
        return self.settled(stack)

    def change_set(
        self,
        stack: str,
        resources: dict[str, Any],
        *,
        outputs: dict[str, Any] | None = None,
        parameters: dict[str, str] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        cloudformation = self.client("cloudformation")
        template: dict[str, Any] = {"Resources": resources}
        if outputs:
            template["Outputs"] = {name: {"Value": value} for name, value in outputs.items()}
        if parameters:
            template["Parameters"] = {name: {"Type": "String"} for name in parameters}
        name = f"set-{time.monotonic_ns()}"
        kind = "UPDATE" if self.status(stack) else "CREATE"
        made = cloudformation.create_change_set(
            StackName=stack,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in (parameters or {}).items()
            ],
            **{
                "TemplateBody": json.dumps(template),
                "ChangeSetName": name,
                "ChangeSetType": kind,
                "Capabilities": ["CAPABILITY_NAMED_IAM"],
                **options,
            },
        )
        found: dict[str, Any] = cloudformation.describe_change_set(ChangeSetName=made["Id"])
        return found

    def status(self, stack: str) -> str | None:
        cloudformation = self.client("cloudformation")
        try:
            found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        except cloudformation.exceptions.ClientError:
            return None
        status = found["StackStatus"]
        return None if status in {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"} else status

    def settled(self, stack: str) -> dict[str, Any]:
        cloudformation = self.client("cloudformation")

        def at_rest() -> dict[str, Any] | None:
            stacks = cloudformation.describe_stacks(StackName=stack)["Stacks"]
            found: dict[str, Any] = stacks[0]
            return None if found["StackStatus"].endswith("IN_PROGRESS") else found

        found = wait_until(at_rest, stack)
        found["Outputs"] = {
            output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])
        }
        return found

    def delete(self, stack: str, **options: Any) -> dict[str, Any]:
        cloudformation = self.client("cloudformation")
        identifier = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
        cloudformation.delete_stack(StackName=stack, **options)
        return self.settled(identifier)

    def events(self, stack: str) -> list[dict[str, Any]]:
        """Return the stack's events, oldest first."""
        pages = self.client("cloudformation").get_paginator("describe_stack_events")
        found = [event for page in pages.paginate(StackName=stack) for event in page["StackEvents"]]
        return found[::-1]

    def reasons(self, stack: str) -> dict[str, str]:
        """Return why resources failed, by logical id."""
        return {
            event["LogicalResourceId"]: event.get("ResourceStatusReason", "")
            for event in self.events(stack)
            if event["ResourceStatus"].endswith("FAILED")
        }


@pytest.fixture
def account(local: LocalAws) -> Account:
    return Account(local, str(next(_accounts)))
