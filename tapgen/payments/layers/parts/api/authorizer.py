"""The authorizer that requires an access token with a scope for the API's methods.

`api.authorization: none` leaves the methods open. Both the setting and a given user pool switch the
check on, so that a missing input fails the deployment instead of opening the API.
"""

from __future__ import annotations

from typing import Any, Final

from troposphere import Condition, Equals, If, NoValue, Or, Ref
from troposphere.apigateway import Authorizer

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.api.stage_variables import from_stage
from tapgen.payments.layers.parts.iam.arns import arn
from tapgen.payments.limits import AUTHORIZATIONS, USER_POOL_ARN

# True if callers need a token.
ASKS_FOR_TOKEN: Final = "AsksForToken"  # noqa: S105 - the name of a condition, no secret

# The parameter that holds the ARN of the user pool.
USER_POOL: Final = "UserPoolArn"


def authorizer(blueprint: Blueprint, api: Any) -> Authorizer:
    """Add the authorizer and its condition."""
    authorization = blueprint.choice(
        "Authorization",
        "api.authorization",
        "Whether callers need an access token of the user pool.",
        AUTHORIZATIONS,
    )
    blueprint.input(USER_POOL, "User pool of the callers.", pattern=USER_POOL_ARN, optional=True)
    asks = Or(Equals(authorization, "cognito"), Condition(f"Has{USER_POOL}"))
    return blueprint.add(
        Authorizer(
            "Authorizer",
            Condition=blueprint.condition(ASKS_FOR_TOKEN, asks),
            RestApiId=Ref(api),
            Name="callers",
            Type="COGNITO_USER_POOLS",
            ProviderARNs=[arn("cognito-idp", f"userpool/{from_stage(USER_POOL)}")],
            IdentitySource="method.request.header.Authorization",
        )
    )


def authorization(check: Authorizer, scope: str) -> dict[str, Any]:
    """Properties of a method that only callers with `scope` may use."""
    return {
        "AuthorizationType": If(ASKS_FOR_TOKEN, check.Type, "NONE"),
        "AuthorizerId": If(ASKS_FOR_TOKEN, Ref(check), NoValue),
        "AuthorizationScopes": If(ASKS_FOR_TOKEN, [scope], NoValue),
    }
