"""The policies of the people and roles of an environment.

`deployer` is for people who run `tapgen deploy`, `reviewer` for those who only plan, compare and
verify, `service_role` for the role in `deployment.role_arn`, `boundary` for the policy in
`deployment.permission_boundary`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tapgen.errors import TapgenError
from tapgen.iam.computed import computing, unknown
from tapgen.iam.conditions import Bounds
from tapgen.iam.grants import Grant, Statement, statements
from tapgen.iam.handlers import MAKING, READING, permissions
from tapgen.iam.handlers import underivable as _underivable
from tapgen.iam.scope import Scope, listed
from tapgen.model.approval import FOLDER, key_alias
from tapgen.model.aws_calls import CALLS, Purpose
from tapgen.model.platform import Platform
from tapgen.model.receiver import Topic, receiver
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Unknown

CHARACTERS: Final = 6144
"""Limit of a managed policy, without white space (IAM user guide, "IAM and AWS STS quotas")."""
ATTACHED: Final = 10
"""Managed policies on a user or role, unless a higher quota was requested (same source)."""
# Actions on objects that are needed only for code and templates.
_ARTIFACT_ACTIONS: Final = frozenset({"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"})
# Lambda checks before there is an interface whether a role may do this with one. Both the role and
# its boundary have to allow it for all ids, as `*/*`: `network-interface/*` is refused (Lambda
# developer guide, "Configuring a Lambda function to access resources in a VPC").
_ATTACHING: Final = frozenset(
    {
        "ec2:AssignPrivateIpAddresses",
        "ec2:DeleteNetworkInterface",
        "ec2:UnassignPrivateIpAddresses",
    }
)
MANAGED: Final = {
    "AmazonAPIGatewayPushToCloudWatchLogs": (
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "logs:PutLogEvents",
    )
}
"""Managed policies of our roles, and the actions of each (AWS managed policy reference)."""
# Types with policies, in addition to roles themselves.
_POLICIES: Final = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy")
# Schemas name other actions as well for a few handlers that only read.
_LOOKING: Final = re.compile(r"[a-z0-9-]+:(describe|get|list)", re.IGNORECASE)
_SECRETS: Final = frozenset({"secretsmanager:GetSecretValue"})


@dataclass(frozen=True)
class Policy:
    """A managed policy: its name and document."""

    name: str
    document: Mapping[str, Any]

    @property
    def size(self) -> int:
        """Characters as IAM counts them, without white space."""
        return len(re.sub(r"\s", "", json.dumps(self.document)))


@dataclass(frozen=True)
class Roles:
    """The environment's settings that concern roles; None if not set.

    - `boundary`: the name of the permissions boundary of every role.
    - `service`: the ARN of the role that CloudFormation uses instead of the caller's permissions.
    - `ledger`: the bucket with the records of runs.
    - `notify`: the receiver of notifications (`model.receiver`).
    - `approvals`: whether plans must be approved.
    """

    boundary: str | None = None
    service: str | None = None
    ledger: str | None = None
    notify: str | None = None
    approvals: bool = False


def deployer(platform: Platform, stacks: Sequence[Stack], roles: Roles) -> tuple[Policy, ...]:
    """Permissions for all commands of `tapgen` on the environment, and for its change sets.

    If there is a service role, that role creates and changes resources, but the deployer still
    reads them. Purging is omitted if the environment is protected: tapgen refuses it there.
    """
    scope = Scope(stacks)
    purposes = {Purpose.REVIEW, Purpose.DEPLOY}
    if not stacks[0].protected:
        purposes.add(Purpose.PURGE)
    actions = _called(purposes) | computing(stacks, planning=True)
    actions |= _read(scope) if roles.service else _made(scope)
    grants = _bounds(scope, roles).grants(actions) + _handing_over(roles)
    grants = _on_artifacts(platform, scope, grants)
    grants += _on_ledger(scope, roles, "s3:PutObject") + _notifying(scope, roles)
    return _packed(f"{scope.prefix}-deploy", grants)


def purger(platform: Platform, stacks: Sequence[Stack], roles: Roles) -> tuple[Policy, ...]:
    """Additional permissions of a deployer for purging data, refused if protected."""
    scope = Scope(stacks)
    grants = _bounds(scope, roles).grants(_called({Purpose.PURGE}))
    return _packed(f"{scope.prefix}-purge", _on_artifacts(platform, scope, grants))


def service_role(platform: Platform, stacks: Sequence[Stack], roles: Roles) -> tuple[Policy, ...]:
    """Permissions for CloudFormation to create, change and delete the environment's resources."""
    scope = Scope(stacks)
    grants = _bounds(scope, roles).grants(_made(scope))
    return _packed(f"{scope.prefix}-cloudformation", _on_artifacts(platform, scope, grants))


def reviewer(platform: Platform, stacks: Sequence[Stack], roles: Roles) -> tuple[Policy, ...]:
    """Permissions for commands that change nothing: plan, diff, status, drift, verify, parity.

    A plan creates change sets, which these permissions cannot execute, and takes the lock while it
    runs. Each change set passes the service role. A plan that waits for approval sends a notice.
    """
    scope = Scope(stacks)
    wanted = _called({Purpose.REVIEW}) | _read(scope) | computing(stacks, planning=True)
    grants = _bounds(scope, Roles()).grants(wanted) + _handing_over(roles)
    grants = _on_artifacts(platform, scope, grants)
    grants += _on_ledger(scope, roles) + _notifying(scope, roles)
    return _packed(f"{scope.prefix}-review", grants)


Builder = Callable[[Platform, Sequence[Stack], Roles], tuple[Policy, ...]]
BUILDERS: Final[dict[str, Builder]] = {
    "deploy": deployer,
    "review": reviewer,
    "service-role": service_role,
}
"""Task -> function that creates its policies."""


def boundary(stacks: Sequence[Stack], roles: Roles) -> Policy:
    """The maximum permissions of any role of the environment, whatever its own policies allow.

    Raises `TapgenError` if a role has a managed policy that is neither in `MANAGED` nor defined in
    the templates.
    """
    scope = Scope(stacks)
    actions, attached = set[str](), set[str]()
    own = {
        name
        for stack in stacks
        for name, one in stack.template.resources.items()
        if one["Type"] in _POLICIES
    }
    for kind in _POLICIES:
        for properties in scope.properties.get(kind, []):
            actions |= _allowed(properties["PolicyDocument"])
    for properties in scope.properties.get("AWS::IAM::Role", []):
        for policy in properties.get("Policies", []):
            actions |= _allowed(policy["PolicyDocument"])
        attached.update(
            str(arn).rpartition("/")[2]
            for arn in properties.get("ManagedPolicyArns", [])
            if not (isinstance(arn, Unknown) and arn.expression in own)
        )
    grants = [
        replace(grant, resources=scope.of_any_id("ec2")) if grant.action in _ATTACHING else grant
        for grant in Bounds(scope, guarded=False).grants(actions)
    ]
    for name in sorted(attached):
        grants += [Grant(action, scope.all_of("logs")) for action in _managed(name)]
    (policy,) = _packed(f"{scope.prefix}-boundary", grants, most=1)
    return Policy(roles.boundary or f"{scope.prefix}-boundary", policy.document)


def underivable(stacks: Sequence[Stack]) -> tuple[str, ...]:
    """Parts of the templates whose permissions are in no policy here.

    These are resource types for which AWS names none, and computed values that no table here has.
    """
    types = _underivable(
        resource["Type"] for stack in stacks for resource in stack.template.resources.values()
    )
    return types + unknown(stacks)


def _allowed(document: Mapping[str, Any]) -> set[str]:
    """The actions that a policy allows; its statements may be a list or a single one."""
    found = document["Statement"]
    return {
        action
        for statement in ([found] if isinstance(found, dict) else found)
        if statement["Effect"] == "Allow"
        for action in listed(statement.get("Action", ()))
    }


def _managed(name: str) -> tuple[str, ...]:
    if name not in MANAGED:
        raise TapgenError(
            f"a role has the managed policy {name}, and tapgen does not know what that allows",
            "Add it to MANAGED in tapgen/iam/policies.py, or give the role a policy of its own.",
        )
    return MANAGED[name]


def _bounds(scope: Scope, roles: Roles) -> Bounds:
    arn = f"arn:aws:iam::{scope.account}:policy/{roles.boundary}" if roles.boundary else None
    return Bounds(scope, arn)


def _called(purposes: Iterable[Purpose]) -> frozenset[str]:
    wanted = set(purposes)
    return frozenset(action for call in CALLS if call.purpose in wanted for action in call.actions)


def _read(scope: Scope) -> frozenset[str]:
    """Permissions of reading handlers, for drift detection and for types without our own reader."""
    offered = permissions(scope.properties, READING) - _SECRETS
    return frozenset(action for action in offered if _LOOKING.match(action))


def _made(scope: Scope) -> frozenset[str]:
    return permissions(scope.properties, MAKING) | computing(scope.stacks, planning=False)


def _handing_over(roles: Roles) -> list[Grant]:
    """Permission to pass the service role to CloudFormation with a change set."""
    if not roles.service:
        return []
    condition = {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}
    return [Grant("iam:PassRole", (roles.service,), condition)]


def _on_artifacts(platform: Platform, scope: Scope, grants: Iterable[Grant]) -> list[Grant]:
    """The grants, with actions on objects limited to the artifacts bucket."""
    bucket = scope.bucket(platform.artifacts) if platform.artifacts else None
    others = [grant for grant in grants if grant.action not in _ARTIFACT_ACTIONS]
    if bucket is None:
        return others
    arns = (f"arn:aws:s3:::{bucket}/*",)
    within = [grant for grant in grants if grant.action in _ARTIFACT_ACTIONS]
    return others + [Grant(grant.action, arns, grant.condition) for grant in within]


def _on_ledger(scope: Scope, roles: Roles, *more: str) -> list[Grant]:
    """Grants on the environment's releases, and on deployed content, which the account shares.

    They never allow deleting objects, or writing to another environment's releases.
    """
    if roles.ledger is None:
        return []
    bucket = f"arn:aws:s3:::{roles.ledger}"
    keys = ("content/*", f"releases/{scope.stacks[0].region}/{scope.prefix}/*")
    objects = tuple(f"{bucket}/{key}" for key in keys)
    # Content is read by its key, but S3 says that a key does not exist only to those who may list
    # it, and denies access to all others (S3 API reference, GetObject).
    listing = {"StringLike": {"s3:prefix": list(keys)}}
    within = [Grant(action, objects) for action in ("s3:GetObject", *more)]
    approvals = _on_approvals(scope, bucket) if roles.approvals else []
    return [Grant("s3:ListBucket", (bucket,), listing), *within, *approvals]


def _on_approvals(scope: Scope, bucket: str) -> list[Grant]:
    """Grants to read and verify approvals. Deployers and reviewers cannot write or sign them.

    The key is identified by its alias (KMS developer guide, "kms:ResourceAliases").
    """
    stack = scope.stacks[0]
    keys = f"arn:aws:kms:{stack.region}:{stack.account_id}:key/*"
    aliased = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias(scope.prefix)}}
    return [
        Grant("s3:ListBucket", (bucket,), {"StringLike": {"s3:prefix": f"{FOLDER}/*"}}),
        Grant("s3:GetObject", (f"{bucket}/{FOLDER}/*",)),
        Grant("kms:Verify", (keys,), aliased),
    ]


def _notifying(scope: Scope, roles: Roles) -> list[Grant]:
    """Grants for sending notifications, with the key if the receiver is encrypted."""
    if roles.notify is None:
        return []
    found, home = receiver(roles.notify), scope.stacks[0].region
    condition: dict[str, dict[str, str]] = {}
    keys: tuple[str, ...] = ("kms:Decrypt",)
    if isinstance(found, Topic):
        # SNS developer guide, "Configuring AWS KMS permissions": a publisher needs both.
        arn, action, keys = found.arn, "sns:Publish", (*keys, "kms:GenerateDataKey")
    else:
        # Secrets Manager user guide, "Secret encryption and decryption": the context is the ARN.
        arn, action = found.arn(scope.account, home), "secretsmanager:GetSecretValue"
        condition["StringLike"] = {"kms:EncryptionContext:SecretARN": arn}
    service, region, account = arn.split(":")[2:5]
    condition["StringEquals"] = {"kms:ViaService": f"{service}.{region}.amazonaws.com"}
    key = (f"arn:aws:kms:{region}:{account}:key/*",)
    return [Grant(action, (arn,)), *(Grant(use, key, condition) for use in keys)]


def _packed(name: str, grants: Iterable[Grant], *, most: int = ATTACHED) -> tuple[Policy, ...]:
    """As few policies as the quota allows, filled in the order of the statements.

    Raises `TapgenError` if they are more than can be attached.
    """
    documents: list[list[Statement]] = [[]]
    for statement in statements(grants):
        if Policy("", _document([*documents[-1], statement])).size > CHARACTERS:
            documents.append([])
        documents[-1].append(statement)
    if len(documents) > most:
        raise TapgenError(
            f"{name} takes {len(documents)} policies of {CHARACTERS} characters, "
            f"and only {most} can be attached",
            "Use a separate role for the resources, with the setting deployment.role_arn.",
        )
    return tuple(
        Policy(f"{name}-{number}", _document(document))
        for number, document in enumerate(documents, start=1)
    )


def _document(content: Sequence[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(content)}
