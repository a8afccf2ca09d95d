"""The tables, by their name in titles, parameters and outputs."""

from __future__ import annotations

from typing import Final

# Title -> the table's name after the prefix.
TABLES: Final = {
    "Transactions": "transactions",
    "Sessions": "sessions",
    "Idempotency": "idempotency",
}
