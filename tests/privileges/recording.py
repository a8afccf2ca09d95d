"""Which operations of AWS are called, and with what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tapgen.aws.account import Account


@dataclass(frozen=True)
class Recorded:
    """One call: where it went and its parameters."""

    region: str
    parameters: dict[str, Any]


Recording = dict[tuple[str, str], Recorded]
"""(service, operation) -> the first call of it."""


def repeatable(value: Any) -> Any:
    """What can be sent again: of a stream, which ends with its call, what it has to give."""
    if not hasattr(value, "read"):
        return value
    content = value.read()
    value.seek(0)
    return content


@contextmanager
def recording() -> Iterator[Recording]:
    """Record what all clients of tapgen call meanwhile, those made before excepted."""
    calls: Recording = {}
    original = Account._new_client

    def new_client(self: Account, service: str, region: str, quick: bool) -> Any:
        client = original(self, service, region, quick)

        def record(params: dict[str, Any], model: Any, **_: Any) -> None:
            given = {name: repeatable(value) for name, value in params.items()}
            calls.setdefault((service, model.name), Recorded(region, given))

        client.meta.events.register("provide-client-params.*.*", record)
        return client

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Account, "_new_client", new_client)
        yield calls
