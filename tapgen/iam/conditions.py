"""The conditions under which an action is allowed, in addition to the resources."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from tapgen.iam.grants import Condition, Grant
from tapgen.iam.scope import TAGGED, Scope, listed

# Actions that change or delete existing resources, by the beginning of their names.
_CHANGING: Final = (
    "Associate",
    "Attach",
    "Authorize",
    "Delete",
    "Detach",
    "Disassociate",
    "Modify",
    "Release",
    "Remove",
    "Replace",
    "Revoke",
    "Untag",
    "Update",
)
# KMS may need five minutes to know the tags of a new key (its developer guide, "ABAC for AWS
# KMS"), so only actions that are not called for a new key require them.
_OLD_KEYS: Final = frozenset({"kms:DisableKey", "kms:ScheduleKeyDeletion"})
# Actions that may set tags.
_CREATING: Final = re.compile(r"ec2:(Create|Allocate)(?!Tags$)")
# Cryptographic operations; AWS services call them on behalf of their callers.
_KEY_USE: Final = frozenset({"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"})
_KEY_SERVICES: Final = {
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::KinesisFirehose::DeliveryStream": "firehose",
    "AWS::Lambda::Function": "lambda",
    "AWS::S3::Bucket": "s3",
    "AWS::SQS::Queue": "sqs",
    "AWS::SecretsManager::Secret": "secretsmanager",
}
_GRANTS: Final = frozenset({"kms:CreateGrant", "kms:RevokeGrant"})
# Resources that are created without a name, but with tags that can be required.
_TAGGED_WHEN_MADE: Final = frozenset({"acm:RequestCertificate", "kms:CreateKey"})
# The actions that IAM has the key iam:PermissionsBoundary for and that could widen a role.
_BOUNDED: Final = frozenset(
    {
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
    }
)
# Lambda creates them, without our tags; those in use cannot be deleted.
_UNTAGGED: Final = frozenset({"ec2:DeleteNetworkInterface"})
_RECORDS: Final = "route53:ChangeResourceRecordSets"
RECORD_NAMES_KEY: Final = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
"""The condition key for the names of records that a request changes."""
# Service-linked roles that AWS creates with resources of these types.
_SERVICE_LINKED: Final = {
    "AWS::ApiGateway::RestApi": "ops.apigateway.amazonaws.com",
    "AWS::ApplicationAutoScaling::ScalableTarget": "dynamodb.application-autoscaling.amazonaws.com",
    "AWS::EC2::FlowLog": "delivery.logs.amazonaws.com",
    "AWS::WAFv2::LoggingConfiguration": "wafv2.amazonaws.com",
}


@dataclass(frozen=True)
class Bounds:
    """Creates grants for one environment.

    `boundary` is the ARN of its roles' permissions boundary, None if none is set. If `guarded`,
    only resources with the environment's tags may be changed.
    """

    scope: Scope
    boundary: str | None = None
    guarded: bool = True

    def grants(self, actions: Iterable[str]) -> list[Grant]:
        """Grants that allow the actions, on the environment's resources only."""
        wanted = sorted(set(actions))
        made = [one for action in wanted for one in self._grants(action, wanted)]
        return [grant for grant in made if grant.resources]

    def _grants(self, action: str, wanted: list[str]) -> list[Grant]:
        arns = self.scope.arns(action)
        if action == "iam:CreateServiceLinkedRole":
            return [self._service_linked(action)]
        if action == _RECORDS and "AWS::Route53::HostedZone" not in self.scope.declared:
            return []
        if not self.guarded or not action.startswith("ec2:Create"):
            return [Grant(action, arns, self._condition(action, arns))]
        ours = self._tags("aws:ResourceTag")
        if action == "ec2:CreateTags":
            made = [one.removeprefix("ec2:") for one in wanted if _CREATING.match(one)]
            return [
                # New resources get their tags in the call that creates them; others must have ours.
                Grant(action, arns, _equals("ec2:CreateAction", made)),
                Grant(action, arns, ours),
            ]
        new = tuple(arn for arn in arns if _makes(action, arn))
        old = tuple(arn for arn in arns if arn not in new)
        return [Grant(action, new), Grant(action, old, ours)]

    def _condition(self, action: str, arns: tuple[str, ...]) -> Condition | None:
        if action == "iam:PassRole":
            return _equals("iam:PassedToService", self._trusted)
        if action in _BOUNDED and self.boundary:
            return _equals("iam:PermissionsBoundary", self.boundary)
        if action in _KEY_USE:
            return _equals("kms:ViaService", self._through)
        if action in _GRANTS:
            return {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        if action == _RECORDS:
            return self._records()
        if action in _TAGGED_WHEN_MADE:
            return self._tags("aws:RequestTag")
        if self.guarded and action not in _UNTAGGED and _changes(action, arns):
            return self._tags("aws:ResourceTag")
        if arns == ("*",):
            return _equals("aws:RequestedRegion", list(self.scope.asked_regions))
        return None

    def _tags(self, key: str) -> Condition:
        return {"StringEquals": {f"{key}/{name}": one for name, one in self.scope.tags.items()}}

    def _service_linked(self, action: str) -> Grant:
        services = sorted(
            service for kind, service in _SERVICE_LINKED.items() if kind in self.scope.declared
        )
        arns = tuple(
            f"arn:aws:iam::{self.scope.account}:role/aws-service-role/{service}/*"
            for service in services
        )
        return Grant(action, arns, _equals("iam:AWSServiceName", services))

    @property
    def _trusted(self) -> list[str]:
        """The services that the environment's roles trust: roles are passed to no others."""
        found = set()
        for properties in self.scope.properties.get("AWS::IAM::Role", []):
            for statement in properties["AssumeRolePolicyDocument"]["Statement"]:
                principal = statement.get("Principal", {})
                if isinstance(principal, dict):  # "*" is everybody, and no service
                    found.update(listed(principal.get("Service", ())))
        return sorted(found)

    @property
    def _through(self) -> list[str]:
        """The services that use the environment's keys on behalf of their callers."""
        using = {
            (service, stack.region)
            for kind, service in _KEY_SERVICES.items()
            for stack, *_ in self.scope.declared.get(kind, [])
        }
        using |= {("secretsmanager", arn.split(":")[3]) for arn in self.scope.read_secrets}
        return sorted(f"{service}.{region}.amazonaws.com" for service, region in using)

    def _records(self) -> Condition:
        """Only records of the environment's own domain, in any zone."""
        return {"ForAllValues:StringLike": {RECORD_NAMES_KEY: list(record_names(self.scope))}}


def record_names(scope: Scope) -> tuple[str, ...]:
    """The names of the environment's records, as patterns: its zones and everything below."""
    zones = scope.properties.get("AWS::Route53::HostedZone", [])
    names = sorted({str(zone["Name"]).lower().rstrip(".") for zone in zones})
    return tuple(one for name in names for one in (name, f"*.{name}"))


def _changes(action: str, arns: tuple[str, ...]) -> bool:
    """Whether it changes existing resources whose ids do not show who owns them."""
    service, _, name = action.partition(":")
    if not name.startswith(_CHANGING):
        return action in _OLD_KEYS
    return service in TAGGED or {f"{service}:{_kind(arn)}" for arn in arns} <= TAGGED


def _makes(action: str, arn: str) -> bool:
    """Whether an action such as ec2:CreateFlowLogs creates the ARN's resource."""
    created = action.removeprefix("ec2:Create").removesuffix("s").lower()
    return _kind(arn).replace("-", "").endswith(created)


def _kind(arn: str) -> str:
    return arn.split(":", 5)[-1].partition("/")[0]


def _equals(key: str, value: Any) -> Condition:
    return {"StringEquals": {key: value}}
