"""Strict reading of JSON bodies: a body that JSON parsers may interpret differently is rejected."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from .card_numbers import has_card_number
from .problems import FieldFault, Kind, ProblemError, invalid, pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .requests import Request

# A valid body needs less than 1 KiB; API Gateway itself would let 10 MB through.
MAX_BODY_BYTES = 8192
# Valid bodies are flat. A few levels are allowed, so that the error names the actual fault.
_MAX_DEPTH = 8
# More than any honest body has. A body full of unknown fields must not cause a response ten times
# its size.
_MAX_FAULTS = 20


class StrictModel(BaseModel):
    """Base of the body models: camel case names, no type conversions, no unknown fields."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # an error message must not carry a token into a log
        strict=True,
    )


ModelT = TypeVar("ModelT", bound=StrictModel)


def read(request: Request, model: type[ModelT]) -> ModelT:
    """The body as a validated `model`.

    Raises ProblemError: 415 if the content type is not UTF-8 JSON, 413 above MAX_BODY_BYTES, 400
    for anything else, with one entry in `errors` for each invalid field, up to _MAX_FAULTS.
    """
    _require_json(request.header("Content-Type") or "")
    document = _parse(_text(request))
    _check_strings(document)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        faults = [
            FieldFault(pointer(*fault["loc"]), fault["msg"])
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise invalid("Some fields of the body are not valid.", *faults[:_MAX_FAULTS]) from None


def _require_json(content_type: str) -> None:
    media_type, _, parameters = content_type.lower().replace(" ", "").partition(";")
    charset = parameters.replace('"', "")
    if media_type != "application/json" or charset not in ("", "charset=utf-8"):
        raise ProblemError(
            Kind.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json in UTF-8."
        )


def _text(request: Request) -> str:
    try:
        raw = request.body.encode()
        if request.is_base64:
            raw = base64.b64decode(raw, validate=True)
        text = raw.decode()
    except ValueError:  # wrong base64, wrong UTF-8 or a lone surrogate
        raise invalid("The body is not UTF-8 text.") from None
    if len(raw) > MAX_BODY_BYTES:
        raise ProblemError(
            Kind.BODY_TOO_LARGE, f"The body must not be larger than {MAX_BODY_BYTES} bytes."
        )
    return text


def _parse(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):  # ValueError: also integers of thousands of digits
        raise invalid("The body is not valid JSON, or it nests too deeply.") from None
    if not isinstance(document, dict):
        raise invalid("The body must be a JSON object.")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise invalid("The body names a field twice.")
    return document


def _refuse_constant(name: str) -> NoReturn:
    """Reject NaN and infinities, which are not JSON, although Python reads them."""
    raise invalid(f"The body holds {name}, which is not JSON.")


def _check_strings(document: dict[str, Any]) -> None:
    """Reject strings, including field names, that are unencodable or look like a card number."""
    for path, text in _strings(document):
        try:
            text.encode()
        except UnicodeEncodeError:
            raise invalid("The body holds half a surrogate pair.") from None
        if has_card_number(text):
            fault = FieldFault(
                pointer(*path), "looks like a card number; send the token of the card vault instead"
            )
            raise invalid("A card number must never be sent to this API.", fault)


def _strings(document: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every string with its path. A field name has the path of its object."""
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while pending:
        path, value = pending.pop()
        if len(path) > _MAX_DEPTH:
            raise invalid("The body nests too deeply.")
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            yield from ((path, name) for name in value)
            pending.extend(((*path, name), inner) for name, inner in value.items())
        elif isinstance(value, list):
            pending.extend(((*path, index), inner) for index, inner in enumerate(value))
