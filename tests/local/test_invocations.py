"""Calls through an alias follow its weights, and every call counts in CloudWatch."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import status_of
from tests.local.rollouts import called, made_function, published
from tests.local.test_idle_functions import callable_by_api
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.local.conftest import Account


def weigh(account: Account, **weights: float) -> None:
    account.client("lambda").update_alias(
        FunctionName="worker",
        Name="live",
        RoutingConfig={
            "AdditionalVersionWeights": {
                version.removeprefix("v"): weight for version, weight in weights.items()
            }
        },
    )


def measured(account: Account, metric: str, **dimensions: str) -> float:
    """The sum of a function's metric in the last minutes."""
    now = datetime.now(UTC)
    told = account.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in told["Datapoints"]))


@pytest.fixture
def weighed(account: Account) -> Account:
    made_function(account)
    published(account, "return 'v2'")
    weigh(account, v2=0.25)
    return account


def test_every_fourth_call_goes_to_a_version_with_a_quarter(weighed: Account) -> None:
    assert called(weighed, 8) == ["v2", "v1", "v1", "v1", "v2", "v1", "v1", "v1"]
    weigh(weighed, v2=0.5)
    assert called(weighed, 4) == ["v2", "v1", "v2", "v1"]
    weigh(weighed)
    assert called(weighed, 3) == ["v1"] * 3


def test_an_answer_names_the_version_that_ran(weighed: Account) -> None:
    answers = [weighed.client("lambda").invoke(FunctionName="worker:live") for _ in range(2)]
    assert [answer["ExecutedVersion"] for answer in answers] == ["2", "1"]
    direct = weighed.client("lambda").invoke(FunctionName="worker")
    assert direct["ExecutedVersion"] == "$LATEST"
    assert weighed.client("lambda").get_function_configuration(
        FunctionName="worker", Qualifier="live"
    )["Version"] == ("1")


def test_an_api_that_calls_the_alias_follows_its_weights(weighed: Account) -> None:
    published(weighed, "return {'statusCode': 200, 'body': 'v3'}")
    functions = weighed.client("lambda")
    functions.update_alias(FunctionName="worker", Name="live", FunctionVersion="3")
    published(weighed, "return {'statusCode': 201, 'body': context.function_version}")
    weigh(weighed, v4=0.5)
    url = callable_by_api(weighed, "worker", "live")
    assert [status_of(url, {}) for _ in range(4)] == [201, 200, 201, 200]
    assert measured(weighed, "Invocations", FunctionName="worker") == 4


@pytest.mark.parametrize(
    ("request_", "code", "words"),
    [
        ({"AdditionalVersionWeights": {"9": 0.5}}, "ResourceNotFoundException", "worker:9"),
        (
            {"AdditionalVersionWeights": {"1": 0.5}},
            "InvalidParameterValueException",
            "Function version 1 is already included in routing configuration.",
        ),
        (
            {"AdditionalVersionWeights": {"$LATEST": 0.5}},
            "InvalidParameterValueException",
            "$LATEST is not supported for an alias pointing to more than 1 version",
        ),
        (
            {"AdditionalVersionWeights": {"2": 0.2, "3": 0.2}},
            "InvalidParameterValueException",
            "at most two versions",
        ),
    ],
)
def test_weights_that_lambda_refuses(
    weighed: Account, request_: dict[str, Any], code: str, words: str
) -> None:
    functions = weighed.client("lambda")
    with pytest.raises(ClientError, match=code) as update:
        functions.update_alias(FunctionName="worker", Name="live", RoutingConfig=request_)
    assert words in str(update.value)
    with pytest.raises(ClientError, match=code):
        functions.create_alias(
            FunctionName="worker", Name="other", FunctionVersion="1", RoutingConfig=request_
        )
    assert called(weighed, 2) == ["v2", "v1"]


def test_a_version_that_is_deleted_meanwhile_gets_no_call(weighed: Account) -> None:
    functions = weighed.client("lambda")
    with pytest.raises(ClientError, match="ResourceConflictException"):
        functions.delete_function(FunctionName="worker", Qualifier="2")


def test_calls_count_for_function_alias_and_version(weighed: Account) -> None:
    published(weighed, "raise RuntimeError('broken')")
    weigh(weighed, v3=0.5)
    assert called(weighed, 4) == ["", "v1", "", "v1"]
    weighed.client("lambda").invoke(FunctionName="worker:1")
    by = {"FunctionName": "worker"}
    alias = {**by, "Resource": "worker:live"}
    assert measured(weighed, "Invocations", **by) == 5
    assert measured(weighed, "Errors", **by) == 2
    assert measured(weighed, "Invocations", **alias) == 4
    assert measured(weighed, "Errors", **alias, ExecutedVersion="3") == 2
    assert measured(weighed, "Errors", **alias, ExecutedVersion="1") == 0
    assert measured(weighed, "Invocations", **by, Resource="worker:1") == 1
    assert measured(weighed, "Duration", **by) > 0


def test_a_call_that_nobody_waits_for_counts_once(account: Account) -> None:
    made_function(account)
    account.client("lambda").invoke(FunctionName="worker", InvocationType="Event", Payload=b"{}")
    by = {"FunctionName": "worker"}
    wait_until(lambda: measured(account, "Invocations", **by))
    time.sleep(0.2)
    assert measured(account, "Invocations", **by) == 1


def test_a_throttled_call_counts_as_that_alone(account: Account) -> None:
    made_function(account)
    functions = account.client("lambda")
    functions.put_function_concurrency(FunctionName="worker", ReservedConcurrentExecutions=0)
    with pytest.raises(functions.exceptions.TooManyRequestsException):
        functions.invoke(FunctionName="worker")
    by = {"FunctionName": "worker"}
    assert measured(account, "Throttles", **by) == 2  # the client asked twice
    assert measured(account, "Invocations", **by) == 0


def test_a_queue_behind_the_alias_follows_its_weights(account: Account) -> None:
    made_function(account, body="open(event['Records'][0]['body'] + '-1', 'w').close()")
    published(account, "open(event['Records'][0]['body'] + '-2', 'w').close()")
    weigh(account, v2=0.5)
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="work")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{account.id}:work"
    account.client("lambda").create_event_source_mapping(
        EventSourceArn=arn, FunctionName="worker:live", BatchSize=1
    )
    for _ in range(4):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps("/dev/null/none"))
    alias: dict[str, Any] = {"FunctionName": "worker", "Resource": "worker:live"}
    wait_until(lambda: measured(account, "Invocations", **alias) >= 4)
    shares = [
        measured(account, "Invocations", **alias, ExecutedVersion=version) for version in "12"
    ]
    assert abs(shares[0] - shares[1]) <= 1
