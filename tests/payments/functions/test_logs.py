"""What a function writes: enough to follow a request, nothing that PCI DSS forbids to keep."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.payments.functions.conftest import Api

CARD = "4111111111111111"
TOKEN = "tok_NeverInALog"
REFERENCE = "reference-never-in-a-log"


def metrics(text: str) -> list[str]:
    """The names of the metrics in embedded metric format among lines of a log."""
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [
        metric["Name"]
        for line in lines
        for group in line.get("_aws", {}).get("CloudWatchMetrics", [])
        for metric in group["Metrics"]
    ]


def test_no_card_number_token_body_or_session_id_is_ever_logged(  # noqa: PLR0913, PLR0917 - fixtures
    payments: Api,
    sessions: Api,
    payment: dict[str, Any],
    fault: Callable[..., None],
    logs: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POWERTOOLS_LOGGER_LOG_EVENT", "true")
    payment |= {"paymentToken": TOKEN, "reference": REFERENCE}
    key = str(uuid.uuid4())
    for document in (
        payment,
        payment,
        {**payment, "amount": 1},
        {**payment, "reference": f"card {CARD}"},
        {**payment, CARD: CARD},
        {**payment, "paymentToken": {"token": TOKEN}},
        {**payment, "amount": "12", "currency": "nope"},
        json.dumps(payment)[:-1],
    ):
        payments.pay(document, key)
    payments.pay(payment, CARD)
    payments.post("/transactions", payment, {"Idempotency-Key": key, "X": CARD})
    fault(payments.module, "TransactWriteItems", ValueError(f"value: {TOKEN}"), count=1)
    assert payments.pay(payment).status == 500
    session_id = sessions.post("/sessions", {"customerId": payment["customerId"]}).document[
        "sessionId"
    ]
    sessions.send("GET", "/sessions", headers={"X-Session-Id": session_id})
    sessions.send("DELETE", "/sessions", headers={"X-Session-Id": session_id})
    text = logs()
    assert text.count('"message":"answered"') == 14
    assert "builtins.ValueError" in text
    for secret in (CARD, TOKEN, REFERENCE, session_id, key, payment["customerId"]):
        assert secret not in text


@given(noise=st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
@settings(
    max_examples=40,
    deadline=None,
    # One buffer over all examples is what is wanted here.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_card_number_in_any_company_stays_out_of_the_log(
    payments: Api, payment: dict[str, Any], logs: Callable[[], str], noise: str
) -> None:
    payments.pay({**payment, "reference": f"{noise} {CARD} {noise}"})
    payments.pay(f"{noise}{CARD}")
    payments.pay({**payment, noise + CARD: noise})
    assert CARD not in logs()


def test_a_log_line_names_the_request_its_outcome_and_the_function(
    payments: Api, logs: Callable[[], str]
) -> None:
    payments.send("GET", "/health")
    (line,) = (json.loads(line) for line in logs().splitlines() if '"answered"' in line)
    expected = {"method": "GET", "resource": "/health", "status": 200, "level": "INFO"}
    assert expected.items() <= line.items()
    assert line["function_name"] == "function-under-test"
    assert uuid.UUID(line["correlation_id"])


def test_an_unexpected_exception_is_logged_with_its_causes_and_stack_but_not_its_text(
    logs: Callable[[], str],
) -> None:
    from tapgen.payments.functions.telemetry import log_failure

    def fail() -> None:
        raise ValueError(TOKEN) from KeyError(TOKEN)

    try:
        fail()
    except ValueError as error:
        log_failure("It failed", error)
    text = logs()
    assert TOKEN not in text
    line = json.loads(text.splitlines()[0])
    assert line["exception_types"] == ["builtins.ValueError", "builtins.KeyError"]
    assert line["stack"][-1].endswith("in fail")


def test_a_failure_of_aws_is_logged_by_its_code(logs: Callable[[], str]) -> None:
    from tapgen.payments.functions.telemetry import log_failure

    answer: Any = {"Error": {"Code": "AccessDeniedException", "Message": TOKEN}}
    log_failure("It failed", ClientError(answer, "PutItem"))
    text = logs()
    assert TOKEN not in text
    (name,) = json.loads(text.splitlines()[0])["exception_types"]
    assert name == "botocore.exceptions.ClientError AccessDeniedException"


def test_what_happens_is_counted(
    payments: Api,
    sessions: Api,
    payment: dict[str, Any],
    logs: Callable[[], str],
) -> None:
    key = str(uuid.uuid4())
    payments.pay(payment, key)
    payments.pay(payment, key)
    payments.pay({**payment, "amount": 0})
    session = sessions.post("/sessions", {"customerId": payment["customerId"]}).document
    sessions.send("DELETE", "/sessions", headers={"X-Session-Id": session["sessionId"]})
    assert metrics(logs()) == [
        "TransactionsCreated",
        "IdempotentReplays",
        "SessionsCreated",
        "SessionsDeleted",
    ]
