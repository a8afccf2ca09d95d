"""session-manager: POST /sessions, GET /sessions, DELETE /sessions.

The id of a session is sent in the header X-Session-Id, because it is a secret, and proxies, traces
and logs store URLs.
"""

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
    """The id is sent only in the body: a Location header would put a secret into a URL."""
    session = _SESSIONS.create(bodies.read(request, SessionRequest).customer_id)
    count(Metric.SESSIONS_CREATED)
    return Answer(201, session.document())


def _read(request: Request) -> Answer:
    session = _SESSIONS.find(_session_id(request))
    if session is None:
        raise _unknown()
    return Answer(200, session.document())


def _delete(request: Request) -> Answer:
    """A second DELETE returns 404, so that the client learns whether the session existed."""
    if not _SESSIONS.delete(_session_id(request)):
        raise _unknown()
    count(Metric.SESSIONS_DELETED)
    return Answer(204)


def _session_id(request: Request) -> str:
    session_id = request.header("X-Session-Id")
    if not session_id:
        raise invalid("The header X-Session-Id is missing.")
    return session_id


def _unknown() -> ProblemError:
    return ProblemError(Kind.NOT_FOUND, "There is no such session, or it has expired.")


_ROUTES = {"/sessions": {"POST": _create, "GET": _read, "DELETE": _delete}}
