"""API Gateway's own errors as RFC 9457 problem documents, with the same types as the functions'.

The templates are not Velocity: API Gateway only inserts `$context` variables. Messages that quote
the client's input, such as the validator's, are left out, because they could contain a payment
token.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from troposphere.apigateway import GatewayResponse

from tapgen.payments.layers.blueprint import Blueprint

# Clients distinguish problems by type, wherever they occur. A test compares them with the
# functions'.
TYPE_PREFIX: Final = "tag:example.com,2026:payments/problems/"


class Problem(NamedTuple):
    """A kind of gateway error.

    Without a `status`, it keeps API Gateway's status, and its type is `about:blank`.
    """

    kind: str
    type: str
    status: int | None
    title: str
    detail: str
    headers: tuple[tuple[str, str], ...] = ()


PROBLEMS: Final = (
    # Everything without an entry of its own, for instance WAF_FILTERED.
    Problem(
        "DEFAULT_4XX", "", None, "The request was refused", "The request is blocked or malformed."
    ),
    Problem("DEFAULT_5XX", "", None, "The request could not be processed", "Try again later."),
    Problem(
        "BAD_REQUEST_BODY",
        "invalid-request",
        400,
        "The request is not valid",
        "The body does not match the model of this operation.",
    ),
    # This message names the missing header, and quotes nothing else.
    Problem(
        "BAD_REQUEST_PARAMETERS",
        "invalid-request",
        400,
        "The request is not valid",
        "$context.error.message",
    ),
    # API Gateway's response for a path or method that does not exist.
    Problem(
        "MISSING_AUTHENTICATION_TOKEN",
        "not-found",
        404,
        "Not found",
        "The API has no such operation.",
    ),
    # No token, or one that is expired, forged, from another pool or without the operation's scope.
    Problem(
        "UNAUTHORIZED",
        "unauthorized",
        401,
        "Not authorized",
        "The operation needs a valid access token with its scope.",
        (("WWW-Authenticate", "Bearer"),),
    ),
    Problem(
        "ACCESS_DENIED",
        "forbidden",
        403,
        "Not allowed",
        "The access token does not allow this operation.",
    ),
    Problem(
        "REQUEST_TOO_LARGE",
        "body-too-large",
        413,
        "The body is too large",
        "API Gateway accepts at most 10 MB.",
    ),
    Problem(
        "THROTTLED",
        "too-many-requests",
        429,
        "Too many requests",
        "The API has reached its limit.",
        (("Retry-After", "1"),),
    ),
    Problem(
        "UNSUPPORTED_MEDIA_TYPE",
        "unsupported-media-type",
        415,
        "The content type is not supported",
        "Send application/json.",
    ),
)


def problem_responses(blueprint: Blueprint, api: Any) -> list[str]:
    """Add a gateway response for each of `PROBLEMS`. Returns their logical ids."""
    return [blueprint.add(_response(problem, api)).title for problem in PROBLEMS]


def problem_document(type_: str, status: int | None, title: str, **members: str) -> str:
    """A problem document as compact JSON. An empty type stands for `about:blank`."""
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + type_ if type_ else "about:blank",
        "title": title,
        **members,
    }
    if status:
        document["status"] = status
    return json.dumps(document, separators=(",", ":"))


def _response(problem: Problem, api: Any) -> GatewayResponse:
    headers = {"Content-Type": "application/problem+json", **dict(problem.headers)}
    body = problem_document(
        problem.type,
        problem.status,
        problem.title,
        detail=problem.detail,
        instance="urn:uuid:$context.requestId",
    )
    response = GatewayResponse(
        f"{problem.kind.title().replace('_', '')}Response",
        RestApiId=api,
        ResponseType=problem.kind,
        ResponseParameters={
            f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()
        },
        # API Gateway selects the template by the Accept header. This one is used for all values.
        ResponseTemplates={"application/json": body},
    )
    if problem.status:
        response.StatusCode = str(problem.status)
    return response
