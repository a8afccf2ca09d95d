from __future__ import annotations

import importlib

import pytest

from tapgen.payments.functions.settings import PaymentSettings, SessionSettings, SettingsError

TELEMETRY = {"POWERTOOLS_SERVICE_NAME": "s", "POWERTOOLS_METRICS_NAMESPACE": "n"}
PAYMENT = {
    **TELEMETRY,
    "TRANSACTIONS_TABLE": "transactions",
    "IDEMPOTENCY_TABLE": "idempotency",
    "IDEMPOTENCY_TTL_SECONDS": "86400",
}


def test_settings_are_typed() -> None:
    assert PaymentSettings.from_environment(PAYMENT) == PaymentSettings(
        transactions_table="transactions",
        idempotency_table="idempotency",
        idempotency_ttl_seconds=86400,
        version="$LATEST",
    )
    environment = {**TELEMETRY, "SESSIONS_TABLE": "sessions", "SESSION_TTL_SECONDS": "900"}
    assert SessionSettings.from_environment(environment) == SessionSettings("sessions", 900)


def test_every_missing_variable_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        PaymentSettings.from_environment({})
    for name in PAYMENT:
        assert f"{name} is not set" in str(caught.value)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "1h", "²", "٣"])
def test_a_time_to_live_is_a_whole_number_of_seconds(value: str) -> None:
    with pytest.raises(SettingsError, match="IDEMPOTENCY_TTL_SECONDS must be"):
        PaymentSettings.from_environment({**PAYMENT, "IDEMPOTENCY_TTL_SECONDS": value})


@pytest.mark.parametrize(
    ("function", "variable"),
    [("payment_processor", "TRANSACTIONS_TABLE"), ("session_manager", "SESSIONS_TABLE")],
)
def test_a_function_without_its_settings_does_not_start(
    function: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.delitem(sys.modules, f"tapgen.payments.functions.{function}", raising=False)
    monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with pytest.raises(SettingsError, match=f"{variable} is not set"):
        importlib.import_module(f"tapgen.payments.functions.{function}")
