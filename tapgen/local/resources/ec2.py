"""EC2: addresses, NAT gateways, flow logs, single security group rules, endpoint policies."""

from __future__ import annotations

from typing import Any

from tapgen.local.caller import call
from tapgen.local.internals.services import network
from tapgen.local.provisioner import (
    Extension,
    Properties,
    Provisioned,
    Provisioner,
    only,
    tag_list,
)


def _retag(identifier: str, old: Properties, new: Properties) -> None:
    kept = {tag["Key"] for tag in tag_list(new)}
    gone = [{"Key": tag["Key"]} for tag in tag_list(old) if tag["Key"] not in kept]
    if gone:
        call("ec2", "DeleteTags", Resources=[identifier], Tags=gone)
    # Never empty: every resource has the tags of its stack.
    call("ec2", "CreateTags", Resources=[identifier], Tags=tag_list(new))


def _create_address(properties: Properties) -> Provisioned:
    made = call("ec2", "AllocateAddress", Domain="vpc")
    _retag(made["AllocationId"], {}, properties)
    return made["PublicIp"], only(made, "AllocationId", "PublicIp")


def _address(public_ip: str) -> Any:
    return call("ec2", "DescribeAddresses", PublicIps=[public_ip])["Addresses"][0]


def _update_address(identifier: str, old: Properties, new: Properties) -> Provisioned:
    address = _address(identifier)
    _retag(address["AllocationId"], old, new)
    return identifier, only(address, "AllocationId", "PublicIp")


def _delete_address(identifier: str, _properties: Properties) -> None:
    call("ec2", "ReleaseAddress", AllocationId=_address(identifier)["AllocationId"])


def _create_nat(properties: Properties) -> Provisioned:
    wanted = only(properties, "SubnetId", "AllocationId", "ConnectivityType", "PrivateIpAddress")
    made = call("ec2", "CreateNatGateway", **wanted)
    identifier = made["NatGateway"]["NatGatewayId"]
    _retag(identifier, {}, properties)
    return identifier, {"NatGatewayId": identifier}


def _update_nat(identifier: str, old: Properties, new: Properties) -> Provisioned:
    _retag(identifier, old, new)
    return identifier, {"NatGatewayId": identifier}


def _delete_nat(identifier: str, _properties: Properties) -> None:
    call("ec2", "DeleteNatGateway", NatGatewayId=identifier)


_FLOW_LOG = (
    "ResourceType",
    "TrafficType",
    "LogDestinationType",
    "LogGroupName",
    "LogDestination",
    "LogFormat",
    "MaxAggregationInterval",
    "DeliverLogsPermissionArn",
    "DestinationOptions",
)


def _create_flow_log(properties: Properties) -> Provisioned:
    made = call(
        "ec2",
        "CreateFlowLogs",
        ResourceIds=[properties["ResourceId"]],
        **only(properties, *_FLOW_LOG),
    )
    identifier = made["FlowLogIds"][0]
    _retag(identifier, {}, properties)
    return identifier, {"Id": identifier}


def _update_flow_log(identifier: str, old: Properties, new: Properties) -> Provisioned:
    _retag(identifier, old, new)
    return identifier, {"Id": identifier}


def _delete_flow_log(identifier: str, _properties: Properties) -> None:
    call("ec2", "DeleteFlowLogs", FlowLogIds=[identifier])


def _permission(properties: Properties, peer: str) -> dict[str, Any]:
    """Return a template's rule as the API's IpPermission. `peer` names the other group."""
    described = only(properties, "Description")
    permission = only(properties, "IpProtocol", "FromPort", "ToPort")
    if cidr := properties.get("CidrIp"):
        permission["IpRanges"] = [{"CidrIp": cidr, **described}]
    if cidr := properties.get("CidrIpv6"):
        permission["Ipv6Ranges"] = [{"CidrIpv6": cidr, **described}]
    if group := properties.get(f"{peer}SecurityGroupId"):
        permission["UserIdGroupPairs"] = [{"GroupId": group, **described}]
    if prefix_list := properties.get(f"{peer}PrefixListId"):
        permission["PrefixListIds"] = [{"PrefixListId": prefix_list, **described}]
    return permission


def _rule(direction: str, peer: str) -> Provisioner:
    operation = f"SecurityGroup{direction}"

    def create(properties: Properties) -> Provisioned:
        made = call(
            "ec2",
            f"Authorize{operation}",
            GroupId=properties["GroupId"],
            IpPermissions=[_permission(properties, peer)],
        )
        identifier = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return identifier, {"Id": identifier}

    def update(_identifier: str, old: Properties, new: Properties) -> Provisioned:
        # Only the description can change in place. It is not part of a rule's id here, so the rule
        # that is written again keeps its id.
        delete(_identifier, old)
        return create(new)

    def delete(_identifier: str, properties: Properties) -> None:
        call(
            "ec2",
            f"Revoke{operation}",
            GroupId=properties["GroupId"],
            IpPermissions=[_permission(properties, peer)],
        )

    return Provisioner(type=f"AWS::EC2::{operation}", create=create, update=update, delete=delete)


def _fill_default_group(vpc: str, old: Properties, _new: Properties) -> None:
    if not old:
        network.fill_default_group(vpc)


PROVISIONERS = (
    Provisioner(
        type="AWS::EC2::EIP",
        create=_create_address,
        update=_update_address,
        delete=_delete_address,
        tags="Tags",
    ),
    Provisioner(
        type="AWS::EC2::NatGateway",
        create=_create_nat,
        update=_update_nat,
        delete=_delete_nat,
        tags="Tags",
    ),
    Provisioner(
        type="AWS::EC2::FlowLog",
        create=_create_flow_log,
        update=_update_flow_log,
        delete=_delete_flow_log,
        tags="Tags",
    ),
    _rule("Ingress", "Source"),
    _rule("Egress", "Destination"),
    Extension(
        type="AWS::EC2::VPC",
        apply=_fill_default_group,
        attributes=lambda _identifier, properties: only(properties, "CidrBlock"),
    ),
)
