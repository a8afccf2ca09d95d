"""Every private name of MiniStack that tapgen relies on, and nothing else.

MiniStack is pinned to one version because of this module; `tests/local/test_internals.py` fails
when one of these names or its signature changes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from ministack import app as gateway
from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway_v1, cloudformation, cloudfront, ec2
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION = "1.5.33"

HANDLERS: dict[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS
"""CloudFormation type -> its operations."""

IMPORT_LOOKUPS: dict[str, tuple[tuple[str, ...], Callable[..., str | None]]] = (
    changesets._IMPORT_LOOKUPS
)
"""CloudFormation type -> identifier keys, and what says why such a resource cannot be imported."""

TAG_PROPERTIES: dict[str, tuple[str, str]] = provisioners._STACK_TAG_PROPERTY
"""CloudFormation type -> the property that takes the stack's tags, and "list" or "map"."""

FULL_ACCESS = {
    "Version": "2008-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
"""The policy of an endpoint that was given none (PrivateLink guide)."""

application = gateway.app
"""MiniStack as an ASGI application."""


def provision_on_worker_threads() -> None:
    """Run every provisioner off the event loop.

    Then it may call the server back, and IN_PROGRESS is visible while it works.
    """
    stacks._runs_on_worker_thread = lambda _type: True


def know_pseudo_parameters_in_conditions() -> None:
    """Let a condition compare AWS::Region, AWS::AccountId and the like with a value.

    MiniStack evaluates `Ref` of a pseudo parameter in a condition to the parameter's own name.
    """
    evaluate = engine._evaluate_conditions

    def evaluating(template: Any, params: dict[str, Any]) -> Any:
        pseudo = {
            "AWS::Region": get_region(),
            "AWS::AccountId": get_account_id(),
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
        }
        known = {name: {"Value": value} for name, value in pseudo.items()}
        return evaluate(template, {**known, **params})

    engine._evaluate_conditions = evaluating
    changesets._evaluate_conditions = evaluating
    handlers._evaluate_conditions = evaluating


@dataclass(frozen=True, slots=True)
class Operation:
    """What a stack is about to do to a resource: create, update or delete it."""

    verb: str
    kind: str
    logical_id: str
    stack: str
    properties: dict[str, Any]
    replaces: bool = False
    """An update that makes a new resource."""


def before_operations(check: Callable[[Operation], None]) -> None:
    """Call `check` before every resource operation; it may raise to fail it.

    An update that changes nothing of a resource does not count: AWS does not touch it either.
    """
    create, update, delete = (
        stacks._provision_resource,
        stacks._update_resource,
        stacks._delete_resource,
    )

    def creating(kind: str, logical_id: str, properties: Any, stack: str) -> Any:
        check(Operation("create", kind, logical_id, stack, properties))
        return create(kind, logical_id, properties, stack)

    def updating(kind: str, identifier: str, old: Any, new: Any, stack: str, *rest: Any) -> Any:
        if old != new:
            replaces = provisioners._replacing_change(kind, old, new)
            check(Operation("update", kind, rest[0], stack, new, replaces))
        return update(kind, identifier, old, new, stack, *rest)

    def deleting(kind: str, identifier: str, properties: Any, stack: str, logical_id: str) -> Any:
        check(Operation("delete", kind, logical_id, stack, properties))
        return delete(kind, identifier, properties, stack, logical_id)

    stacks._provision_resource = creating
    stacks._update_resource = updating
    stacks._delete_resource = deleting


def check_requests(
    parameters: Callable[[dict[str, Any], list[str]], None],
    template: Callable[[dict[str, Any]], None],
) -> None:
    """Call both for every request that brings a template; either raises ValueError to refuse it.

    `parameters` gets the template and the names of the parameters given. Capabilities are asked
    for as well: MiniStack asks only where it checks IAM.
    """
    resolve, validate = engine._resolve_parameters, engine.validate_template_support

    def resolving(
        body: dict[str, Any], given: list[dict[str, Any]], previous: dict[str, Any] | None = None
    ) -> Any:
        parameters(body, [item["Key"] for item in given])
        return resolve(body, given, previous)

    def validating(body: dict[str, Any], conditions: Any, params: Any = None) -> None:
        validate(body, conditions, params)
        template(body)

    for module in (changesets, handlers):
        module._resolve_parameters = resolving
        module.validate_template_support = validating
    handlers._capabilities_enforced = lambda: True


def references(value: Any) -> set[str]:
    """Return every name that a Ref, Fn::GetAtt or Fn::Sub in a template part refers to."""
    return {name for name, _attribute in engine._intrinsic_references(value)}


def stack_policy(stack: str) -> tuple[str, str]:
    """Return the policy document (empty when none) and the status of a stack."""
    found = cloudformation._stacks.get(stack, {})
    return found.get("_stack_policy") or "", found.get("StackStatus", "")


def describe_endpoints_fully() -> None:
    """Let DescribeVpcEndpoints tell the policy, groups and private DNS that MiniStack keeps."""
    fields = ec2._vpce_fields_xml

    def with_policy(endpoint: dict[str, Any], tag: str = "item") -> str:
        policy = endpoint.get("PolicyDocument") or FULL_ACCESS
        text = policy if isinstance(policy, str) else json.dumps(policy)
        groups = "".join(
            f"<item><groupId>{group}</groupId></item>"
            for group in endpoint.get("SecurityGroupIds", [])
        )
        private = str(endpoint.get("PrivateDnsEnabled", False)).lower()
        extra = (
            f"<policyDocument>{escape(text)}</policyDocument><groupSet>{groups}</groupSet>"
            f"<privateDnsEnabled>{private}</privateDnsEnabled>"
        )
        return str(fields(endpoint, tag)).removesuffix(f"</{tag}>") + f"{extra}</{tag}>"

    ec2._vpce_fields_xml = with_policy


def describe_nat_addresses() -> None:
    """Let DescribeNatGateways tell the address that MiniStack keeps."""
    describe = ec2._ACTION_MAP["DescribeNatGateways"]

    def with_addresses(parameters: dict[str, Any]) -> Any:
        status, headers, body = describe(parameters)
        return status, headers, _NAT.sub(_with_address, body.decode()).encode()

    ec2._ACTION_MAP["DescribeNatGateways"] = with_addresses


_NAT = re.compile(r"<natGatewayId>([^<]+)</natGatewayId>.*?<natGatewayAddressSet/>", re.DOTALL)


def _with_address(match: re.Match[str]) -> str:
    allocation = ec2._nat_gateways[match[1]]["AllocationId"]
    address = ec2._addresses.get(allocation)
    if address is None:
        return match[0]
    return match[0].replace(
        "<natGatewayAddressSet/>",
        f"<natGatewayAddressSet><item><allocationId>{allocation}</allocationId>"
        f"<publicIp>{address['PublicIp']}</publicIp><isPrimary>true</isPrimary>"
        "<status>succeeded</status></item></natGatewayAddressSet>",
    )


def register_service(name: str, module: Any, target_prefix: str) -> None:
    """Let MiniStack route, serve and reset one more JSON service.

    `module` has `handle_request(method, path, headers, body, query)` and `reset()`.
    """
    gateway._loaded_modules[name] = module
    gateway.SERVICE_REGISTRY[name] = {"module": name}
    gateway.SERVICE_HANDLERS[name] = module.handle_request
    router = gateway.detect_service.__globals__["SERVICE_PATTERNS"]
    router[name] = {"target_prefixes": [target_prefix], "host_patterns": []}


def extend_service(name: str, part: Any) -> None:
    """Let `part` answer the operations it has, MiniStack the others; a reset empties both."""
    original = gateway.SERVICE_HANDLERS[name]

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Any:
        chosen = part.handle_request if part.handles(headers) else original
        return await chosen(method, path, headers, body, query)

    gateway.SERVICE_HANDLERS[name] = handle
    gateway._loaded_modules[f"tapgen.{name}"] = part
    gateway.SERVICE_REGISTRY[name]["sub_modules"] = (f"tapgen.{name}",)


def serve_origins_over(connect: Callable[[dict[str, Any]], tuple[str, int, bool] | None]) -> None:
    """Let `connect(origin)` choose where CloudFront finds an origin; None leaves it to MiniStack."""
    dial = cloudfront._origin_connect_target

    def target(origin: dict[str, Any], viewer_is_https: bool) -> tuple[str, int, bool]:
        host, port, https = dial(origin, viewer_is_https)
        return (connect(origin) if https else None) or (host, port, https)

    cloudfront._origin_connect_target = target


def api_owner(identifier: str) -> str | None:
    """Return the account of a REST API."""
    for account, _region, api in list(apigateway_v1._rest_apis._data):
        if api == identifier:
            return str(account)
    return None


def distribution_owner(host: str) -> tuple[str, str] | None:
    """Return the account and domain name of the distribution that answers for a host name."""
    for (account, _identifier), distribution in list(cloudfront._distributions._data.items()):
        domain = distribution["DomainName"].lower()
        names = {domain, *_aliases(distribution)}
        if host in names:
            return account, domain
    return None


def _aliases(distribution: dict[str, Any]) -> set[str]:
    root = cloudfront.fromstring(distribution["config_xml"])
    aliases = cloudfront._find(root, "Aliases")
    if aliases is None:
        return set()
    return {(item.text or "").lower() for item in aliases.iter() if item.tag.endswith("CNAME")}


def end_lambda_workers() -> None:
    lambda_runtime.reset()
