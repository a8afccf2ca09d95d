"""Roles: who may assume them, and everything that they allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tapgen.aws.readers.values import Properties, Whole
from tapgen.aws.resources.retained import Region


def role(region: Region, name: str, _: Mapping[str, Any]) -> Properties:
    """`WildcardActions` are allowed actions that name a whole service, or all of them."""
    client = region.client("iam")
    found = client.get_role(RoleName=name)["Role"]
    names = client.list_role_policies(RoleName=name)["PolicyNames"]
    inline = {
        policy: client.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in names
    }
    attached = client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return {
        "AssumeRolePolicyDocument": Whole(found["AssumeRolePolicyDocument"]),
        "Policies": [
            {"PolicyName": policy, "PolicyDocument": Whole(document)}
            for policy, document in inline.items()
        ],
        "ManagedPolicyArns": [policy["PolicyArn"] for policy in attached],
        "PermissionsBoundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "WildcardActions": sorted(_wildcards(inline.values())),
    }


def _wildcards(documents: Iterable[Mapping[str, Any]]) -> set[str]:
    found = set()
    for document in documents:
        for statement in document["Statement"]:
            actions = statement.get("Action", [])
            if statement["Effect"] == "Allow":
                named = [actions] if isinstance(actions, str) else actions
                found |= {action for action in named if action.endswith("*")}
    return found
