"""The permissions that CloudFormation needs to compute a template, before it creates anything.

It uses the credentials that create the change set, or the service role. So a reviewer needs the
permissions for a plan, and a deployer needs all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tapgen.model.stack import Stack


@dataclass(frozen=True)
class Needs:
    """The permissions for something that CloudFormation computes, and their source.

    If it is not `planned`, it is computed when a change set is executed, not when it is created.
    """

    permissions: str
    source: str
    planned: bool = True


_PARAMETERS: Final = (
    "CloudFormation user guide, CloudFormation-supplied parameter types: values are looked up in "
    "the account"
)
# Functions, by their key in a template.
FUNCTIONS: Final = {
    "Fn::GetAZs": Needs(
        "ec2:DescribeAccountAttributes ec2:DescribeAvailabilityZones ec2:DescribeSubnets",
        "CloudFormation template reference, Fn::GetAZs, IAM permissions",
    ),
}
# They need only the template, its parameters and created resources.
FREE: Final = frozenset(
    {
        "Fn::And",
        "Fn::Base64",
        "Fn::Cidr",
        "Fn::Contains",
        "Fn::EachMemberEquals",
        "Fn::EachMemberIn",
        "Fn::Equals",
        "Fn::FindInMap",
        "Fn::GetAtt",
        "Fn::If",
        "Fn::Join",
        "Fn::Not",
        "Fn::Or",
        "Fn::Select",
        "Fn::Split",
        "Fn::Sub",
    }
)
# Parameter types, without List<> around them.
PARAMETER_TYPES: Final = {
    "AWS::EC2::AvailabilityZone::Name": Needs("ec2:DescribeAvailabilityZones", _PARAMETERS),
    "AWS::EC2::SecurityGroup::Id": Needs("ec2:DescribeSecurityGroups", _PARAMETERS),
    "AWS::EC2::Subnet::Id": Needs("ec2:DescribeSubnets", _PARAMETERS),
    "AWS::EC2::VPC::Id": Needs("ec2:DescribeVpcs", _PARAMETERS),
    # For any type of value in Systems Manager.
    "AWS::SSM::Parameter::Value": Needs("ssm:GetParameters", _PARAMETERS),
}
# Dynamic references, by the service in "{{resolve:service:...}}".
REFERENCES: Final = {
    "secretsmanager": Needs(
        "kms:Decrypt secretsmanager:GetSecretValue",
        "CloudFormation user guide, Get a secret or secret value from Secrets Manager",
        planned=False,
    ),
}
_KNOWN: Final = {**FUNCTIONS, **PARAMETER_TYPES, **REFERENCES}
_REFERENCE: Final = re.compile(r"\{\{resolve:([\w-]+):")
# In the text of a template; within a string the quotes would have a backslash in front.
_FUNCTION: Final = re.compile(r'"(Fn::\w+)":')
_LIST: Final = re.compile(r"List<(.*)>")


def computing(stacks: Sequence[Stack], *, planning: bool) -> frozenset[str]:
    """The actions needed to compute the templates; with `planning`, to create change sets."""
    needed = [_KNOWN[one] for one in computed(stacks) if one in _KNOWN]
    return frozenset(
        action
        for one in needed
        if one.planned or not planning
        for action in one.permissions.split()
    )


def unknown(stacks: Iterable[Stack]) -> tuple[str, ...]:
    """Expressions that CloudFormation computes and that no table here has permissions for."""
    return tuple(sorted(computed(stacks) - _KNOWN.keys() - FREE))


def computed(stacks: Iterable[Stack]) -> set[str]:
    """Functions, parameter types of the account, and services of dynamic references in use."""
    found = set[str]()
    for stack in stacks:
        found.update(_FUNCTION.findall(stack.template.text))
        found.update(_REFERENCE.findall(stack.template.text))
        found.update(_parameter_types(stack))
    return found


def _parameter_types(stack: Stack) -> Iterator[str]:
    for declared in stack.template.parameters.values():
        kind = str(declared["Type"])
        inner = _LIST.fullmatch(kind)
        kind = inner[1] if inner else kind.partition("<")[0]
        if kind.startswith("AWS::"):
            yield kind
