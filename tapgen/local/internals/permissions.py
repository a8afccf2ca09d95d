"""Additions to MiniStack's enforcement of IAM."""

from __future__ import annotations

import dataclasses
import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ministack import app as gateway
from ministack.core import iam_actions, iam_evaluator
from ministack.services import cloudformation, iam, kms, tagging

if TYPE_CHECKING:
    from collections.abc import Callable

# Action -> the field or the part of the path that names its resource, and its ARN. MiniStack finds
# no resource in these requests. A value that is already an ARN is kept.
_RESOURCES = {
    "cloudfront:GetResponseHeadersPolicyConfig": (
        "response-headers-policy",
        "cloudfront::{account}:response-headers-policy/{name}",
    ),
    "cloudfront:ListTagsForResource": ("Resource", ""),
    "cloudwatch:DescribeAlarms": ("AlarmNames", "cloudwatch:{region}:{account}:alarm:{name}"),
    "cloudwatch:GetDashboard": ("DashboardName", "cloudwatch::{account}:dashboard/{name}"),
    "dynamodb:ListTagsOfResource": ("ResourceArn", ""),
    "kms:DeleteAlias": ("AliasName", "kms:{region}:{account}:{name}"),
    "logs:GetDelivery": ("id", "logs:{region}:{account}:delivery:{name}"),
    "logs:GetDeliveryDestination": ("name", "logs:{region}:{account}:delivery-destination:{name}"),
    "logs:GetDeliverySource": ("name", "logs:{region}:{account}:delivery-source:{name}"),
    "logs:PutLogGroupDeletionProtection": (
        "logGroupIdentifier",
        "logs:{region}:{account}:log-group:{name}",
    ),
    "route53:ListTagsForResource": ("hostedzone", "route53:::hostedzone/{name}"),
    "sns:ListTagsForResource": ("ResourceArn", ""),
    "ssm:GetParameters": ("Names", "ssm:{region}:{account}:parameter{name}"),
    "wafv2:GetLoggingConfiguration": ("ResourceArn", ""),
    "wafv2:GetWebACLForResource": ("ResourceArn", ""),
    "wafv2:ListTagsForResource": ("ResourceARN", ""),
}
_ANY = "*"
# AWS managed policy reference, AWSCodeDeployRoleForLambda, version 3, without its S3 statements.
_CODE_DEPLOY = "service-role/AWSCodeDeployRoleForLambda"
_SHIFTS = (
    "cloudwatch:DescribeAlarms",
    "lambda:UpdateAlias",
    "lambda:GetAlias",
    "lambda:GetProvisionedConcurrencyConfig",
    "sns:Publish",
)
_HOOKS = "arn:aws:lambda:*:*:function:CodeDeployHook_*"
_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_NO_VALUE = "\0"  # occurs in no ARN and no value of a key
# Operations of Lambda whose action has a different name (service authorization reference).
_LAMBDA_ACTIONS = {"Invoke": "InvokeFunction", "InvokeWithResponseStream": "InvokeFunction"}


def install() -> None:
    """Install all additions."""
    count_as_tls()
    know_tags()
    know_variables()
    know_conditional_writes()
    name_actions()
    name_resources()
    know_managed_policies()


def know_managed_policies() -> None:
    """Give each account AWS's managed policy for roles of CodeDeploy, also after a reset."""
    seed = iam._seed_aws_managed_policies
    allowed = [
        {"Effect": "Allow", "Action": [*_SHIFTS], "Resource": "*"},
        {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": _HOOKS},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": allowed})

    def seeding() -> None:
        seed()
        made = iam._make_aws_managed_record(_CODE_DEPLOY, document)
        iam._aws_managed_policies[made["Arn"]] = made

    iam._seed_aws_managed_policies = seeding
    seeding()


def count_as_tls() -> None:
    """Let aws:SecureTransport be true for every request.

    The loopback address stands for AWS's addresses with TLS. Policies that deny plain HTTP would
    deny everything here.
    """
    pin = iam_evaluator.pin_request_origin

    def pin_as_tls(source_ip: str, _secure_transport: bool) -> None:
        pin(source_ip, secure_transport=True)

    gateway.pin_request_origin = pin_as_tls


def know_tags() -> None:
    """Support aws:ResourceTag for user pools too."""
    tagging._RESOURCE_TAG_COLLECTORS["cognito-idp"] = tagging._collect_cognito


def know_conditional_writes() -> None:
    """Let policies see whether a write to S3 requires a new, or an unchanged, object.

    "You can use the condition keys s3:if-match or s3:if-none-match"; s3:ObjectCreationOperation
    distinguishes creating an object from uploading its parts, which accepts no such header (S3 user
    guide, "Enforce conditional writes on Amazon S3 buckets").
    """
    original = iam_actions.s3_service_context

    def context(
        action: str,
        query_params: dict[str, Any] | None,
        path: str = "",
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        found: dict[str, Any] = original(action, query_params, path, headers)
        if action != "s3:PutObject":
            return found
        makes = not {"partNumber", "uploads"} & (query_params or {}).keys()
        told = {
            f"s3:{name}": value
            for name in ("if-match", "if-none-match")
            if (value := (headers or {}).get(name))
        }
        return {**found, **told, "s3:ObjectCreationOperation": str(makes).lower()}

    iam_actions.s3_service_context = context


def know_variables() -> None:
    """Replace variables in resources and conditions, such as `${aws:userid}`, with their values.

    If one has no value, or several, nothing matches (IAM user guide, "IAM policy elements:
    Variables and tags"). MiniStack treats them as text.
    """
    match, met = iam_evaluator._first_match, iam_evaluator._conditions_met

    def first_match(ctx: Any, statements: list[Any], effect: str) -> Any:
        return match(ctx, [_with_values(one, ctx) for one in statements], effect)

    def conditions_met(conditions: dict[str, Any], ctx: Any) -> Any:
        return met(_filled(conditions, ctx), ctx)

    iam_evaluator._first_match = first_match
    iam_evaluator._conditions_met = conditions_met


def _with_values(statement: Any, ctx: Any) -> Any:
    """A statement with its resources' variables replaced."""
    written = (statement.resources, statement.not_resources)
    resources, others = (_filled(one, ctx) for one in written)
    if (resources, others) == written:
        return statement
    return dataclasses.replace(statement, resources=resources, not_resources=others)


def _filled(written: Any, ctx: Any) -> Any:
    """A value with the variables in all of its texts replaced."""
    match written:
        case str() if "${" in written:
            return _VARIABLE.sub(lambda found: _value(found[1], ctx), written)
        case list():
            return [_filled(one, ctx) for one in written]
        case dict():
            return {key: _filled(one, ctx) for key, one in written.items()}
    return written


def _value(key: str, ctx: Any) -> str:
    value = iam_evaluator._resolve_condition_key(key, ctx)
    return value if isinstance(value, str) else _NO_VALUE


def name_actions() -> None:
    """Let each request to Lambda need its operation's action. MiniStack uses one for many."""
    original = iam_actions.extract_iam_action
    iam_actions._BOTOCORE_SERVICE_MAP["lambda"] = ["lambda"]

    def action(  # noqa: PLR0913, PLR0917 - MiniStack's signature
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
    ) -> str | None:
        found = None
        if service == "lambda":
            found = iam_actions._match_rest_action(service, method, path, query_params)
        if found:
            return f"lambda:{_LAMBDA_ACTIONS.get(found, found)}"
        given: str | None = original(service, method, path, headers, body, query_params)
        return given

    iam_actions.extract_iam_action = action


class Request(NamedTuple):
    """The request as MiniStack describes it when it looks for its resource."""

    service: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query_params: dict[str, Any]
    region: str
    account_id: str

    @property
    def action(self) -> str | None:
        """The request's action."""
        action: str | None = iam_actions.extract_iam_action(*self[:6])
        return action


def told_of_resources(resource: Callable[[Request, str], str]) -> None:
    """Let `resource` return a request's resource. It gets the one that MiniStack found."""
    original = iam_actions.extract_resource_arn

    def extract(*given: Any) -> str:
        return resource(Request(*given), str(original(*given)))

    iam_actions.extract_resource_arn = extract


def name_resources() -> None:
    """Let each request be authorized for the same resource as on AWS."""
    told_of_resources(_resource)


def _resource(request: Request, found: str) -> str:
    region, account = request.region, request.account_id
    if found != _ANY:
        return _key(found, region, account) if request.service == "kms" else found
    fields = {**request.query_params, **_path(request.path), **_document(request.body)}
    if request.service == "cloudformation":
        return _stack(_first(fields, "ChangeSetName"))
    field, form = _RESOURCES.get(request.action or "", ("", ""))
    name = _first(fields, field)
    if name == _ANY or name.startswith("arn:"):
        return name
    return f"arn:aws:{form.format(region=region, account=account, name=name)}"


def _key(arn: str, region: str, account: str) -> str:
    """The key behind an alias, for which KMS authorizes. An alias without a key is never found."""
    if ":alias/" not in arn:
        return arn
    key = kms._resolve_key(arn)
    return str(key["Arn"]) if key else f"arn:aws:kms:{region}:{account}:key/none"


def _stack(change_set: str) -> str:
    """The stack of a change set that is named only by its ARN."""
    found = cloudformation._change_sets.get(change_set)
    return str(found["StackId"]) if found else _ANY


def _path(path: str) -> dict[str, str]:
    """Each part of a path -> the next part."""
    parts = path.strip("/").split("/")
    return dict(pairwise(parts))


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _first(fields: dict[str, Any], name: str) -> str:
    """A field's value, or the first of a list; "*" if the request has none."""
    values = fields.get(name) or fields.get(f"{name}.member.1") or _ANY
    return str(values[0] if isinstance(values, list) else values)
