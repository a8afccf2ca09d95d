"""An account that is asked how AWS behaves: a real one, or one of the local AWS."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.behaviour.ledger import Entry, Ledger
from tests.behaviour.removal import wait_until

if TYPE_CHECKING:
    import boto3

_LOCAL_PAUSE: Final = 0.02
_REAL_PAUSE: Final = 2.0
_PROPAGATION_SECONDS: Final = 15.0  # IAM is eventually consistent


@dataclass
class Aws:
    """One account and region, and the few verbs that tests need.

    `prefix` begins every name; `endpoint` is the local AWS, None for AWS itself; `keys` are
    credentials in place of those of the session.
    """

    session: boto3.session.Session
    account: str
    region: str
    prefix: str
    ledger: Ledger
    endpoint: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def pause(self) -> float:
        """Seconds between two looks at the same thing."""
        return _LOCAL_PAUSE if self.endpoint else _REAL_PAUSE

    def client(self, service: str, region: str | None = None) -> Any:
        key = (service, region or self.region)
        if key not in self._clients:
            self._clients[key] = self.session.client(
                service,  # type: ignore[call-overload] # the stubs know literal names only
                region_name=key[1],
                endpoint_url=self.endpoint,
                **self.keys,
                config=Config(s3={"addressing_style": "path"} if self.endpoint else None),
            )
        return self._clients[key]

    def name(self, what: str) -> str:
        """A name that nobody else has."""
        return f"{self.prefix}-{what}-{next(self._numbers)}"

    def making(self, kind: str, name: str, region: str | None = None) -> str:
        """Write down that `name` is about to be made, so that it is removed; gives the name."""
        self.ledger.add(Entry(kind, name, region or self.region))
        return name

    def until(self, so: Any, what: str) -> Any:
        return wait_until(so, what, self.pause)

    def somebody(self, *actions: str, resource: str = "*") -> Aws:
        """Somebody of the same account who may do this, and nothing else."""
        name = self.making("role", self.name("role"))
        iam = self.client("iam")
        anybody = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{self.account}:root"},
            "Action": "sts:AssumeRole",
        }
        allowed = {"Effect": "Allow", "Action": [*actions], "Resource": resource}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(anybody))["Role"]
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(allowed))
        self.settle()
        given = self.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="somebody")
        keys = {
            "aws_access_key_id": given["Credentials"]["AccessKeyId"],
            "aws_secret_access_key": given["Credentials"]["SecretAccessKey"],
            "aws_session_token": given["Credentials"]["SessionToken"],
        }
        return replace(self, keys=keys, prefix=f"{name}-s", _clients={})

    def service_role(self, service: str) -> str:
        """The ARN of a new role that a service may take, and that may do nothing yet."""
        name = self.making("role", self.name("service"))
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        iam = self.client("iam")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
        return str(made["Role"]["Arn"])

    def key(self) -> str:
        """The ARN of a key that whoever of the account is allowed to may use."""
        kms = self.client("kms")
        alias = self.making("key", f"alias/{self.name('key')}")
        key = kms.create_key()["KeyMetadata"]
        kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
        return str(key["Arn"])

    def dying_key(self) -> tuple[str, str]:
        """A key that waits for its deletion, by its id, and the alias that it still has."""
        kms = self.client("kms")
        alias = self.making("key", f"alias/{self.name('key')}")
        key = str(kms.create_key()["KeyMetadata"]["KeyId"])
        kms.create_alias(AliasName=alias, TargetKeyId=key)
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        return key, alias

    def settle(self) -> None:
        """Wait until what IAM was told is so everywhere."""
        if not self.endpoint:
            time.sleep(_PROPAGATION_SECONDS)

    def stack(self, name: str = "stack") -> Stack:
        """A stack that is not there yet."""
        return Stack(self, self.making("stack", self.name(name)))


@dataclass(frozen=True)
class Stack:
    """One stack of a test, made and changed by change sets."""

    aws: Aws
    name: str

    @property
    def api(self) -> Any:
        return self.aws.client("cloudformation")

    def request(
        self, template: dict[str, Any], kind: str = "UPDATE", **options: Any
    ) -> dict[str, Any]:
        """What to ask CreateChangeSet for; `parameters` is a mapping, `options` win."""
        parameters = options.pop("parameters", {})
        return {
            "StackName": self.name,
            "ChangeSetName": self.aws.name("set"),
            "ChangeSetType": kind,
            "TemplateBody": json.dumps(template),
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            **options,
        }

    def change_set(
        self, template: dict[str, Any], kind: str = "UPDATE", **options: Any
    ) -> dict[str, Any]:
        """A change set that is ready, or has failed."""
        made = self.api.create_change_set(**self.request(template, kind, **options))
        return self.described(made["Id"])

    def described(self, change_set: str) -> dict[str, Any]:
        def ready() -> dict[str, Any] | None:
            found: dict[str, Any] = self.api.describe_change_set(ChangeSetName=change_set)
            return None if found["Status"] in {"CREATE_PENDING", "CREATE_IN_PROGRESS"} else found

        found: dict[str, Any] = self.aws.until(ready, f"a change set of {self.name}")
        return found

    def deploy(
        self, template: dict[str, Any], kind: str = "UPDATE", **options: Any
    ) -> dict[str, Any]:
        """Make a change set and execute it; gives the stack at rest."""
        change_set = self.change_set(template, kind, **options)
        assert change_set["ExecutionStatus"] == "AVAILABLE", change_set.get("StatusReason")
        self.api.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
        return self.at_rest()

    def create(self, template: dict[str, Any], **options: Any) -> dict[str, Any]:
        """Deploy a stack that is not there yet; it has to end well."""
        stack = self.deploy(template, "CREATE", **options)
        assert stack["StackStatus"] == "CREATE_COMPLETE", self.reasons()
        return stack

    @property
    def status(self) -> str:
        return str(self.described_now()["StackStatus"])

    def described_now(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.describe_stacks(StackName=self.name)["Stacks"][0]
        return found

    def at_rest(self) -> dict[str, Any]:
        def settled() -> dict[str, Any] | None:
            found = self.described_now()
            return None if found["StackStatus"].endswith("IN_PROGRESS") else found

        found: dict[str, Any] = self.aws.until(settled, f"{self.name} to come to rest")
        return found

    def outputs(self) -> dict[str, str]:
        """What the stack gives."""
        given = self.described_now().get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in given}

    def reasons(self) -> dict[str, str]:
        """Why something failed, by logical id."""
        pages = self.api.get_paginator("describe_stack_events").paginate(StackName=self.name)
        return {
            event["LogicalResourceId"]: event.get("ResourceStatusReason", "")
            for page in pages
            for event in page["StackEvents"]
            if event["ResourceStatus"].endswith("FAILED")
        }

    def operations(self) -> list[dict[str, Any]]:
        """What was done to the stack last, by AWS's account of it."""
        return list(self.described_now().get("LastOperations", []))

    def resources(self) -> set[str]:
        """Logical ids of what is there."""
        found = self.api.describe_stack_resources(StackName=self.name)["StackResources"]
        return {
            resource["LogicalResourceId"]
            for resource in found
            if resource["ResourceStatus"] != "DELETE_COMPLETE"
        }


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def changes(change_set: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The changes of a change set, by logical id."""
    found = [change["ResourceChange"] for change in change_set["Changes"]]
    return {change["LogicalResourceId"]: change for change in found}


@contextmanager
def refused(code: str, *words: str) -> Iterator[None]:
    """Expect AWS to refuse what is done inside, with this code and these words."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    for text in words:
        assert text in error["Message"], error
