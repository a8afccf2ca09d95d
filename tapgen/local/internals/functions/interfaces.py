"""Network interfaces that Lambda creates for functions in a VPC, and deletions that they block.

Functions with the same subnet and security groups share one, named after the first of them. Minutes
after the last one is deleted, Lambda deletes the interface, with the permissions of the function's
role (Lambda developer guide, "Understanding Hyperplane elastic network interfaces"). If the role
has been deleted by then, the interface remains `available` forever (aws/aws-cdk#34400,
binxio/cfn-postgresql-user-provider#9). Subnets and security groups of an interface cannot be
deleted.
"""

from __future__ import annotations

import time
import uuid
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ministack.services import ec2, iam, lambda_svc
from ministack.services.cloudformation import provisioners

if TYPE_CHECKING:
    from collections.abc import Callable

    Problem = Callable[[str], tuple[str, str] | None]
    """Returns code and message of a refusal, by the id of the resource to delete."""

Place = tuple[str, tuple[str, ...]]
"""A subnet, and the security groups in it."""

RELEASE_SECONDS = 1.0
"""After how long Lambda deletes an unused interface. On AWS, it takes up to forty minutes."""

DESCRIPTION = "AWS Lambda VPC ENI-"
_PLACE, _ROLE, _UNUSED = "_place", "_role", "_unused_since"
_FILTERS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "description": lambda one: [one["Description"]],
    "group-id": lambda one: [group["GroupId"] for group in one["Groups"]],
    "status": lambda one: [one["Status"]],
    "subnet-id": lambda one: [one["SubnetId"]],
    "vpc-id": lambda one: [one["VpcId"]],
}
"""Name of a filter -> the values that an interface has for it."""


def keep_interfaces() -> None:
    """Let functions in a VPC have interfaces, which EC2 lists and which block deletions."""
    for name in ("_create_function", "_delete_function", "_update_config"):
        setattr(lambda_svc, name, _then_settled(getattr(lambda_svc, name)))
    problem: Problem
    function = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    function["delete"] = _then_settled(function["delete"])
    for kind, problem in (
        ("AWS::EC2::SecurityGroup", _group_problem),
        ("AWS::EC2::Subnet", _subnet_problem),
    ):
        handler = provisioners._RESOURCE_HANDLERS[kind]
        handler["delete"] = _refusing(handler["delete"], problem)
    actions = ec2._ACTION_MAP
    actions["DescribeNetworkInterfaces"] = _describe
    for action, key, problem in (
        ("DeleteNetworkInterface", "NetworkInterfaceId", _interface_problem),
        ("DeleteSecurityGroup", "GroupId", _group_problem),
        ("DeleteSubnet", "SubnetId", _subnet_problem),
    ):
        actions[action] = _answering(actions[action], key, problem)
    fields = ec2._eni_fields_xml

    def with_requester(one: dict[str, Any], tag: str = "item") -> str:
        by_lambda = str(_PLACE in one).lower()
        text = str(fields(one, tag)).removesuffix(f"</{tag}>")
        return f"{text}<requesterManaged>{by_lambda}</requesterManaged></{tag}>"

    ec2._eni_fields_xml = with_requester


def _then_settled(operation: Callable[..., Any]) -> Callable[..., Any]:
    def operating(*arguments: Any) -> Any:
        answer = operation(*arguments)
        _settle()
        return answer

    return operating


def _settle() -> None:
    """Create the interfaces that functions need, and release unused ones."""
    needed: dict[Place, tuple[str, str]] = {}
    for name, function in [*lambda_svc._functions.items()]:
        versions = [version["config"] for version in function["versions"].values()]
        for config in (function["config"], *versions):
            for place in _places(config.get("VpcConfig") or {}):
                needed.setdefault(place, (name, config["Role"].rpartition("/")[2]))
    for one in _by_lambda():
        function_and_role = needed.pop(one[_PLACE], None)
        if function_and_role is None and one["Status"] == "in-use":
            one |= {"Status": "available", "Attachment": None, _UNUSED: time.monotonic()}
        elif function_and_role is not None:
            one |= {"Status": "in-use", _ROLE: function_and_role[1]}
    for place, (name, role) in needed.items():
        _make(place, name, role)


def _places(vpc: dict[str, Any]) -> list[Place]:
    groups = tuple(sorted(vpc.get("SecurityGroupIds") or ()))
    return [(subnet, groups) for subnet in vpc.get("SubnetIds") or ()]


def _make(place: Place, function: str, role: str) -> None:
    subnet, groups = place
    ec2._create_network_interface(
        {
            "SubnetId": [subnet],
            "Description": [f"{DESCRIPTION}{function}-{uuid.uuid4()}"],
            **{f"SecurityGroupId.{n}": [group] for n, group in enumerate(groups, start=1)},
        }
    )
    made = [*ec2._network_interfaces.values()][-1]
    made |= {"Status": "in-use", "InterfaceType": "lambda", _PLACE: place, _ROLE: role}


def _by_lambda() -> list[dict[str, Any]]:
    return [one for one in ec2._network_interfaces.values() if _PLACE in one]


def _interfaces() -> list[dict[str, Any]]:
    """The remaining interfaces, after Lambda has deleted those that it can."""
    for one in _by_lambda():
        due = one.get(_UNUSED, float("inf")) + RELEASE_SECONDS < time.monotonic()
        if one["Status"] == "available" and due and one[_ROLE] in iam._roles:
            del ec2._network_interfaces[one["NetworkInterfaceId"]]
    return [*ec2._network_interfaces.values()]


def _describe(parameters: dict[str, Any]) -> Any:
    ids = ec2._parse_member_list(parameters, "NetworkInterfaceId")
    filters = ec2._parse_filters(parameters)
    items = "".join(
        ec2._eni_fields_xml(one)
        for one in _interfaces()
        if (not ids or one["NetworkInterfaceId"] in ids) and _matches(one, filters)
    )
    body = f"<networkInterfaceSet>{items}</networkInterfaceSet>"
    return ec2._xml(200, "DescribeNetworkInterfacesResponse", body)


def _matches(one: dict[str, Any], filters: dict[str, list[str]]) -> bool:
    return all(
        any(fnmatchcase(value, pattern) for value in _FILTERS[name](one) for pattern in patterns)
        for name, patterns in filters.items()
    )


def _group_problem(group: str) -> tuple[str, str] | None:
    return _violation("group-id", group, f"resource {group} has a dependent object")


def _subnet_problem(subnet: str) -> tuple[str, str] | None:
    message = f"The subnet '{subnet}' has dependencies and cannot be deleted."
    return _violation("subnet-id", subnet, message)


def _interface_problem(interface: str) -> tuple[str, str] | None:
    in_use = {one["NetworkInterfaceId"] for one in _interfaces() if one["Status"] == "in-use"}
    if interface not in in_use:
        return None
    return "InvalidParameterValue", f"Network interface '{interface}' is currently in use."


def _violation(kind: str, wanted: str, message: str) -> tuple[str, str] | None:
    within = any(wanted in _FILTERS[kind](one) for one in _interfaces())
    return ("DependencyViolation", message) if within else None


def _answering(action: Callable[..., Any], key: str, problem: Problem) -> Callable[..., Any]:
    def answering(parameters: dict[str, Any]) -> Any:
        found = problem(ec2._p(parameters, key))
        return ec2._error(*found, 400) if found else action(parameters)

    return answering


def _refusing(delete: Callable[..., Any], problem: Problem) -> Callable[..., Any]:
    """A deletion by a stack."""

    def deleting(identifier: str, properties: dict[str, Any]) -> None:
        if found := problem(identifier):
            code, message = found
            raise ValueError(f"{message} (Service: Ec2, Status Code: 400, Error Code: {code})")
        delete(identifier, properties)

    return deleting
