"""How each kind of thing is removed from an account, in whatever state a run has left it."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.behaviour.ledger import Entry, Ledger

    Clients = Callable[[str, str], Any]

    Remover = Callable[[Clients, Entry, float], None]

PATIENCE_SECONDS: Final = 900.0
# Twice what API Gateway takes for another TLS by its guide.
_UPDATE_SECONDS: Final = 1800.0
_UNDER_WAY: Final = "already an update in progress"
_GONE: Final = (
    "404",
    "DoesNotExist",
    "NoSuch",
    "NotFound",
    "NonExistentQueue",
    "does not exist",
)
T = TypeVar("T")


class LeftError(Exception):
    """Something could not be removed, or has not become what was waited for."""


def wait_until(
    so: Callable[[], T | None], what: str, pause: float, seconds: float = PATIENCE_SECONDS
) -> T:
    """Ask until the answer is true, and give it; LeftError when that does not happen in time."""
    deadline = time.monotonic() + seconds
    while not (answer := so()):
        if time.monotonic() > deadline:
            raise LeftError(f"waited {seconds:.0f} s for {what}")
        time.sleep(pause)
    return answer


def gone(error: ClientError) -> bool:
    """Whether an error says that there is no such thing."""
    text = f"{error.response['Error'].get('Code')}: {error.response['Error'].get('Message')}"
    return any(word in text for word in _GONE)


def clean(
    ledger: Ledger, clients: Clients, pause: float, more: Mapping[str, Remover] | None = None
) -> list[str]:
    """Remove what is in the ledger, the newest first; gives what could not be removed, and why.

    `clients(service, region)` gives a client; `pause` is how long to wait between two looks; `more`
    removes kinds that `REMOVERS` does not have.
    """
    removers = {**REMOVERS, **(more or {})}
    problems = []
    for entry in reversed(list(ledger.entries)):
        try:
            removers[entry.kind](clients, entry, pause)
        except ClientError as error:
            if not gone(error):
                problems.append(f"{entry}: {error}")
                continue
        except LeftError as error:
            problems.append(f"{entry}: {error}")
            continue
        ledger.remove(entry)
    return problems


def _stack(clients: Clients, entry: Entry, pause: float) -> None:
    cloudformation = clients("cloudformation", entry.region)

    def described() -> dict[str, Any]:
        found: dict[str, Any] = cloudformation.describe_stacks(StackName=entry.name)["Stacks"][0]
        return found

    def at_rest() -> bool:
        return not described()["StackStatus"].endswith("_IN_PROGRESS") or under_review()

    def under_review() -> bool:
        return bool(described()["StackStatus"] == "REVIEW_IN_PROGRESS")

    identifier = described()["StackId"]
    wait_until(at_rest, f"{entry} to come to rest", pause)
    if described().get("EnableTerminationProtection"):
        cloudformation.update_termination_protection(
            StackName=entry.name, EnableTerminationProtection=False
        )
    for options in ({}, {"DeletionMode": "FORCE_DELETE_STACK"}):
        cloudformation.delete_stack(StackName=identifier, **options)

        def settled() -> str | None:
            status = cloudformation.describe_stacks(StackName=identifier)["Stacks"][0]
            found = str(status["StackStatus"])
            return None if found.endswith("_IN_PROGRESS") else found

        if wait_until(settled, f"{entry} to be deleted", pause) == "DELETE_COMPLETE":
            return
    raise LeftError("CloudFormation cannot delete it")


def _table(clients: Clients, entry: Entry, pause: float) -> None:
    dynamodb = clients("dynamodb", entry.region)

    def active() -> bool:
        status = dynamodb.describe_table(TableName=entry.name)["Table"]["TableStatus"]
        return bool(status == "ACTIVE")

    wait_until(active, f"{entry} to be active", pause)
    if dynamodb.describe_table(TableName=entry.name)["Table"].get("DeletionProtectionEnabled"):
        dynamodb.update_table(TableName=entry.name, DeletionProtectionEnabled=False)
        wait_until(active, f"{entry} to be active", pause)
    dynamodb.delete_table(TableName=entry.name)


def _log_group(clients: Clients, entry: Entry, _pause: float) -> None:
    logs = clients("logs", entry.region)
    with suppress(ClientError):  # where there is no such operation, nothing is protected
        logs.put_log_group_deletion_protection(
            logGroupIdentifier=entry.name, deletionProtectionEnabled=False
        )
    logs.delete_log_group(logGroupName=entry.name)


def _queue(clients: Clients, entry: Entry, _pause: float) -> None:
    sqs = clients("sqs", entry.region)
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=entry.name)["QueueUrl"])


def _repository(clients: Clients, entry: Entry, _pause: float) -> None:
    clients("ecr", entry.region).delete_repository(repositoryName=entry.name, force=True)


def _parameter(clients: Clients, entry: Entry, _pause: float) -> None:
    clients("ssm", entry.region).delete_parameter(Name=entry.name)


def _bucket(clients: Clients, entry: Entry, _pause: float) -> None:
    s3 = clients("s3", entry.region)
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=entry.name):
        for found in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            named = {"Bucket": entry.name, "Key": found["Key"], "VersionId": found["VersionId"]}
            try:
                s3.delete_object(**named)
            except ClientError as error:
                if "object lock" not in str(error):
                    raise
                s3.delete_object(**named, BypassGovernanceRetention=True)
    s3.delete_bucket(Bucket=entry.name)


def _user_pool(clients: Clients, entry: Entry, _pause: float) -> None:
    cognito = clients("cognito-idp", entry.region)
    pages = cognito.get_paginator("list_user_pools").paginate(MaxResults=60)
    for pool in [pool for page in pages for pool in page["UserPools"]]:
        if pool["Name"] != entry.name:
            continue
        described = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
        if domain := described.get("Domain"):
            cognito.delete_user_pool_domain(Domain=domain, UserPoolId=pool["Id"])
        if described.get("DeletionProtection") == "ACTIVE":
            cognito.update_user_pool(UserPoolId=pool["Id"], DeletionProtection="INACTIVE")
        cognito.delete_user_pool(UserPoolId=pool["Id"])


def _rest_api(clients: Clients, entry: Entry, pause: float) -> None:
    """An API that AWS is at work on may have to become available first."""
    gateway = clients("apigateway", entry.region)
    pages = gateway.get_paginator("get_rest_apis").paginate()
    for api in [api for page in pages for api in page["items"]]:
        if api["name"] == entry.name:
            known = {"restApiId": api["id"]}
            try:
                gateway.delete_rest_api(**known)
            except ClientError as error:
                if _UNDER_WAY not in str(error):
                    raise
                wait_until(
                    lambda: gateway.get_rest_api(**known)["apiStatus"] == "AVAILABLE",  # noqa: B023 - used up within the loop
                    f"{entry} to be available",
                    pause,
                    seconds=_UPDATE_SECONDS,
                )
                gateway.delete_rest_api(**known)


def _interface(clients: Clients, entry: Entry, _pause: float) -> None:
    """Network interfaces, named by their description."""
    ec2 = clients("ec2", entry.region)
    described = [{"Name": "description", "Values": [entry.name]}]
    for one in ec2.describe_network_interfaces(Filters=described)["NetworkInterfaces"]:
        ec2.delete_network_interface(NetworkInterfaceId=one["NetworkInterfaceId"])


def _stream(clients: Clients, entry: Entry, _pause: float) -> None:
    clients("firehose", entry.region).delete_delivery_stream(
        DeliveryStreamName=entry.name, AllowForceDelete=True
    )


def _role(clients: Clients, entry: Entry, _pause: float) -> None:
    iam = clients("iam", entry.region)
    for policy in iam.list_attached_role_policies(RoleName=entry.name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=entry.name, PolicyArn=policy["PolicyArn"])
    for name in iam.list_role_policies(RoleName=entry.name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=entry.name, PolicyName=name)
    iam.delete_role(RoleName=entry.name)


def _policy(clients: Clients, entry: Entry, _pause: float) -> None:
    """A managed policy, named by its ARN."""
    clients("iam", entry.region).delete_policy(PolicyArn=entry.name)


def _identity_provider(clients: Clients, entry: Entry, _pause: float) -> None:
    """An OpenID Connect provider, named by its ARN."""
    iam = clients("iam", entry.region)
    iam.get_open_id_connect_provider(OpenIDConnectProviderArn=entry.name)
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=entry.name)


def _key_alias(clients: Clients, entry: Entry, _pause: float) -> None:
    """A key, named by its alias: it goes after the seven days that KMS asks for at least."""
    kms = clients("kms", entry.region)
    key = kms.describe_key(KeyId=entry.name)["KeyMetadata"]
    if key["KeyState"] != "PendingDeletion":
        kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    kms.delete_alias(AliasName=entry.name)


REMOVERS: Final[dict[str, Remover]] = {
    "stack": _stack,
    "table": _table,
    "log group": _log_group,
    "queue": _queue,
    "repository": _repository,
    "parameter": _parameter,
    "bucket": _bucket,
    "user pool": _user_pool,
    "REST API": _rest_api,
    "interface": _interface,
    "stream": _stream,
    "role": _role,
    "policy": _policy,
    "identity provider": _identity_provider,
    "key": _key_alias,
}
