"""The output of `tapgen iam-policy`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from tapgen.cli import machine
from tapgen.cli.terminal import echo, remark
from tapgen.iam.grants import ANY_RESOURCE, Statement
from tapgen.iam.policies import CHARACTERS, Policy, Roles


def show(name: str, policies: Sequence[Policy], output: str) -> None:
    """Print an environment's policies as text, as JSON, or as a CloudFormation template."""
    if output == "json":
        documents = {policy.name: policy.document for policy in policies}
        machine.show({"environment": name, "policies": documents})
    else:
        echo({"text": text, "cloudformation": template}[output](policies))


def advise(name: str, task: str, roles: Roles, underivable: Sequence[str]) -> None:
    """Print what the policies lack, and what makes them weaker than necessary.

    `underivable` are resource types and other parts of templates whose permissions are not known.
    """
    if underivable:
        remark(
            f"note: the permissions for {', '.join(underivable)} are not known: neither AWS's "
            "schemas nor tapgen's tables list any.\n"
            "next: allow them in a policy of your own, in addition to these"
        )
    if task != "review" and not roles.boundary:
        remark(
            f"note: roles of {name} have no permissions boundary, so these policies allow giving a "
            "role any permission.\n"
            "next: set deployment.permission_boundary; `tapgen iam-policy --boundary` writes it"
        )


def text(policies: Sequence[Policy]) -> str:
    blocks = []
    for policy in policies:
        title = click.style(policy.name, bold=True)
        parts = [part for one in policy.document["Statement"] for part in _statement(one)]
        heading = f"{title} ({policy.size} of {CHARACTERS} characters)"
        blocks.append("\n".join([heading, *parts]))
    return "\n\n".join(blocks)


def template(policies: Sequence[Policy]) -> str:
    """A template that creates each as a managed policy; it needs CAPABILITY_NAMED_IAM."""
    return json.dumps(
        {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": "Written by tapgen iam-policy.",
            "Resources": {_logical_id(policy.name): _resource(policy) for policy in policies},
        },
        indent=2,
    )


def _resource(policy: Policy) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"ManagedPolicyName": policy.name, "PolicyDocument": policy.document},
    }


def _logical_id(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split("[^A-Za-z0-9]+", name))


def _statement(statement: Statement) -> Iterator[str]:
    yield f"  {statement['Sid']}"
    yield f"    may  {_lines(statement['Action'])}"
    yield f"    on   {_lines(statement['Resource'])}"
    if statement["Sid"].startswith(ANY_RESOURCE):
        yield "         (these actions cannot be limited to a resource)"
    if "Condition" in statement:
        yield f"    if   {_lines(list(_conditions(statement['Condition'])))}"


def _conditions(condition: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for operator, keys in condition.items():
        for key, value in keys.items():
            shown = value if isinstance(value, str) else " or ".join(value)
            yield f"{key} {operator} {shown}"


def _lines(values: Sequence[str]) -> str:
    return "\n         ".join(values)
