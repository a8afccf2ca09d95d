"""Checking a value against a parameter's declaration, as CloudFormation does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_MAX_VALUE_BYTES: Final = 4_096  # CloudFormation quotas


def value_faults(declaration: Mapping[str, Any], value: str) -> Iterator[str]:
    """Yield the faults of the value, in words that follow it: "is not a number"."""
    if len(value.encode()) > _MAX_VALUE_BYTES:
        yield f"is longer than {_MAX_VALUE_BYTES} bytes"
    if declaration["Type"] == "Number":
        yield from _number_faults(declaration, value)
    is_list = "List" in declaration["Type"]
    for item in value.split(",") if is_list else [value]:
        yield from _item_faults(declaration, item)


def matches(pattern: str, text: str) -> bool:
    """True if an `AllowedPattern` matches the whole text.

    CloudFormation uses Java's syntax. A pattern that Python cannot read counts as a match, because
    it cannot be checked here.
    """
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return True


def _number_faults(declaration: Mapping[str, Any], value: str) -> Iterator[str]:
    try:
        number = float(value)
    except ValueError:
        yield "is not a number"
        return
    if number < float(declaration.get("MinValue", "-inf")):
        yield f"is less than {declaration['MinValue']}"
    if number > float(declaration.get("MaxValue", "inf")):
        yield f"is more than {declaration['MaxValue']}"


def _item_faults(declaration: Mapping[str, Any], item: str) -> Iterator[str]:
    allowed = declaration.get("AllowedValues")
    if allowed is not None and item not in map(str, allowed):
        yield f"is not one of {', '.join(map(str, allowed))}"
    pattern = declaration.get("AllowedPattern")
    if pattern is not None and not matches(pattern, item):
        yield f"does not match {pattern}"
    if len(item) < int(declaration.get("MinLength", 0)):
        yield f"is shorter than {declaration['MinLength']} characters"
    if len(item) > int(declaration.get("MaxLength", len(item))):
        yield f"is longer than {declaration['MaxLength']} characters"
