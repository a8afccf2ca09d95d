"""Names that AWS does not give again at once, and neither does the local AWS."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.local import client
from tapgen.local.minutes import MINUTE_SECONDS
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local.conftest import Account

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dead-letters"}}
REASON = "You must wait 60 seconds after deleting a queue before you can create another"


def allowed(call: Callable[[], Any]) -> float:
    """Seconds until a call is no longer refused."""
    begun = time.monotonic()

    def accepted() -> bool:
        try:
            call()
        except ClientError:
            return False
        return True

    wait_until(accepted)
    return time.monotonic() - begun


def test_a_queues_name_is_blocked_for_a_minute(account: Account) -> None:
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    sqs.create_queue(QueueName="other")
    sqs.delete_queue(QueueUrl=url)
    with pytest.raises(sqs.exceptions.QueueDeletedRecently, match=REASON):
        sqs.create_queue(QueueName="dead-letters")
    sqs.create_queue(QueueName="third")
    assert allowed(lambda: sqs.create_queue(QueueName="dead-letters")) < 10 * MINUTE_SECONDS


def test_a_stacks_queue_is_not_made_again_at_once_either(account: Account) -> None:
    account.deploy("first", {"Queue": QUEUE})
    account.delete("first")
    sqs = account.client("sqs")
    with pytest.raises(sqs.exceptions.QueueDeletedRecently):
        sqs.create_queue(QueueName="dead-letters")
    assert account.deploy("first", {"Queue": QUEUE})["StackStatus"] == "ROLLBACK_COMPLETE"
    assert REASON in account.reasons("first")["Queue"]
    account.delete("first")
    allowed(lambda: sqs.create_queue(QueueName="dead-letters"))


@pytest.mark.parametrize("operation", ["delete_parameter", "delete_parameters"])
def test_a_parameters_name_is_blocked_for_half_a_minute(account: Account, operation: str) -> None:
    ssm = account.client("ssm")

    def put() -> None:
        ssm.put_parameter(Name="lock", Type="String", Value="ours")

    put()
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.delete_parameter(Name="none")
    names: dict[str, Any] = {"Name": "lock"}
    if operation == "delete_parameters":
        names = {"Names": ["lock", "none"]}
    getattr(ssm, operation)(**names)
    with pytest.raises(ssm.exceptions.ParameterAlreadyExists, match="wait for at least 30 seconds"):
        put()
    assert allowed(put) < 10 * MINUTE_SECONDS


def test_a_name_that_cloudformation_makes_up_is_never_blocked(account: Account) -> None:
    note = {"Note": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "a"}}}
    for _ in range(2):
        assert account.deploy("notes", note)["StackStatus"] == "CREATE_COMPLETE"
        account.delete("notes")


def test_nothing_is_blocked_in_an_aws_that_was_emptied(account: Account) -> None:
    ssm = account.client("ssm")
    ssm.put_parameter(Name="lock", Type="String", Value="ours")
    ssm.delete_parameter(Name="lock")
    client.reset(account.local)
    assert ssm.put_parameter(Name="lock", Type="String", Value="ours")["Version"] == 1
