"""Settings of each function from its environment variables, read once per cold start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Powertools reads these two itself. Without them, logs and metrics would have no name.
_TELEMETRY = ("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE")


class SettingsError(Exception):
    """Environment variables are missing or invalid. The message lists all of them."""


@dataclass(frozen=True, slots=True)
class PaymentSettings:
    """Settings of payment-processor.

    `idempotency_ttl_seconds` is how long a client may rely on an Idempotency-Key; `version` is the
    published version of the function, or `$LATEST`.
    """

    transactions_table: str
    idempotency_table: str
    idempotency_ttl_seconds: int
    version: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> PaymentSettings:
        reader = _Reader(environment)
        settings = cls(
            transactions_table=reader.text("TRANSACTIONS_TABLE"),
            idempotency_table=reader.text("IDEMPOTENCY_TABLE"),
            idempotency_ttl_seconds=reader.seconds("IDEMPOTENCY_TTL_SECONDS"),
            version=environment.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        )
        reader.finish()
        return settings


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Settings of session-manager. `session_ttl_seconds` is the life of a session."""

    sessions_table: str
    session_ttl_seconds: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> SessionSettings:
        reader = _Reader(environment)
        settings = cls(
            sessions_table=reader.text("SESSIONS_TABLE"),
            session_ttl_seconds=reader.seconds("SESSION_TTL_SECONDS"),
        )
        reader.finish()
        return settings


class _Reader:
    """Reads variables and collects their errors, so that all of them are reported together."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._faults: list[str] = []
        for name in _TELEMETRY:
            self.text(name)

    def text(self, name: str) -> str:
        value = self._environment.get(name, "")
        if not value:
            self._faults.append(f"{name} is not set")
        return value

    def seconds(self, name: str) -> int:
        value = self.text(name)
        if value.isascii() and value.isdigit() and int(value) > 0:
            return int(value)
        if value:
            self._faults.append(f"{name} must be a whole number of seconds above 0, not {value!r}")
        return 0

    def finish(self) -> None:
        if self._faults:
            raise SettingsError(
                "Environment variables of this function: " + "; ".join(self._faults)
            )
