"""The tables there are, by the name that titles, parameters and outputs call them."""

from __future__ import annotations

from typing import Final

# Title -> what follows the prefix in the table's name.
TABLES: Final = {
    "Transactions": "transactions",
    "Sessions": "sessions",
    "Idempotency": "idempotency",
}
