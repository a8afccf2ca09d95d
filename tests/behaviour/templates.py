"""Resources of small templates, for an AWS or the local one."""

from __future__ import annotations

from typing import Any, Final

# The managed policy with which Lambda attaches a function to a VPC.
ATTACHING: Final = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"


def trusting(service: str) -> dict[str, Any]:
    """The trust policy of a role for a service."""
    principal = {"Service": f"{service}.amazonaws.com"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return {"Version": "2012-10-17", "Statement": [statement]}


def service_role(name: str, service: str, **properties: Any) -> dict[str, Any]:
    """A role for a service."""
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "AssumeRolePolicyDocument": trusting(service),
            **properties,
        },
    }


def python_function(name: str, code: str, **properties: Any) -> dict[str, Any]:
    """A function in Python, whose role is the resource `Role`."""
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": name,
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Code": {"ZipFile": code},
            **properties,
        },
    }
