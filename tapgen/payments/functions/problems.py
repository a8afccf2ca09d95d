"""Errors as RFC 9457 problem documents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .answers import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A tag URI (RFC 4151) names a problem type without promising a web page, which RFC 9457 allows. It
# is the same in every environment.
_TYPE_PREFIX = "tag:example.com,2026:payments/problems/"

# Usually long enough for the invocation that holds an Idempotency-Key to finish.
RETRY_AFTER_SECONDS = 1


class Kind(Enum):
    """The problem types: last part of the type URI, status code, title."""

    INVALID_REQUEST = ("invalid-request", 400, "The request is not valid")
    NOT_FOUND = ("not-found", 404, "Not found")
    METHOD_NOT_ALLOWED = ("method-not-allowed", 405, "Method not allowed")
    IN_PROGRESS = ("in-progress", 409, "The same request is still being processed")
    BODY_TOO_LARGE = ("body-too-large", 413, "The body is too large")
    UNSUPPORTED_MEDIA_TYPE = ("unsupported-media-type", 415, "The content type is not supported")
    KEY_REUSED = ("idempotency-key-reused", 422, "The Idempotency-Key belongs to another request")
    INTERNAL = ("internal", 500, "The request could not be processed")
    UNAVAILABLE = ("unavailable", 503, "The service is busy")

    def __init__(self, name: str, status: int, title: str) -> None:
        self.type = _TYPE_PREFIX + name
        self.status = status
        self.title = title


@dataclass(frozen=True, slots=True)
class FieldFault:
    """An error in one field. `pointer` is a JSON pointer as a URI fragment; `#` is the body."""

    pointer: str
    detail: str


class ProblemError(Exception):
    """Ends a request with a problem document.

    `detail` and the faults are sent to the client. They never repeat a value that the client sent.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        faults: Sequence[FieldFault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.faults = faults
        self.headers = headers or {}

    def answer(self, request_id: str) -> Answer:
        """The problem document. Its `instance` is the id that the function's logs also have."""
        document: dict[str, Any] = {
            "type": self.kind.type,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": f"urn:uuid:{quote(request_id, safe='')}",
        }
        if self.faults:
            document["errors"] = [
                {"pointer": fault.pointer, "detail": fault.detail} for fault in self.faults
            ]
        return Answer(self.kind.status, document, self.headers, "application/problem+json")


def invalid(detail: str, *faults: FieldFault) -> ProblemError:
    return ProblemError(Kind.INVALID_REQUEST, detail, faults=faults)


def retry_later(kind: Kind, detail: str) -> ProblemError:
    return ProblemError(kind, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def pointer(*path: str | int) -> str:
    """A JSON pointer (RFC 6901, section 6: as a URI fragment) into the body."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "#" + "".join("/" + quote(step, safe="~") for step in steps)
