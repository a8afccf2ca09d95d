"""session-manager: POST /sessions, GET /sessions, DELETE /sessions/{sessionId}."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.logging import correlation_paths

from . import aws_clients, bodies
from .answers import Answer
from .problems import Kind, ProblemError, invalid
from .routing import respond
from .sessions import SessionRequest, Sessions
from .settings import SessionSettings
from .telemetry import LOGGER, TRACER, Metric, count

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from .requests import Request

_SESSIONS = Sessions(aws_clients.dynamodb(), SessionSettings.from_environment(os.environ))


@LOGGER.inject_lambda_context(
    correlation_id_path=correlation_paths.API_GATEWAY_REST, log_event=False
)
@TRACER.capture_lambda_handler(capture_response=False, capture_error=False)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    return respond(event, _ROUTES)


def _create(request: Request) -> Answer:
    """The id leaves in the body only: a Location header would put a secret into a URL."""
    session = _SESSIONS.create(bodies.read(request, SessionRequest).customer_id)
    count(Metric.SESSIONS_CREATED)
    return Answer(201, session.document())


def _read(request: Request) -> Answer:
    """The id comes in a header, because proxies and access logs keep URLs and this is a secret.

    DELETE has it in the path, as the API is defined; so access logs must hold the resource
    template, not the path.
    """
    session_id = request.header("X-Session-Id")
    if not session_id:
        raise invalid("The header X-Session-Id is missing.")
    session = _SESSIONS.find(session_id)
    if session is None:
        raise _unknown()
    return Answer(200, session.document())


def _delete(request: Request) -> Answer:
    """A second DELETE answers 404: who ends a session learns whether there was one to end."""
    if not _SESSIONS.delete(request.path_parameters.get("sessionId", "")):
        raise _unknown()
    count(Metric.SESSIONS_DELETED)
    return Answer(204)


def _unknown() -> ProblemError:
    return ProblemError(Kind.NOT_FOUND, "There is no such session, or it has expired.")


_ROUTES = {
    "/sessions": {"POST": _create, "GET": _read},
    "/sessions/{sessionId}": {"DELETE": _delete},
}
