import json
import re
from collections.abc import Callable
from typing import Any

import pytest

Template = dict[str, Any]


@pytest.fixture
def identity(template: Callable[[str], Template]) -> Template:
    return template("identity")


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {
        title: resource
        for title, resource in template["Resources"].items()
        if resource["Type"] == f"AWS::Cognito::{kind}"
    }


# --- user pool ------------------------------------------------------------------------------


def test_there_is_one_user_pool_with_a_name_to_find_it_by(identity: Template) -> None:
    (pool,) = of_type(identity, "UserPool").values()
    assert pool["Properties"]["UserPoolName"] == {"Fn::Sub": "${Prefix}-callers"}


def test_nobody_signs_up_or_recovers_an_account_alone(identity: Template) -> None:
    pool = identity["Resources"]["UserPool"]["Properties"]
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["AccountRecoverySetting"] == {
        "RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]
    }


def test_people_would_need_a_long_password_and_a_second_factor(identity: Template) -> None:
    pool = identity["Resources"]["UserPool"]["Properties"]
    assert pool["MfaConfiguration"] == "ON"
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    policy = dict(pool["Policies"]["PasswordPolicy"])
    assert policy.pop("MinimumLength") >= 12  # PCI DSS 8.3.6
    assert policy.pop("PasswordHistorySize") >= 4  # PCI DSS 8.3.7
    assert policy == {
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "RequireUppercase": True,
        "TemporaryPasswordValidityDays": 1,
    }


def test_the_plan_is_the_one_with_a_password_history(identity: Template) -> None:
    pool = identity["Resources"]["UserPool"]["Properties"]
    assert pool["UserPoolTier"] == "ESSENTIALS"
    assert "UserPoolAddOns" not in pool  # threat protection is of the PLUS plan


# --- scopes ---------------------------------------------------------------------------------


def test_scopes(identity: Template) -> None:
    servers = [
        server["Properties"] for server in of_type(identity, "UserPoolResourceServer").values()
    ]
    assert {
        f"{server['Identifier']}/{scope['ScopeName']}"
        for server in servers
        for scope in server["Scopes"]
    } == {"payments/write", "payments/read", "sessions/manage"}
    assert all(scope["ScopeDescription"] for server in servers for scope in server["Scopes"])
    assert {server["UserPoolId"]["Ref"] for server in servers} == {"UserPool"}


# --- token endpoint -------------------------------------------------------------------------


def test_the_token_endpoint_is_no_other_accounts(
    identity: Template, see: Callable[..., Any]
) -> None:
    assert of_type(identity, "UserPoolDomain")["Domain"]["Properties"] == {
        "Domain": {"Fn::Sub": "${Prefix}-${AWS::AccountId}"},
        "UserPoolId": {"Ref": "UserPool"},
    }
    # What Cognito takes (API reference, CreateUserPoolDomain), for the longest prefix there is.
    domain = see("identity", Prefix="a" * 23).resources["Domain"]["Properties"]["Domain"]
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?", domain)


# --- app clients ----------------------------------------------------------------------------


def test_services_and_verification_have_credentials_of_their_own(identity: Template) -> None:
    names = {
        title: client["Properties"]["ClientName"]
        for title, client in of_type(identity, "UserPoolClient").items()
    }
    assert names == {
        "ServiceClient": {"Fn::Sub": "${Prefix}-service"},
        "VerifyClient": {"Fn::Sub": "${Prefix}-verify"},
    }


@pytest.mark.parametrize("title", ["ServiceClient", "VerifyClient"])
def test_an_app_client_takes_client_credentials_and_nothing_else(
    identity: Template, title: str
) -> None:
    client = identity["Resources"][title]["Properties"]
    assert client["GenerateSecret"] is True
    assert client["AllowedOAuthFlowsUserPoolClient"] is True
    assert client["AllowedOAuthFlows"] == ["client_credentials"]
    assert client["AllowedOAuthScopes"] == ["payments/read", "payments/write", "sessions/manage"]
    # None of the flows that take a password.
    assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["EnableTokenRevocation"] is True


@pytest.mark.parametrize("title", ["ServiceClient", "VerifyClient"])
def test_tokens_last_a_quarter_of_an_hour(identity: Template, title: str) -> None:
    client = identity["Resources"][title]["Properties"]
    assert (client["AccessTokenValidity"], client["TokenValidityUnits"]) == (
        15,
        {"AccessToken": "minutes"},
    )


@pytest.mark.parametrize("title", ["ServiceClient", "VerifyClient"])
def test_an_app_client_waits_for_the_scopes_it_names(identity: Template, title: str) -> None:
    assert set(identity["Resources"][title]["DependsOn"]) == set(
        of_type(identity, "UserPoolResourceServer")
    )


# --- secrets --------------------------------------------------------------------------------


def test_no_secret_is_asked_for_or_given_away(identity: Template) -> None:
    assert "ClientSecret" not in json.dumps(identity)
