"""Cognito user pools and their parts. Secrets of app clients are never returned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tapgen.aws.readers.values import AbsentError, Properties
from tapgen.aws.resources.retained import Region

_POOL: Final = (
    "AccountRecoverySetting",
    "AdminCreateUserConfig",
    "DeletionProtection",
    "MfaConfiguration",
    "Policies",
    "UserPoolTier",
)
_CLIENT: Final = (
    "AccessTokenValidity",
    "AllowedOAuthFlows",
    "AllowedOAuthFlowsUserPoolClient",
    "AllowedOAuthScopes",
    "ClientName",
    "EnableTokenRevocation",
    "ExplicitAuthFlows",
    "PreventUserExistenceErrors",
    "TokenValidityUnits",
)
_SOFTWARE_TOKEN: Final = "SOFTWARE_TOKEN_MFA"  # noqa: S105 - what templates call the factor


def user_pool(region: Region, pool_id: str, declared: Mapping[str, Any]) -> Properties:
    client = region.client("cognito-idp")
    found = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    factors = client.get_user_pool_mfa_config(UserPoolId=pool_id)
    software = factors.get("SoftwareTokenMfaConfiguration", {}).get("Enabled")
    tags = found.get("UserPoolTags", {})
    return {
        "UserPoolName": found["Name"],
        **{name: found.get(name) for name in _POOL},
        "EnabledMfas": [_SOFTWARE_TOKEN] if software else [],
        # Organisations and AWS may add tags of their own.
        "UserPoolTags": {
            name: tags[name] for name in declared.get("UserPoolTags", {}) if name in tags
        },
    }


def user_pool_client(region: Region, client_id: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("cognito-idp").describe_user_pool_client(
        UserPoolId=declared["UserPoolId"], ClientId=client_id
    )["UserPoolClient"]
    return {
        **{name: found.get(name) for name in _CLIENT},
        "GenerateSecret": bool(found.get("ClientSecret")),
    }


def user_pool_domain(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("cognito-idp").describe_user_pool_domain(Domain=declared["Domain"])
    description = found["DomainDescription"]
    if not description.get("UserPoolId"):  # an unknown domain has an empty description
        raise AbsentError
    return {name: description[name] for name in ("Domain", "UserPoolId")}


def resource_server(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("cognito-idp").describe_resource_server(
        UserPoolId=declared["UserPoolId"], Identifier=declared["Identifier"]
    )["ResourceServer"]
    return {name: found.get(name) for name in ("Identifier", "Name", "Scopes")}
