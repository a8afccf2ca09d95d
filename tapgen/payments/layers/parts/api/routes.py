"""The operations of the API: path, method, function, and the checks before the call."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from troposphere import GetAtt, Ref, Sub
from troposphere.apigateway import (
    Authorizer,
    Integration,
    Method,
    Model,
    RequestValidator,
    Resource,
)
from troposphere.awslambda import Permission

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.api.authorizer import authorization, authorizer
from tapgen.payments.layers.parts.api.models import SESSION, TRANSACTION
from tapgen.payments.layers.parts.api.scopes import PAYMENTS_READ, PAYMENTS_WRITE, SESSIONS_MANAGE
from tapgen.payments.layers.parts.api.stage_variables import from_stage
from tapgen.payments.layers.parts.iam.arns import arn
from tapgen.render.accepted import accepted, because

STAGE: Final = "v1"

# Parameters that hold the ARNs of the functions' live aliases.
PAYMENTS: Final = "PaymentProcessorAliasArn"
SESSIONS: Final = "SessionManagerAliasArn"


class Route(NamedTuple):
    """One operation. The body must match `model`, and `header` is required.

    Callers need `scope`. Without one, anyone may call it.
    """

    verb: str
    path: str
    alias: str
    scope: str | None = None
    model: str | None = None
    header: str | None = None

    @property
    def title(self) -> str:
        return self.verb.title() + _words(self.path)


ROUTES: Final = (
    Route("POST", "/transactions", PAYMENTS, PAYMENTS_WRITE, "Transaction", "Idempotency-Key"),
    Route("GET", "/transactions/{transactionId}", PAYMENTS, PAYMENTS_READ),
    Route("POST", "/sessions", SESSIONS, SESSIONS_MANAGE, model="Session"),
    # The session id is in a header, because traces and logs of the firewall and the CDN store URLs.
    Route("GET", "/sessions", SESSIONS, SESSIONS_MANAGE, header="X-Session-Id"),
    Route("DELETE", "/sessions", SESSIONS, SESSIONS_MANAGE, header="X-Session-Id"),
    Route("GET", "/health", PAYMENTS),
)

_MODELS: Final = {"Session": SESSION, "Transaction": TRANSACTION}


def add_routes(blueprint: Blueprint, api: Any) -> list[str]:
    """Add all resources of the operations, from authorizer to permissions. Returns methods' ids."""
    for name, schema in _MODELS.items():
        blueprint.add(
            Model(
                f"{name}Model",
                RestApiId=Ref(api),
                Name=name,
                ContentType="application/json",
                Schema=schema,
            )
        )
    for name, body in (("BodyAndParameters", True), ("Parameters", False)):
        blueprint.add(
            RequestValidator(
                f"{name}Validator",
                RestApiId=Ref(api),
                Name=name,
                ValidateRequestBody=body,
                ValidateRequestParameters=True,
            )
        )
    _add_resources(blueprint, api)
    for route in ROUTES:
        blueprint.add(_permission(route))
    check = authorizer(blueprint, api)
    return [blueprint.add(_method(route, api, check)).title for route in ROUTES]


def _add_resources(blueprint: Blueprint, api: Any) -> None:
    for path in sorted({route.path for route in ROUTES}):
        parent, _, part = path.rpartition("/")
        blueprint.add(
            Resource(
                f"{_words(path)}Resource",
                RestApiId=Ref(api),
                ParentId=Ref(f"{_words(parent)}Resource")
                if parent
                else GetAtt(api, "RootResourceId"),
                PathPart=part,
            )
        )


def _method(route: Route, api: Any, check: Authorizer) -> Method:
    method = Method(
        route.title,
        RestApiId=Ref(api),
        ResourceId=Ref(f"{_words(route.path)}Resource"),
        HttpMethod=route.verb,
        RequestValidatorId=Ref(
            "BodyAndParametersValidator" if route.model else "ParametersValidator"
        ),
        RequestParameters=_required(route),
        Integration=Integration(
            Type="AWS_PROXY",
            IntegrationHttpMethod="POST",
            Uri=Sub(
                "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
                "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
                f"{from_stage(route.alias)}/invocations"
            ),
        ),
        **(authorization(check, route.scope) if route.scope else _open()),
    )
    if route.model:
        method.RequestModels = {"application/json": Ref(f"{route.model}Model")}
    return method


def _open() -> dict[str, Any]:
    return {
        "AuthorizationType": "NONE",
        "Metadata": accepted(
            because(
                "It touches no data, and monitors carry no credentials.",
                "API_GW_METHOD_AUTHORIZATION_TYPE_RULE",
                "CKV_AWS_59",
            )
        ),
    }


def _required(route: Route) -> dict[str, bool]:
    names = [f"path.{part[1:-1]}" for part in route.path.split("/") if part.startswith("{")]
    if route.header:
        names.append(f"header.{route.header}")
    return {f"method.request.{name}": True for name in names}


def _permission(route: Route) -> Permission:
    """Allow this method of the API's stage to call its alias."""
    path = "/".join("*" if part.startswith("{") else part for part in route.path.split("/"))
    return Permission(
        f"{route.title}Permission",
        Action="lambda:InvokeFunction",
        FunctionName=Ref(route.alias),
        Principal="apigateway.amazonaws.com",
        SourceArn=arn("execute-api", f"${{RestApi}}/{STAGE}/{route.verb}{path}"),
    )


def _words(path: str) -> str:
    """/transactions/{transactionId} -> TransactionsTransactionId."""
    parts = [part.strip("{}") for part in path.split("/") if part]
    return "".join(part[0].upper() + part[1:] for part in parts)
