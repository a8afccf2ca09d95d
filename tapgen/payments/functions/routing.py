"""Routing an API Gateway event to an endpoint, and its result or error to a response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from .answers import Answer
from .aws_clients import is_transient
from .problems import Kind, ProblemError, retry_later
from .requests import Request
from .telemetry import LOGGER, Metric, count, log_failure

Endpoint: TypeAlias = Callable[[Request], Answer]
# API Gateway's resource template, then the method.
Routes: TypeAlias = Mapping[str, Mapping[str, Endpoint]]

_UNKNOWN = "(unknown)"


def respond(event: Mapping[str, Any], routes: Routes) -> dict[str, Any]:
    """The proxy response to an API Gateway event. Errors become problem documents."""
    request = Request.from_event(event)
    try:
        answer = _endpoint(request, routes)(request)
    except ProblemError as problem:
        answer = problem.answer(request.id)
    except Exception as error:  # noqa: BLE001 - the boundary: a client sees no stack trace
        answer = _failure(error).answer(request.id)
    method, resource = _names(request, routes)
    LOGGER.info(
        "answered",
        client=request.caller,
        method=method,
        resource=resource,
        status=answer.status,
    )
    return answer.proxy_response()


def _names(request: Request, routes: Routes) -> tuple[str, str]:
    """Method and resource for the log, without anything that a client could make up.

    The resource is the path template, never the path itself, which the client chooses.
    """
    methods = routes.get(request.resource)
    if methods is None:
        return _UNKNOWN, _UNKNOWN
    return request.method if request.method in methods else _UNKNOWN, request.resource


def _endpoint(request: Request, routes: Routes) -> Endpoint:
    methods = routes.get(request.resource)
    if methods is None:
        raise ProblemError(Kind.NOT_FOUND, "This API has no such path.")
    if request.method not in methods:
        allowed = ", ".join(sorted(methods))
        raise ProblemError(
            Kind.METHOD_NOT_ALLOWED,
            f"This path accepts only {allowed}.",
            headers={"Allow": allowed},
        )
    return methods[request.method]


def _failure(error: Exception) -> ProblemError:
    if is_transient(error):
        log_failure("The database is busy or cannot be reached", error)
        return retry_later(Kind.UNAVAILABLE, "Nothing is lost. Send the same request again.")
    log_failure("Unhandled exception", error)
    count(Metric.FAILURES)
    return ProblemError(
        Kind.INTERNAL, "The error is on our side. Include the instance if you report it."
    )
