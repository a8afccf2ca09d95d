"""IAM: the permission boundary of roles, the limits of policies, OpenID Connect providers."""

from __future__ import annotations

import json
import re
from typing import Any

from tapgen.local.caller import call
from tapgen.local.provisioner import (
    Extension,
    Properties,
    Provisioned,
    Provisioner,
    changed,
    only,
    tag_list,
)

_BOUNDARY = "PermissionsBoundary"
# IAM user guide, "IAM and AWS STS quotas": the size of a managed policy without white space, and
# the default number of policies on a role.
_CHARACTERS = 6144
_ATTACHED = 10


def _apply(role: str, old: Properties, new: Properties) -> None:
    if not changed(old, new, _BOUNDARY):
        return
    if _BOUNDARY in new:
        call("iam", "PutRolePermissionsBoundary", RoleName=role, PermissionsBoundary=new[_BOUNDARY])
    else:
        call("iam", "DeleteRolePermissionsBoundary", RoleName=role)


def _check_role(_old: Properties, new: Properties) -> None:
    if len(new.get("ManagedPolicyArns", [])) > _ATTACHED:
        raise ValueError(_exceeded(f"PoliciesPerRole: {_ATTACHED}"))


def _check_policy(_old: Properties, new: Properties) -> None:
    text = json.dumps(new["PolicyDocument"], separators=(",", ":"))
    if len(re.sub(r"\s", "", text)) > _CHARACTERS:
        raise ValueError(_exceeded(f"PolicySize: {_CHARACTERS}"))


def _exceeded(quota: str) -> str:
    return (
        f"Cannot exceed quota for {quota} (Service: Iam, Status Code: 409, Error Code: "
        "LimitExceeded)"
    )


# --- identity providers: CloudFormation template reference, AWS::IAM::OIDCProvider ----------------


def _create_provider(properties: Properties) -> Provisioned:
    made = call(
        "iam",
        "CreateOpenIDConnectProvider",
        **only(properties, "Url", "ThumbprintList"),
        **({"ClientIDList": ids} if (ids := properties.get("ClientIdList")) else {}),
        Tags=tag_list(properties),
    )
    arn = made["OpenIDConnectProviderArn"]
    return arn, {"Arn": arn}


def _update_provider(arn: str, old: Properties, new: Properties) -> Provisioned:
    before, after = (set(each.get("ClientIdList", [])) for each in (old, new))
    for client in sorted(after - before):
        call("iam", "AddClientIDToOpenIDConnectProvider", **_client(arn, client))
    for client in sorted(before - after):
        call("iam", "RemoveClientIDFromOpenIDConnectProvider", **_client(arn, client))
    return arn, {"Arn": arn}


def _client(arn: str, client: str) -> dict[str, Any]:
    return {"OpenIDConnectProviderArn": arn, "ClientID": client}


def _delete_provider(arn: str, _properties: Properties) -> None:
    call("iam", "DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=arn)


PROVISIONERS = (
    Extension(type="AWS::IAM::Role", check=_check_role, apply=_apply),
    Extension(type="AWS::IAM::ManagedPolicy", check=_check_policy),
    Provisioner(
        type="AWS::IAM::OIDCProvider",
        create=_create_provider,
        update=_update_provider,
        delete=_delete_provider,
        tags="Tags",
    ),
)
