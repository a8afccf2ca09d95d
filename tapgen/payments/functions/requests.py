"""A request from a REST API proxy event (payload version 1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .problems import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request.

    `resource` is API Gateway's path template, such as `/transactions/{transactionId}`. `headers`
    has lower-case names and keeps repeated values separate. `caller` comes from the API's
    authorizer, and is empty without one. A body cannot set it.
    """

    id: str
    method: str
    resource: str
    path_parameters: Mapping[str, str]
    headers: Mapping[str, tuple[str, ...]]
    body: str
    is_base64: bool
    caller: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Request:
        context = event.get("requestContext") or {}
        return cls(
            id=str(context.get("requestId") or ""),
            method=str(event.get("httpMethod") or ""),
            resource=str(event.get("resource") or ""),
            path_parameters=_texts(event.get("pathParameters")),
            headers=_headers(event),
            body=event.get("body") or "",
            is_base64=bool(event.get("isBase64Encoded")),
            caller=_caller(context.get("authorizer") or {}),
        )

    def header(self, name: str) -> str | None:
        """The value of a header, without surrounding white space; None if it is missing.

        Raises ProblemError (400) if the header has several different values, because any of them
        could be the wrong one.
        """
        values = {value.strip() for value in self.headers.get(name.lower(), ())}
        if len(values) > 1:
            raise invalid(f"The header {name} must be sent once.")
        return values.pop() if values else None


def _texts(values: Mapping[str, str | None] | None) -> dict[str, str]:
    """The existing values: API Gateway sends null for missing ones."""
    return {name: value for name, value in (values or {}).items() if value is not None}


def _headers(event: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    single = {name: [value] for name, value in _texts(event.get("headers")).items()}
    headers: dict[str, tuple[str, ...]] = {}
    for name, values in (event.get("multiValueHeaders") or single).items():
        sent = tuple(value for value in values or () if value is not None)
        headers[name.lower()] = headers.get(name.lower(), ()) + sent
    return headers


def _caller(authorizer: Mapping[str, Any]) -> str:
    """The caller: a Cognito access token's `client_id`, or a Lambda authorizer's principal."""
    claims = authorizer.get("claims") or {}
    return str(claims.get("client_id") or authorizer.get("principalId") or "")
