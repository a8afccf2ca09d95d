"""What every request that changes something carries."""

from __future__ import annotations

from uuid import uuid4


def request_token() -> str:
    """Tells AWS, when a request comes twice because its answer was lost, that it is the same."""
    return f"tapgen-{uuid4()}"
