"""The traits of an answer: the parts that should be the same in every environment.

Pure. The values in a body are an environment's own, so only their types are traits. No trait
contains a token, an id or a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from tapgen.review.parity.behaviour import ARRAY, BODY, OBJECT, OR, PROBLEM_TYPE

# Headers about a single answer or the path to it, not about the behaviour.
IGNORED: Final = (
    "age",
    "cf-ray",
    "connection",
    "content-length",
    "date",
    "etag",
    "expires",
    "keep-alive",
    "last-modified",
    "ratelimit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "server-timing",
    "traceparent",
    "transfer-encoding",
    "x-amz-apigw-id",
    "x-amz-cf-id",
    "x-amz-cf-pop",
    "x-amz-request-id",
    "x-amzn-remapped-content-length",
    "x-amzn-remapped-date",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-cache",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
)
# Headers whose values are compared. Of others only the presence is: their values may be secrets, or
# numbers that differ each time.
_COMPARED: Final = frozenset(
    {
        "accept-ranges",
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "access-control-max-age",
        "allow",
        "alt-svc",
        "cache-control",
        "content-encoding",
        "content-language",
        "content-security-policy",
        "content-type",
        "cross-origin-embedder-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "deprecation",
        "location",
        "permissions-policy",
        "pragma",
        "referrer-policy",
        "server",
        "set-cookie",
        "strict-transport-security",
        "sunset",
        "vary",
        "via",
        "www-authenticate",
        "x-amzn-errortype",
        "x-content-type-options",
        "x-frame-options",
        "x-permitted-cross-domain-policies",
        "x-xss-protection",
    }
)
# `true`, `no-store`: a word that is not specific to a caller.
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z -]{0,19}")
_SOME_VALUE: Final = "(a value)"
# A part of an address that is an id: eight or more characters, with a digit.
_IS_ID: Final = re.compile(r"(?=.*\d)[\w.~%+=-]{8,}")
_ID: Final = "{id}"
_PROBLEM: Final = "application/problem+json"
_DEEPEST: Final = 24  # levels of a body that are compared
_HOST: Final = "{host}"


def of_headers(headers: Mapping[str, str], host: str) -> Iterator[tuple[str, str]]:
    """Yield trait and value of each header that matters; the environment's host is "{host}".

    `headers` are by lower-case name; a repeated header has a line for each value.
    """
    for name, value in headers.items():
        if name not in IGNORED:
            plain = _plain(name, value)
            yield f"header {name}", plain.replace(host, _HOST) if host else plain


def _plain(name: str, value: str) -> str:
    """A header's value without parts that differ each time."""
    if name == "via":
        return ", ".join(_via(one) for one in re.split(r"\s*[,\n]\s*", value))
    if name == "set-cookie":
        return ", ".join(sorted(map(_cookie, value.splitlines())))
    if name == "location":
        parts = urlsplit(value)
        path = "/".join(_ID if _IS_ID.fullmatch(one) else one for one in parts.path.split("/"))
        return f"{parts.scheme}://{parts.netloc}{path}" if parts.netloc else path
    if name in _COMPARED or _WORD.fullmatch(value):
        return ", ".join(value.split("\n"))
    return _SOME_VALUE


def _via(one: str) -> str:
    """Protocol and software of a proxy, without its name (RFC 9110, 7.6.3)."""
    protocol, _, rest = one.partition(" ")
    software = re.search(r"\(.*\)", rest)
    return f"{protocol} {software[0]}" if software else protocol


def _cookie(line: str) -> str:
    """Name and attributes of a cookie, without its value and its times."""
    first, *attributes = (part.strip() for part in line.split(";"))
    kept = (one for one in attributes if not one.lower().startswith(("expires", "max-age")))
    return "; ".join([first.partition("=")[0], *sorted(kept, key=str.lower)])


def cache_of(headers: Mapping[str, str]) -> str:
    """Whether the answer to a repeated request comes from a cache ("hit"), as far as it is known.

    CloudFront sends `Hit from cloudfront` or `Miss from cloudfront` in `X-Cache`; an answer with
    an `Age` comes from a cache (RFC 9111).
    """
    told = headers.get("x-cache", "")
    word = "hit" if "hit" in told.lower() else "miss" if told else ""
    kept = headers.get("age", "0").strip() not in {"", "0"}
    return "hit" if kept else word or "not told"


def of_text(text: str, headers: Mapping[str, str], *, complete: bool) -> str:
    """The trait of a body that is not JSON, or of one that is too long to be `complete`."""
    if not complete:
        return "text, very long"
    return f"text{', and no JSON' if _is_json(headers) else ''}" if text else "empty"


def of_body(body: Any, headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the types of a body's parts (`body/items/*/id` is `string`), and the problem's type.

    `body` is a JSON value. Parts are written as in RFC 6901, with `*` for the members of a list.
    """
    yield from _shape(BODY, [body], _DEEPEST)
    if isinstance(body, dict) and _media_type(headers) == _PROBLEM:
        # The default is "about:blank" (RFC 9457, 3.1.1).
        yield PROBLEM_TYPE, str(body.get("type", "about:blank"))


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_json(headers: Mapping[str, str]) -> bool:
    return _media_type(headers).endswith(("/json", "+json"))


def _shape(name: str, values: list[Any], levels: int) -> Iterator[tuple[str, str]]:
    """Yield the types of values at the same place, and those of the parts below them."""
    yield name, OR.join(sorted({_kind(one) for one in values}))
    if not levels:
        return
    members = [one for value in values if isinstance(value, list) for one in value]
    if members:
        yield from _shape(f"{name}/*", members, levels - 1)
    objects = [value for value in values if isinstance(value, dict)]
    for key in sorted({key for value in objects for key in value}):
        below = [value[key] for value in objects if key in value]
        yield from _shape(f"{name}/{_spelled(key)}", below, levels - 1)


# A `bool` is an `int` too, so it comes first.
_KINDS: Final = (
    (type(None), "null"),
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (dict, OBJECT),
    (list, ARRAY),
)


def _kind(value: Any) -> str:
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "string")


def _spelled(key: str) -> str:
    """A key as one part of a path (RFC 6901, 3); an asterisk is escaped, as `*` is for lists."""
    return key.replace("~", "~0").replace("/", "~1").replace("*", "~2")


def statuses(each: Iterable[int]) -> str:
    """The statuses of one repeated request."""
    return OR.join(map(str, sorted(set(each))))
