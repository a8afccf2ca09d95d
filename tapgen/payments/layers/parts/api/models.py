"""JSON Schemas of the request bodies (draft 4, which API Gateway supports)."""

from __future__ import annotations

from typing import Any, Final

_DRAFT_4: Final = "http://json-schema.org/draft-04/schema#"
_CUSTOMER_ID: Final[dict[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 128}

TRANSACTION: Final[dict[str, Any]] = {
    "$schema": _DRAFT_4,
    "title": "Transaction",
    "type": "object",
    "additionalProperties": False,
    "required": ["amount", "currency", "customerId", "paymentToken"],
    "properties": {
        # Minor units (cents), so money is never a float; twelve digits as in ISO 8583.
        "amount": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10**12,
            "exclusiveMaximum": True,
        },
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},  # ISO 4217
        "customerId": _CUSTOMER_ID,
        "paymentToken": {"type": "string", "minLength": 1, "maxLength": 256},
        "reference": {"type": "string", "minLength": 1, "maxLength": 140},
    },
}

SESSION: Final[dict[str, Any]] = {
    "$schema": _DRAFT_4,
    "title": "Session",
    "type": "object",
    "additionalProperties": False,
    "required": ["customerId"],
    "properties": {"customerId": _CUSTOMER_ID},
}
