"""Who may call the API: programs, each by an app client of its own and the scopes it has.

Callers take an access token from the pool's token endpoint with their client id and secret (OAuth
2.0 client credentials) and send it with every request. Cognito makes the secrets; they are in no
template, parameter, output or log, and are read with cognito-idp:DescribeUserPoolClient by who may.

Nobody signs in with a password: there is no self sign-up, and no app client takes one. The pool's
rules for people are strict all the same, for the day an administrator adds one. Threat protection
(the PLUS plan) watches people signing in and not client credentials, so it would be paid for
nothing; the ESSENTIALS plan is the one with a password history.
"""

from __future__ import annotations

from typing import Any, Final

from troposphere import GetAtt, If, Ref, Sub
from troposphere.cognito import (
    AccountRecoverySetting,
    AdminCreateUserConfig,
    PasswordPolicy,
    Policies,
    RecoveryOption,
    ResourceServerScopeType,
    TokenValidityUnits,
    UserPool,
    UserPoolClient,
    UserPoolDomain,
    UserPoolResourceServer,
)

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.api.scopes import SCOPES, resource_servers
from tapgen.render.retained import RETAINED

_TOKEN_MINUTES: Final = 15  # a stolen token is of use no longer; Cognito's minimum is 5
_PASSWORD_LENGTH: Final = 14  # PCI DSS 8.3.6 asks for twelve
_PASSWORDS_REMEMBERED: Final = 4  # PCI DSS 8.3.7
_PASSWORD_DAYS: Final = 1  # for the first one, which an administrator sends


def build() -> Blueprint:
    """User pool, scopes, token endpoint, app clients."""
    blueprint = Blueprint("identity", "User pool, scopes and app clients of the API's callers.")
    blueprint.prefix()
    pool = blueprint.add(_user_pool(blueprint))
    servers = [
        blueprint.add(_resource_server(pool, *server)).title
        for server in resource_servers().items()
    ]
    # Prefixes are taken by all accounts of a region together, hence the account's id.
    domain = blueprint.add(
        UserPoolDomain("Domain", UserPoolId=Ref(pool), Domain=Sub("${Prefix}-${AWS::AccountId}"))
    )
    clients = {
        # Two, so that logs tell a payment from a test, and tapgen never needs the callers' secret.
        name: blueprint.add(_client(pool, name, servers))
        for name in ("Service", "Verify")
    }
    _outputs(blueprint, pool, domain, clients)
    return blueprint.finish()


def _user_pool(blueprint: Blueprint) -> UserPool:
    return UserPool(
        "UserPool",
        UserPoolName=Sub("${Prefix}-callers"),
        UserPoolTier="ESSENTIALS",
        DeletionProtection=If(blueprint.protection(), "ACTIVE", "INACTIVE"),
        AdminCreateUserConfig=AdminCreateUserConfig(AllowAdminCreateUserOnly=True),
        AccountRecoverySetting=AccountRecoverySetting(
            RecoveryMechanisms=[RecoveryOption(Name="admin_only", Priority=1)]
        ),
        MfaConfiguration="ON",
        EnabledMfas=["SOFTWARE_TOKEN_MFA"],  # no text messages, which can be diverted
        Policies=Policies(
            PasswordPolicy=PasswordPolicy(
                MinimumLength=_PASSWORD_LENGTH,
                RequireLowercase=True,
                RequireNumbers=True,
                RequireSymbols=True,
                RequireUppercase=True,
                PasswordHistorySize=_PASSWORDS_REMEMBERED,
                TemporaryPasswordValidityDays=_PASSWORD_DAYS,
            )
        ),
        **RETAINED,
    )


def _resource_server(
    pool: UserPool, identifier: str, scopes: dict[str, str]
) -> UserPoolResourceServer:
    return UserPoolResourceServer(
        f"{identifier.title()}Scopes",
        UserPoolId=Ref(pool),
        Identifier=identifier,
        Name=identifier,
        Scopes=[
            ResourceServerScopeType(ScopeName=name, ScopeDescription=description)
            for name, description in scopes.items()
        ],
    )


def _client(pool: UserPool, name: str, servers: list[str]) -> UserPoolClient:
    return UserPoolClient(
        f"{name}Client",
        DependsOn=servers,  # Cognito refuses scopes that are not defined
        UserPoolId=Ref(pool),
        ClientName=Sub(f"${{Prefix}}-{name.lower()}"),
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=list(SCOPES),
        # The only flow that lets nobody in by a password; without any, Cognito allows several.
        ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
        AccessTokenValidity=_TOKEN_MINUTES,
        TokenValidityUnits=TokenValidityUnits(AccessToken="minutes"),
        EnableTokenRevocation=True,
        PreventUserExistenceErrors="ENABLED",
    )


def _outputs(
    blueprint: Blueprint, pool: Any, domain: Any, clients: dict[str, UserPoolClient]
) -> None:
    blueprint.output("UserPoolId", Ref(pool), "Id of the user pool.")
    blueprint.output("UserPoolArn", GetAtt(pool, "Arn"), "ARN of the user pool.")
    blueprint.output(
        "TokenUrl",
        Sub(f"https://${{{domain.title}}}.auth.${{AWS::Region}}.amazoncognito.com/oauth2/token"),
        "URL at which callers request access tokens.",
    )
    blueprint.output("ServiceClientId", Ref(clients["Service"]), "App client of the API's callers.")
    blueprint.output("VerifyClientId", Ref(clients["Verify"]), "App client of tapgen verify.")
