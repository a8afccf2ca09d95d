"""Decides whether the response to a call comes from AWS at all.

A proxy, a sign-in page or a load balancer may respond in place of AWS, with 200 or with 502; a
broken connection leaves half a body. botocore accepts some of these responses (HTML as a successful
DeleteStack, a body that is not JSON as an empty page) and fails at others with errors of its
parser. This module decides it for every call: a response that lacks everything that the call
returns is not an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from botocore.parsers import ResponseParser, ResponseParserFactory

from tapgen.errors import TapgenError

# Calls whose answers may be empty, because nothing is set: S3 without versioning or logging, SQS
# without tags, WAF without a firewall. DeleteObjects is called with Quiet, and DynamoDB returns
# nothing for an item that does not exist.
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
# In ResponseMetadata, if the parser could not read the response.
_UNREADABLE: Final = "Unreadable"
_SIGNED: Final = "x-amz-request-id"
_ERRORS: Final = 300  # the first status that is not a success

IN_BETWEEN: Final = (
    "A proxy, a firewall or a sign-in page between this machine and AWS answers in its place. "
    "Check HTTPS_PROXY, NO_PROXY and the network, then repeat the command."
)


class UnusableAnswerError(TapgenError):
    """The response is not an answer of AWS. The request may still have taken effect."""


class Answer(dict[str, Any]):
    """A part of an answer to `call`. A missing entry raises `UnusableAnswerError`."""

    def __init__(self, parts: Mapping[str, Any], call: str) -> None:
        super().__init__(parts)
        self._call = call

    def __missing__(self, name: str) -> Any:
        raise UnusableAnswerError(f"the answer to {self._call} lacks {name}", IN_BETWEEN)


def one(answer: Mapping[str, Any], name: str) -> Any:
    """The only item of a list in an answer, which must not be empty."""
    found = answer[name]
    if not found:
        raise UnusableAnswerError(f"the answer lacks the {name} that were requested", IN_BETWEEN)
    return found[0]


class Parsers(ResponseParserFactory):
    """Creates parsers that note that they cannot read a response, instead of raising any error."""

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
    """Why the response is not an answer to the operation; empty if it is one.

    `operation` is botocore's model of it, `response` the HTTP response, `parsed` its content.
    """
    status = response.status_code
    if operation.http["method"] == "HEAD":  # without a body, but S3 marks every answer
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
    """Whether the body of a success has the protocol's form; rest protocols may have no body."""
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
    """The response in a few words: "HTTP 502, text/html, "Bad Gateway""."""
    kind = response.headers.get("content-type", "").partition(";")[0]
    title = _TITLE.search(response.content)
    words = " ".join(title[1].decode(errors="replace").split()) if title else ""
    parts = [f"HTTP {response.status_code}", kind, f'"{words[:_TITLE_LENGTH]}"' if words else ""]
    return ", ".join(filter(None, parts if response.content else [parts[0], "an empty body"]))
