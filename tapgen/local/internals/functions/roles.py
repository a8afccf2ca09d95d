"""Lambda's check of a function's role before it attaches the function to a VPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core import iam_evaluator
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import iam, lambda_svc

if TYPE_CHECKING:
    from collections.abc import Callable

# Action -> resource that the request names when there is no interface yet. AWS documents it for
# DeleteNetworkInterface: the role must "include all resource IDs, for example
# arn:aws:ec2:us-west-2:123456789012:*/*" (Lambda developer guide, "Configuring a Lambda function to
# access resources in a VPC"); https://github.com/hashicorp/terraform-provider-aws/issues/20698 is
# refused with `network-interface/*`.
_ON_INTERFACES = "arn:aws:ec2:{region}:{account}:network-interface/*"
_ON_ALL_IDS = "arn:aws:ec2:{region}:{account}:*/*"
_NEEDED = {
    "CreateNetworkInterface": _ON_INTERFACES,
    "DescribeNetworkInterfaces": "*",
    "DeleteNetworkInterface": _ON_ALL_IDS,
    "AssignPrivateIpAddresses": _ON_ALL_IDS,
    "UnassignPrivateIpAddresses": _ON_ALL_IDS,
}


def check_roles_of_vpc_functions() -> None:
    """Refuse to attach a function to a VPC if its role, or the role's boundary, does not allow it.

    A role that does not exist is not checked.
    """
    create, update = lambda_svc._create_function, lambda_svc._update_config

    def creating(data: dict[str, Any]) -> Any:
        return _refusal(data, data.get("Role", "")) or create(data)

    def updating(name: str, data: dict[str, Any]) -> Any:
        config = lambda_svc._functions.get(name, {}).get("config", {})
        return _refusal(data, data.get("Role") or config.get("Role", "")) or update(name, data)

    lambda_svc._create_function = creating
    lambda_svc._update_config = updating


def _refusal(data: dict[str, Any], role_arn: str) -> Any:
    """The error for a function whose role may not attach it; None if it may."""
    if not (data.get("VpcConfig") or {}).get("SubnetIds"):
        return None
    role = role_arn.rpartition("/")[2]
    if iam._roles.get(role) is None:
        return None
    allowed = _decider(role_arn, role)
    lacking = next((action for action in _NEEDED if not allowed(action)), None)
    if lacking is None:
        return None
    message = f"The provided execution role does not have permissions to call {lacking} on EC2"
    return error_response_json("InvalidParameterValueException", message, 400)


def _decider(role_arn: str, role: str) -> Callable[[str], bool]:
    account, region = get_account_id(), get_region()
    policies = iam_evaluator._gather_role_policies(role, account)
    limits = iam_evaluator._permissions_boundary(iam._roles, role, account)

    def allowed(action: str) -> bool:
        request = iam_evaluator.EvalContext(
            principal_arn=role_arn,
            principal_type="AssumedRole",
            principal_account=account,
            action=f"ec2:{action}",
            resource_arn=_NEEDED[action].format(region=region, account=account),
            region=region,
            service_context={},
        )
        return bool(iam_evaluator.evaluate(request, policies, *limits).decision == "Allow")

    return allowed
