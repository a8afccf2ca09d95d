"""API Gateway's own errors as RFC 9457 problem documents, like those of the functions.

The templates are not Velocity: API Gateway only fills in `$context` variables. Messages that quote
what the client sent (the validator's, for one) stay out: they could hold a payment token.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from troposphere.apigateway import GatewayResponse

from tapgen.layers.blueprint import Blueprint


class Problem(NamedTuple):
    """A kind of gateway error; without a status it keeps the one API Gateway gives."""

    kind: str
    title: str
    detail: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()


PROBLEMS: Final = (
    # Everything without an entry of its own, for instance WAF_FILTERED.
    Problem("DEFAULT_4XX", "Request refused", "The request cannot be served as it is."),
    Problem("DEFAULT_5XX", "Service unavailable", "The service failed. Try again later."),
    Problem(
        "BAD_REQUEST_BODY",
        "Bad Request",
        "The body does not match the model of this operation.",
        400,
    ),
    # Here the message names the header that is missing, and quotes nothing else.
    Problem("BAD_REQUEST_PARAMETERS", "Bad Request", "$context.error.message", 400),
    # What API Gateway says about a path or method that does not exist.
    Problem("MISSING_AUTHENTICATION_TOKEN", "Not Found", "There is no such operation.", 404),
    Problem("REQUEST_TOO_LARGE", "Content Too Large", "The body is larger than 10 MB.", 413),
    Problem(
        "THROTTLED",
        "Too Many Requests",
        "Too many requests at the moment.",
        429,
        (("Retry-After", "1"),),
    ),
    Problem("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", "Send application/json.", 415),
)


def problem_responses(blueprint: Blueprint, api: Any) -> list[str]:
    """Add a gateway response for each of `PROBLEMS`; returns their logical ids."""
    return [blueprint.add(_response(problem, api)).title for problem in PROBLEMS]


def _response(problem: Problem, api: Any) -> GatewayResponse:
    headers = {"Content-Type": "application/problem+json", **dict(problem.headers)}
    response = GatewayResponse(
        f"{problem.kind.title().replace('_', '')}Response",
        RestApiId=api,
        ResponseType=problem.kind,
        ResponseParameters={
            f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()
        },
        ResponseTemplates={"application/json": json.dumps(_document(problem), sort_keys=True)},
    )
    if problem.status:
        response.StatusCode = str(problem.status)
    return response


def _document(problem: Problem) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.title,
        "detail": problem.detail,
        "requestId": "$context.requestId",
    }
    return document | ({"status": problem.status} if problem.status else {})
