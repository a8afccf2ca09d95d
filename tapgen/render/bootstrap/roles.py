"""The roles of an environment: to review, to deploy, to approve, and CloudFormation's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from awacs import cloudformation, iam, kms, secretsmanager, sns
from awacs import s3 as s3_actions
from awacs.aws import Action, Allow, PolicyDocument, Statement, StringEquals, StringLike
from awacs.aws import Condition as PolicyCondition
from troposphere import Condition, GetAtt, If, Not, NoValue, Ref, Select, Split, Sub
from troposphere.iam import ManagedPolicy, Policy, Role

from tapgen.model.approval import FOLDER
from tapgen.model.baseline import ROLES
from tapgen.model.limits import POLICY_NAME, SECRETS_ARN, TOPIC_ARN
from tapgen.render.accepted import INLINE_POLICY, accepted, because
from tapgen.render.blueprint import Blueprint
from tapgen.render.bootstrap.names import STACK, called, role_arn
from tapgen.render.bootstrap.trust import (
    HAS_APPROVERS,
    Ci,
    by_approvers,
    by_ci,
    by_ci_environment,
    by_cloudformation,
)

# A deployment with a distribution and certificates takes longer than the hour that sessions last by
# default (IAM user guide, "Update the maximum session duration for a role": up to twelve hours).
_DEPLOYING_SECONDS: Final = 4 * 3600
_BY_PATTERN: Final = because(
    "Approvers are named by patterns of ARNs, in the condition; the principal is their account.",
    "CKV_AWS_61",
)
_NOT_BOUNDED: Final = because(
    "The boundary contains what functions may do: nobody could deploy within it.",
    "unbounded-role",
)
# Keys in the ledger: approvals, and the record (`deploy.record.ledger`). Approvers write only
# approvals, each into a folder of their own; deployers write the record. `${!...}` is a variable of
# the policy, not of the template.
APPROVALS: Final = f"{FOLDER}/*/${{!aws:userid}}/*"
RECORD: Final = ("content/*", "releases/*")
EVERYTHING: Final = "*"


@dataclass(frozen=True)
class Documents:
    """Policy documents for each task, and the boundary: in IAM's notation, with parameters."""

    review: Sequence[Any]
    deploy: Sequence[Any]
    service: Sequence[Any]
    purge: Sequence[Any]
    boundary: Any


def add_roles(blueprint: Blueprint, ci: Ci, documents: Documents) -> None:
    """Add the policies and the roles that have them."""
    boundary = blueprint.text(
        "BoundaryName",
        "deployment.permission_boundary",
        "Name of the policy that is the permissions boundary of roles.",
        pattern=POLICY_NAME,
    )
    _add_policy(blueprint, "Boundary", boundary, documents.boundary)
    blueprint.output("BoundaryName", boundary, "Permissions boundary of all roles.")
    review = _add_policies(blueprint, "review", documents.review)
    deploy = _add_policies(blueprint, "deploy", documents.deploy)
    service = _add_policies(blueprint, "cloudformation", documents.service)
    blueprint.flag("Protection", "protection", "Whether data is protected from being purged.")
    unprotected = blueprint.condition("IsUnprotected", Not(Condition("IsProtection")))
    purge = _add_policies(blueprint, "purge", documents.purge, Condition=unprotected)
    purging = [If(unprotected, one, NoValue) for one in purge]
    telling = _add_telling(blueprint)
    looking = [_verify(), *_read(), *_inspect()]
    _add_role(blueprint, "Review", by_ci(ci), [*review, *telling], looking)
    _add_role(
        blueprint,
        "Deploy",
        by_ci_environment(ci),
        [*deploy, *purging, *telling],
        [_verify(), *_read(), _write(*RECORD)],
        MaxSessionDuration=_DEPLOYING_SECONDS,
    )
    _add_role(
        blueprint,
        "Approve",
        by_approvers(blueprint),
        [],
        [_verify(kms.Sign), *_read(), _write(APPROVALS), _look()],
        Metadata=accepted(INLINE_POLICY, _BY_PATTERN, _NOT_BOUNDED),
        Condition=HAS_APPROVERS,
    )
    _add_role(blueprint, "CloudFormation", by_cloudformation(), service, [])


def _add_role(
    blueprint: Blueprint,
    title: str,
    trust: PolicyDocument,
    policies: Iterable[Any],
    statements: Sequence[Statement],
    **properties: Any,
) -> None:
    own = PolicyDocument(Version="2012-10-17", Statement=list(statements))
    if statements:
        properties["Policies"] = [Policy(PolicyName="record", PolicyDocument=own)]
        properties.setdefault("Metadata", accepted(INLINE_POLICY, _NOT_BOUNDED))
    properties.setdefault("Metadata", accepted(_NOT_BOUNDED))
    if attached := list(policies):
        properties["ManagedPolicyArns"] = attached
    blueprint.add(
        Role(
            f"{title}Role",
            AssumeRolePolicyDocument=trust,
            RoleName=called(title.lower()),
            **properties,
        )
    )
    blueprint.output(
        f"{title}RoleArn",
        GetAtt(f"{title}Role", "Arn"),
        f"Role to {title.lower()}." if title != "CloudFormation" else "Role of CloudFormation.",
        condition=properties.get("Condition", ""),
    )


def _add_policies(
    blueprint: Blueprint, task: str, documents: Sequence[Any], **properties: Any
) -> list[Ref]:
    return [
        _add_policy(
            blueprint,
            f"{task.capitalize()}Policy{number}",
            called(f"{task}-{number}"),
            document,
            **properties,
        )
        for number, document in enumerate(documents, start=1)
    ]


def _add_telling(blueprint: Blueprint) -> list[If]:
    """Add the policies for notifications about runs, including the use of encryption keys.

    `iam.policies` has the same statements for a single environment.
    """
    topic = blueprint.optional_text(
        "NotifyTopic",
        "bootstrap.notify_topic",
        "Topic for notifications about runs.",
        pattern=TOPIC_ARN,
    )
    secret = blueprint.optional_text(
        "NotifySecret",
        "bootstrap.notify_secret",
        "Secret with the address of the webhook for notifications about runs.",
        pattern=SECRETS_ARN,
    )
    context = StringLike("kms:EncryptionContext:SecretARN", secret)
    return [
        _add_told(blueprint, "Topic", topic, [sns.Publish], [kms.Decrypt, kms.GenerateDataKey], []),
        _add_told(
            blueprint, "Secret", secret, [secretsmanager.GetSecretValue], [kms.Decrypt], [context]
        ),
    ]


def _add_told(  # noqa: PLR0913, PLR0917 - topic and secret have the same parts
    blueprint: Blueprint,
    kind: str,
    arn: Ref,
    actions: Sequence[Action],
    uses: Sequence[Action],
    conditions: Sequence[StringLike],
) -> If:
    service, region, account = (Select(part, Split(":", arn)) for part in (2, 3, 4))
    place = {"Region": region, "Account": account}
    key = Sub("arn:${AWS::Partition}:kms:${Region}:${Account}:key/*", **place)
    through = Sub("${Service}.${Region}.amazonaws.com", Service=service, Region=region)
    within = [StringEquals("kms:ViaService", through), *conditions]
    policy = _add_policy(
        blueprint,
        f"Notify{kind}Policy",
        called(f"notify-{kind.lower()}"),
        PolicyDocument(
            Version="2012-10-17",
            Statement=[
                _allow(actions, arn),
                Statement(
                    Effect=Allow,
                    Action=list(uses),
                    Resource=[key],
                    Condition=PolicyCondition(within),
                ),
            ],
        ),
        Condition=f"HasNotify{kind}",
    )
    return If(f"HasNotify{kind}", policy, NoValue)


def _add_policy(
    blueprint: Blueprint, title: str, name: Any, document: Any, **properties: Any
) -> Ref:
    blueprint.add(
        ManagedPolicy(
            title,
            ManagedPolicyName=name,
            PolicyDocument=document,
            **properties,
        )
    )
    return Ref(title)


# --- statements for the ledger and the approval key -----------------------------------------------


def _verify(*more: Action) -> Statement:
    actions = [kms.DescribeKey, kms.GetPublicKey, kms.Verify, *more]
    return _allow(actions, GetAtt("ApprovalKey", "Arn"))


def _read() -> list[Statement]:
    bucket = GetAtt("LedgerBucket", "Arn")
    return [
        _allow([s3_actions.ListBucket, s3_actions.ListBucketVersions], bucket),
        _allow([s3_actions.GetObject, s3_actions.GetObjectVersion], _objects(EVERYTHING)),
    ]


def _write(*paths: str) -> Statement:
    return _allow([s3_actions.PutObject], *map(_objects, paths))


def _look() -> Statement:
    """Read the stacks and change sets to approve, and the outputs of this stack."""
    place = "arn:${AWS::Partition}:cloudformation:*:${AWS::AccountId}"
    return _allow(
        [
            cloudformation.DescribeChangeSet,
            cloudformation.DescribeStacks,
            cloudformation.GetTemplate,
        ],
        Sub(f"{place}:stack/${{Prefix}}-*/*"),
        Sub(f"{place}:stack/{STACK}/*"),
    )


def _inspect() -> list[Statement]:
    """Read what `tapgen evidence` reports: who may assume the roles, their policies, the locks."""
    place = "arn:${AWS::Partition}:iam::${AWS::AccountId}"
    policies = Sub(f"{place}:policy/tapgen-${{Prefix}}-*")
    return [
        _allow(
            [
                iam.GetRole,
                iam.GetRolePolicy,
                iam.ListAttachedRolePolicies,
                iam.ListRolePolicies,
            ],
            *map(role_arn, ROLES),
        ),
        _allow([iam.GetPolicy, iam.GetPolicyVersion], policies, Ref("Boundary")),
        _allow([kms.GetKeyPolicy], GetAtt("ApprovalKey", "Arn")),
        _allow(
            [
                s3_actions.GetBucketObjectLockConfiguration,
                s3_actions.GetBucketPolicy,
                s3_actions.GetBucketVersioning,
            ],
            GetAtt("LedgerBucket", "Arn"),
        ),
    ]


def _objects(path: str) -> Sub:
    return Sub(f"${{Bucket}}/{path}", Bucket=GetAtt("LedgerBucket", "Arn"))


def _allow(actions: Sequence[Action], *resources: Any) -> Statement:
    return Statement(Effect=Allow, Action=list(actions), Resource=list(resources))
