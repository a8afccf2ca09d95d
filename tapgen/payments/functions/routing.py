"""From an API Gateway event to an endpoint, and from whatever happens there to a response."""

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
    """The proxy response to an event of API Gateway: what goes wrong is a problem document."""
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
    """What the log calls method and resource: nothing that a client could have made up.

    The template of the path, never the path itself: that one is the client's to choose.
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
            f"This path takes {allowed} only.",
            headers={"Allow": allowed},
        )
    return methods[request.method]


def _failure(error: Exception) -> ProblemError:
    if is_transient(error):
        log_failure("The database is busy or out of reach", error)
        return retry_later(Kind.UNAVAILABLE, "Nothing is lost; send the same request again.")
    log_failure("Unhandled exception", error)
    count(Metric.FAILURES)
    return ProblemError(
        Kind.INTERNAL, "The fault is on our side. Name the instance when you report it."
    )
