"""What comes back to a call: whether it is an answer of AWS's at all.

A proxy, a sign-in page or a load balancer answers in AWS's place, with 200 as well as with 502; a
connection that breaks leaves half a body. botocore takes some of that for an answer (HTML is a
DeleteStack that worked, what is no JSON is an empty page) and fails at the rest with errors of its
parser. Here it is decided once, for every call: what lacks all that a call promises is no answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from botocore.parsers import ResponseParser, ResponseParserFactory

from tapgen.errors import TapgenError

# Answers that may be empty: what was asked for is not set. S3 leaves out who has no versioning or
# logging, SQS a queue's tags, WAF the missing firewall; DeleteObjects is asked to be quiet, and
# DynamoDB tells of items only what was asked for, nothing of one that is not there.
_MAY_BE_EMPTY: Final = frozenset(
    {
        "DeleteItem",
        "DeleteObjects",
        "GetBucketLogging",
        "GetBucketVersioning",
        "GetItem",
        "GetQueueAttributes",
        "GetStackPolicy",
        "GetWebACLForResource",
        "ListQueueTags",
        "PutItem",
        "UpdateItem",
    }
)
_ROOT: Final = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?<(?:[\w-]+:)?([\w.-]+)")
_TITLE: Final = re.compile(rb"<title[^>]*>(.*?)</title>", re.DOTALL | re.IGNORECASE)
_TITLE_LENGTH: Final = 80
# In ResponseMetadata, where the parser could make nothing of what came.
_UNREADABLE: Final = "Unreadable"
_SIGNED: Final = "x-amz-request-id"
_ERRORS: Final = 300  # the first status that is no success

IN_BETWEEN: Final = (
    "Something between here and AWS answers in its place: a proxy, a firewall or a sign-in page. "
    "Check HTTPS_PROXY, NO_PROXY and the network, then repeat the command."
)


class UnusableAnswerError(TapgenError):
    """What came back is no answer. The request may have taken effect all the same."""


class Answer(dict[str, Any]):
    """A part of an answer to `call`. What it should have and lacks is the fault of the answer."""

    def __init__(self, parts: Mapping[str, Any], call: str) -> None:
        super().__init__(parts)
        self._call = call

    def __missing__(self, name: str) -> Any:
        raise UnusableAnswerError(f"the answer to {self._call} lacks {name}", IN_BETWEEN)


def one(answer: Mapping[str, Any], name: str) -> Any:
    """The one item of a list in an answer that has to have it."""
    found = answer[name]
    if not found:
        raise UnusableAnswerError(f"the answer has none of the {name} asked for", IN_BETWEEN)
    return found[0]


class Parsers(ResponseParserFactory):
    """Makes parsers that note what they cannot read, instead of raising whatever comes to mind."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        """A parser for one answer."""
        return _Parser(super().create_parser(protocol_name))


class _Parser(ResponseParser):
    def __init__(self, parser: ResponseParser) -> None:
        super().__init__()
        self._parser = parser

    def parse(self, response: Mapping[str, Any], shape: Any) -> dict[str, Any]:
        try:
            parsed = self._parser.parse(response, shape)
        except Exception as error:  # noqa: BLE001 - KeyError, ValueError, AttributeError: any text can come
            metadata = {"HTTPStatusCode": response["status_code"], _UNREADABLE: str(error)}
            return {"ResponseMetadata": metadata}
        call = str(response.get("context", {}).get("operation_name", ""))
        return Answer({name: _as_answer(value, call) for name, value in parsed.items()}, call)


def _as_answer(value: Any, call: str) -> Any:
    if type(value) is dict:
        return Answer({name: _as_answer(part, call) for name, part in value.items()}, call)
    if type(value) is list:
        return [_as_answer(part, call) for part in value]
    return value


def fault(operation: Any, response: Any, parsed: Mapping[str, Any]) -> str:
    """Why what came is no answer to the operation; empty where it is one.

    `operation` is botocore's model of it, `response` the HTTP response, `parsed` what was read.
    """
    status = response.status_code
    if operation.http["method"] == "HEAD":  # no body says anything, but S3 signs every answer
        return "" if _SIGNED in response.headers else f"is not S3's: {_described(response)}"
    if status >= _ERRORS:
        nameless = parsed.get("Error", {}).get("Code") in {None, "", str(status)}
        return f"is not an AWS error: {_described(response)}" if nameless else ""
    if operation.has_streaming_output:
        return ""
    if _UNREADABLE in parsed.get("ResponseMetadata", {}) or not _is_in_form(operation, response):
        return f"is not in AWS's form: {_described(response)}"
    shape = operation.output_shape
    empty = shape and shape.members and not any(name in parsed for name in shape.members)
    if empty and operation.name not in _MAY_BE_EMPTY:
        return f"lacks everything that the call returns: {_described(response)}"
    return ""


def _is_in_form(operation: Any, response: Any) -> bool:
    """Whether the body of a success looks as the protocol says; rest protocols may have none."""
    body, protocol = response.content, operation.service_model.resolved_protocol
    root = _ROOT.match(body)
    name = root[1].decode() if root else ""
    if protocol in {"query", "ec2"}:
        return name == f"{operation.name}Response"
    if not body or _is_plain(operation):
        return True
    return name not in {"", "html"} if protocol == "rest-xml" else _is_json_object(body)


def _is_plain(operation: Any) -> bool:
    """Whether the body is the value of one member, such as S3's bucket policy."""
    shape = operation.output_shape
    payload = shape and shape.serialization.get("payload")
    return bool(payload) and shape.members[payload].type_name in {"string", "blob"}


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def _described(response: Any) -> str:
    """What came, in a few words: "HTTP 502, text/html, "Bad Gateway"". Its text is a stranger's."""
    kind = response.headers.get("content-type", "").partition(";")[0]
    title = _TITLE.search(response.content)
    words = " ".join(title[1].decode(errors="replace").split()) if title else ""
    parts = [f"HTTP {response.status_code}", kind, f'"{words[:_TITLE_LENGTH]}"' if words else ""]
    return ", ".join(filter(None, parts if response.content else [parts[0], "an empty body"]))
