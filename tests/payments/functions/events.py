"""What arrives at a function from API Gateway, in all the shapes that a client can give it."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import strategies as st

VALID = {
    "amount": 1999,
    "currency": "EUR",
    "customerId": "CUSTOMER",  # every example puts its own here
    "paymentToken": "tok_secret_of_the_vault",
    "reference": "Order 42",
}
FIELDS = [*VALID, "unknown", "customer_id", "__proto__", "amount ", "Amount"]
_REAL_RESOURCES = [
    ("POST", "/transactions"),
    ("GET", "/transactions/{transactionId}"),
    ("GET", "/health"),
    ("POST", "/sessions"),
    ("GET", "/sessions"),
    ("DELETE", "/sessions"),
]
# What API Gateway has null for where there is nothing.
_NULLABLE = [
    "body",
    "headers",
    "multiValueHeaders",
    "pathParameters",
    "queryStringParameters",
    "requestContext",
]

# --- text -----------------------------------------------------------------------------------

nasty_texts = st.sampled_from(
    [
        "", " ", "\x00", "\ud800", "\udfff", "\ufeff", "\u202egnp.exe", "e\u0301", "é", "\u212b",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A", "\r\nSet-Cookie: a=b", "../../etc/passwd", "${jndi:ldap://x}", "%00", "{{resolve:x}}",
        "'; DROP TABLE transactions; --", "\u2028", "null", "true", "0", "-0", "1e400", "٣", "Ⅷ",
    ]
)  # fmt: skip
texts = st.text(max_size=40) | nasty_texts | st.integers(1, 20_000).map(lambda n: "A" * n)
parameters = texts | st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True) | st.uuids().map(str)

# --- card numbers ---------------------------------------------------------------------------


def luhn(digits: str) -> bool:
    """The textbook form: from the right, double every second digit, take 9 off above 9."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def with_check_digit(digits: str) -> str:
    return next(digits + check for check in "0123456789" if luhn(digits + check))


@st.composite
def cards(draw: st.DrawFn) -> str:
    """A number that passes for a card's, in a row, grouped, or in another script's digits."""
    groups = draw(st.sampled_from([(16,), (13,), (19,), (4, 4, 4, 4), (4, 6, 5), (4, 6, 4)]))
    length = sum(groups)
    first = draw(st.sampled_from(["4", "51", "2221", "37", "6011", "3530", "62"]))
    rest = draw(st.text("0123456789", min_size=length, max_size=length))
    digits = with_check_digit((first + rest)[: length - 1])
    separator = draw(st.sampled_from([" ", "-", ".", "_", "/", " - ", "\u00a0", "–"]))  # noqa: RUF001
    parts = []
    for group in groups:
        parts.append(digits[:group])
        digits = digits[group:]
    text = separator.join(parts)
    zero = draw(st.sampled_from("00000٠０𝟎"))  # noqa: RUF001
    return text.translate({ord(str(value)): chr(ord(zero) + value) for value in range(10)})


# Around a card number, so that the digits of the company do not run into its own.
company = st.text(st.characters(exclude_categories=["Cs", "Nd", "Nl", "No"]), max_size=12)

# --- JSON, as text: what a JSON library would never write is the point -----------------------

numbers = st.sampled_from(
    [
        "0", "-0", "1", "-1", "1.0", "1e2", "1E400", "-1e400", "1e-400", "NaN", "Infinity",
        "-Infinity", "9" * 13, "9" * 400, "9" * 5000, "1" + "0" * 4299, "9007199254740993",
        "0x10", "01", "+1", "1_000", ".5", "٣", "4111111111111111", "1e1000000000",
    ]
)  # fmt: skip
scalars = (
    st.sampled_from(["null", "true", "false", "", '"', "'a'", "undefined"])
    | numbers
    | texts.map(json.dumps)
    | texts.map(lambda text: json.dumps(text, ensure_ascii=False))
)
nests = st.builds(
    lambda opening, depth: opening * depth + "1" + {"[": "]", '{"a":': "}"}[opening] * depth,
    st.sampled_from(["[", '{"a":']),
    st.sampled_from([1, 7, 8, 9, 500, 1000, 1600]),
)
values = scalars | nests | st.lists(scalars, max_size=3).map(lambda items: f"[{','.join(items)}]")


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A payment as JSON text, with fields changed, left out, added or named twice."""
    members = [(name, json.dumps(value)) for name, value in VALID.items()]
    for _ in range(draw(st.integers(0, 3))):
        match draw(st.sampled_from(["change", "drop", "add", "twice"])):
            case "change" if members:
                at = draw(st.integers(0, len(members) - 1))
                members[at] = (members[at][0], draw(values))
            case "drop" if members:
                members.pop(draw(st.integers(0, len(members) - 1)))
            case "twice" if members:
                members.append(draw(st.sampled_from(members)))
            case _:
                members.append((draw(st.sampled_from(FIELDS) | texts), draw(values)))
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members) + "}"


# --- bodies and headers ---------------------------------------------------------------------


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str | None, bool]:
    """The body and whether it is in base64 (truly, or only as it is said)."""
    kind = draw(st.sampled_from(["document", "value", "text", "bytes", "none", "huge"]))
    match kind:
        case "none":
            return None, draw(st.booleans())
        case "bytes":
            return base64.b64encode(draw(st.binary(max_size=200))).decode(), True
        case "huge":
            return '{"reference":"' + "A" * draw(st.sampled_from([8000, 9000, 300_000])) + '"}', (
                False
            )
    text = draw({"document": documents(), "value": values, "text": texts}[kind])
    if draw(st.booleans()):
        raw = text.encode(errors="surrogatepass")
        return base64.b64encode(raw).decode(), True
    return text, draw(st.sampled_from([False, False, False, True]))


header_names = (
    st.sampled_from(["Content-Type", "Idempotency-Key", "X-Session-Id", "Authorization", "X-A"])
    .flatmap(lambda name: st.sampled_from([name, name.lower(), name.upper(), name.swapcase()]))
) | texts  # fmt: skip
header_values = (
    st.sampled_from(
        [
            "application/json", "application/json; charset=utf-8", "application/json;;",
            "application/JSON ;charset=UTF-8", "application/json; charset=utf-16",
            "text/plain", "multipart/form-data",
        ]
    )
    | texts
    | st.uuids().map(str)
)  # fmt: skip
multi_headers = st.dictionaries(
    header_names, st.none() | st.lists(st.none() | header_values, max_size=3), max_size=5
)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """The event of some operation, most often a payment, valid or not.

    Whatever API Gateway may leave null is null sometimes.
    """
    method, resource = draw(st.sampled_from([*_REAL_RESOURCES, ("POST", "/transactions")]))
    if draw(st.integers(0, 9)) == 0:
        method = draw(st.sampled_from(["PUT", "HEAD", "OPTIONS", "get", "TRACE", ""]) | texts)
    if draw(st.integers(0, 9)) == 0:
        resource = draw(texts)
    body, encoded = draw(bodies())
    multi: dict[str, Any] = {"Content-Type": ["application/json"]}
    if draw(st.booleans()):
        multi["Idempotency-Key"] = [str(draw(st.uuids()))]
    multi |= draw(multi_headers)
    event = {
        "httpMethod": method,
        "resource": resource,
        "path": resource,
        "requestContext": {"requestId": str(draw(st.uuids())), "identity": None},
        "stageVariables": None,
        "headers": {name: (sent or [None])[-1] for name, sent in multi.items()},
        "multiValueHeaders": multi,
        "pathParameters": draw(
            st.none()
            | st.dictionaries(
                st.sampled_from(["transactionId", "sessionId"]), st.none() | parameters
            )
        ),
        "queryStringParameters": draw(st.none() | st.dictionaries(texts, texts, max_size=2)),
        "body": body,
        "isBase64Encoded": encoded,
    }
    return event | dict.fromkeys(draw(st.lists(st.sampled_from(_NULLABLE), max_size=2)))
