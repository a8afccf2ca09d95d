"""Alarms ring by their own metric, or by several together, and rest again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.local.rollouts import called, made_function
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.local.conftest import Account

ALARM: Final = {
    "AlarmName": "alarm",
    "Namespace": "shop",
    "MetricName": "Errors",
    "Dimensions": [{"Name": "Part", "Value": "till"}],
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 5,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}


def put(account: Account, value: float, part: str = "till", minutes_ago: float = 0.0) -> None:
    account.client("cloudwatch").put_metric_data(
        Namespace="shop",
        MetricData=[
            {
                "MetricName": "Errors",
                "Dimensions": [{"Name": "Part", "Value": part}],
                "Value": value,
                "Timestamp": datetime.now(UTC) - timedelta(minutes=minutes_ago),
            }
        ],
    )


def state(account: Account) -> str:
    told = account.client("cloudwatch").describe_alarms(AlarmNames=["alarm"])["MetricAlarms"]
    return str(told[0]["StateValue"])


def alarm(account: Account, **more: Any) -> None:
    """An alarm; None takes what it has otherwise."""
    asked = {name: value for name, value in {**ALARM, **more}.items() if value is not None}
    account.client("cloudwatch").put_metric_alarm(**asked)


def math(expression: str, *parts: str) -> dict[str, Any]:
    """What makes an alarm one of several metrics, in place of its own."""
    queries = [
        {
            "Id": f"m{index}",
            "ReturnData": False,
            "MetricStat": {
                "Metric": {
                    "Namespace": "shop",
                    "MetricName": "Errors",
                    "Dimensions": [{"Name": "Part", "Value": part}],
                },
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for index, part in enumerate(parts)
    ]
    total = {"Id": "total", "Expression": expression, "ReturnData": True}
    single = ("Namespace", "MetricName", "Dimensions", "Statistic", "Period")
    return {**dict.fromkeys(single), "Metrics": [total, *queries]}


def test_only_its_own_dimensions_count(account: Account) -> None:
    alarm(account)
    put(account, 50, part="cellar")
    assert state(account) == "INSUFFICIENT_DATA"
    put(account, 4)
    assert state(account) == "OK"
    put(account, 1)
    assert state(account) == "ALARM"
    history = account.client("cloudwatch").describe_alarm_history(AlarmName="alarm")
    summaries = [item["HistorySummary"] for item in history["AlarmHistoryItems"]]
    assert "Alarm updated from OK to ALARM" in summaries


@pytest.mark.parametrize(
    ("treated", "seen"),
    [
        ("missing", "INSUFFICIENT_DATA"),
        ("ignore", "INSUFFICIENT_DATA"),
        ("notBreaching", "OK"),
        ("breaching", "ALARM"),
    ],
)
def test_silence_is_treated_as_the_alarm_says(account: Account, treated: str, seen: str) -> None:
    alarm(account, TreatMissingData=treated)
    assert state(account) == seen


def test_what_is_past_the_last_period_is_over(account: Account) -> None:
    alarm(account, TreatMissingData="notBreaching")
    put(account, 50, minutes_ago=2)
    assert state(account) == "OK"


def test_some_of_several_periods_are_enough(account: Account) -> None:
    several = {"EvaluationPeriods": 3, "DatapointsToAlarm": 2, "TreatMissingData": "notBreaching"}
    alarm(account, **several)
    put(account, 6, minutes_ago=1.5)
    assert state(account) == "OK"
    put(account, 6)
    assert state(account) == "ALARM"


@pytest.mark.parametrize(
    ("comparison", "value", "seen"),
    [
        ("GreaterThanThreshold", 5, "OK"),
        ("LessThanThreshold", 4, "ALARM"),
        ("LessThanOrEqualToThreshold", 5, "ALARM"),
    ],
)
def test_comparisons(account: Account, comparison: str, value: float, seen: str) -> None:
    alarm(account, ComparisonOperator=comparison)
    put(account, value)
    assert state(account) == seen


@pytest.mark.parametrize(
    ("expression", "seen"),
    [
        ("FILL(m0, 0) + FILL(m1, 0)", "ALARM"),
        ("m0 + m1", "INSUFFICIENT_DATA"),
        ("m0 * 2 - 1 / 1", "ALARM"),
        ("m0 / FILL(m1, 0)", "INSUFFICIENT_DATA"),
        ("FILL(m1, 7)", "ALARM"),
        ("m0 - 1", "OK"),
    ],
)
def test_several_metrics_together(account: Account, expression: str, seen: str) -> None:
    alarm(account, **math(expression, "till", "cellar"))
    put(account, 5)
    assert state(account) == seen


@pytest.mark.parametrize("expression", ["ANOMALY_DETECTION_BAND(m0)", "m0 +", "m7"])
def test_other_math_leaves_the_state_as_it_is(account: Account, expression: str) -> None:
    alarm(account, **math(expression, "till"))
    put(account, 50)
    assert state(account) == "INSUFFICIENT_DATA"


def test_an_alarm_about_a_band_that_was_learned_keeps_its_state(account: Account) -> None:
    band = {
        **math("ANOMALY_DETECTION_BAND(m0)", "till"),
        "Threshold": None,
        "ThresholdMetricId": "total",
        "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
    }
    alarm(account, **band)
    put(account, 50)
    assert state(account) == "INSUFFICIENT_DATA"


def test_math_that_gives_nothing_leaves_the_state_as_it_is(account: Account) -> None:
    queries = math("m0", "till")["Metrics"]
    silent = {**math("m0", "till"), "Metrics": [{**queries[0], "ReturnData": False}, queries[1]]}
    alarm(account, **silent)
    put(account, 50)
    assert state(account) == "INSUFFICIENT_DATA"


def test_percentiles(account: Account) -> None:
    alarm(account, Statistic=None, ExtendedStatistic="p90")
    for value in (1, 2, 3, 100):
        put(account, value)
    assert state(account) == "ALARM"
    put(account, -1)  # percentiles are not told of negative values
    assert state(account) == "INSUFFICIENT_DATA"


def test_a_state_set_by_hand_stays_until_something_is_measured(account: Account) -> None:
    alarm(account, TreatMissingData="notBreaching")
    put(account, 1)
    assert state(account) == "OK"
    account.client("cloudwatch").set_alarm_state(
        AlarmName="alarm", StateValue="ALARM", StateReason="a test"
    )
    assert state(account) == "ALARM"
    put(account, 50, part="cellar")
    assert state(account) == "ALARM"
    put(account, 1)
    assert state(account) == "OK"


def test_failing_calls_ring(account: Account) -> None:
    """Without anybody looking at the alarm: its actions are done."""
    made_function(account, body="raise RuntimeError('broken')")
    topic = account.client("sns").create_topic(Name="alarms")["TopicArn"]
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    account.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{account.id}:told"
    )
    alarm(
        account,
        Namespace="AWS/Lambda",
        Dimensions=[{"Name": "FunctionName", "Value": "worker"}],
        Threshold=2,
        AlarmActions=[topic],
    )
    assert called(account, 2) == ["", ""]
    told = wait_until(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    assert "ALARM" in told[0]["Body"]
