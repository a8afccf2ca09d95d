"""Names that are not given again at once after what had them was deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.account import Aws, refused
from tests.behaviour.facts import documented, fact

if TYPE_CHECKING:
    from collections.abc import Callable

SQS: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference"
SSM: Final = "https://docs.aws.amazon.com/systems-manager/latest/APIReference"
RECENTLY: Final = "AWS.SimpleQueueService.QueueDeletedRecently"
WORDS: Final = "You must wait 60 seconds after deleting a queue"


def allowed(aws: Aws, call: Callable[[], Any]) -> None:
    """Wait until a call is no longer refused."""

    def accepted() -> bool:
        try:
            call()
        except ClientError:
            return False
        return True

    aws.until(accepted, "the name to be free")


@fact(documented(f"{SQS}/API_CreateQueue.html"), seconds=80)
def test_the_name_of_a_deleted_queue_is_blocked_for_a_minute(aws: Aws) -> None:
    sqs = aws.client("sqs")
    name = aws.making("queue", aws.name("queue"))
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.delete_queue(QueueUrl=url)
    with refused(RECENTLY, WORDS):
        sqs.create_queue(QueueName=name)
    allowed(aws, lambda: sqs.create_queue(QueueName=name))
    assert sqs.get_queue_url(QueueName=name)["QueueUrl"] == url


@fact(
    documented("https://github.com/pulumi/pulumi-aws-native/issues/1983"),
    seconds=120,
)
def test_a_stack_fails_whose_queue_has_such_a_name(aws: Aws) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": aws.name("queue")}}
    template = {"Resources": {"Queue": queue}}
    stack = aws.stack()
    stack.create(template)
    stack.api.delete_stack(StackName=stack.name)
    aws.until(lambda: not _there(stack.name, stack.api), "the stack to be gone")
    assert stack.deploy(template, "CREATE")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert WORDS in stack.reasons()["Queue"]


def _there(name: str, api: Any) -> bool:
    try:
        api.describe_stacks(StackName=name)
    except ClientError:
        return False
    return True


@fact(documented(f"{SSM}/API_DeleteParameter.html"), seconds=45)
@pytest.mark.parametrize("operation", ["delete_parameter", "delete_parameters"])
def test_the_name_of_a_deleted_parameter_is_blocked_for_half_a_minute(
    aws: Aws, operation: str
) -> None:
    """AWS's documentation says "wait for at least 30 seconds", and not what happens otherwise."""
    ssm = aws.client("ssm")
    name = aws.making("parameter", aws.name("parameter"))
    other = aws.name("other")

    def put() -> Any:
        return ssm.put_parameter(Name=name, Type="String", Value="ours")

    put()
    with refused("ParameterNotFound"):
        ssm.delete_parameter(Name=other)
    names = {"Name": name} if operation == "delete_parameter" else {"Names": [name, other]}
    getattr(ssm, operation)(**names)
    with refused("ParameterAlreadyExists"):
        put()
    allowed(aws, put)
    assert ssm.get_parameter(Name=name)["Parameter"]["Version"] == 1


@fact(documented(f"{SSM}/API_GetParameter.html"))
def test_versions_of_a_parameter_count_up_and_are_kept(aws: Aws) -> None:
    ssm = aws.client("ssm")
    name = aws.making("parameter", aws.name("parameter"))
    for number, value in enumerate("abc", start=1):
        answer = ssm.put_parameter(Name=name, Type="String", Value=value, Overwrite=True)
        assert answer["Version"] == number
    first = ssm.get_parameter(Name=f"{name}:1")["Parameter"]
    assert (first["Value"], first["Version"]) == ("a", 1)
    last = ssm.get_parameter(Name=name)["Parameter"]
    assert first["LastModifiedDate"] <= last["LastModifiedDate"]
    with refused("ParameterAlreadyExists"):
        ssm.put_parameter(Name=name, Type="String", Value="d")
