"""The identity layer: programs that may call the API, each with its own app client and scopes.

Callers request an access token from the pool's token endpoint with their client id and secret
(OAuth 2.0 client credentials), and send it with every request. Cognito generates the secrets. They
are in no template, parameter, output or log. Reading them needs cognito-idp:DescribeUserPoolClient.

Password sign-in is not possible: there is no self sign-up, and no app client accepts passwords. The
pool's rules for people are strict anyway, in case an administrator adds one. Threat protection (the
PLUS plan) covers people signing in, but not client credentials, so it would be of no use. The
ESSENTIALS plan is the one with a password history.
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

_TOKEN_MINUTES: Final = 15  # limits the use of a stolen token; Cognito's minimum is 5
_PASSWORD_LENGTH: Final = 14  # PCI DSS 8.3.6 requires twelve
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
    # A prefix must be unique in the region over all accounts, so it has the account id.
    domain = blueprint.add(
        UserPoolDomain("Domain", UserPoolId=Ref(pool), Domain=Sub("${Prefix}-${AWS::AccountId}"))
    )
    clients = {
        # Two, so that logs distinguish payments from tests, and tapgen never needs the callers'
        # secret.
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
        EnabledMfas=["SOFTWARE_TOKEN_MFA"],  # no text messages, which can be intercepted
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
        DependsOn=servers,  # Cognito rejects undefined scopes
        UserPoolId=Ref(pool),
        ClientName=Sub(f"${{Prefix}}-{name.lower()}"),
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=list(SCOPES),
        # The only flow without a password. If none is listed, Cognito allows several.
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
