"""Publishing to a topic of the local AWS: what arrives at a queue that is subscribed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.notices.topic import publish
from tapgen.errors import TapgenError
from tapgen.model.receiver import Topic
from tests.lab import REGION

if TYPE_CHECKING:
    from tests.lab import Lab


def subscribed(lab: Lab, **more: str) -> tuple[Topic, str]:
    """A topic, and the URL of a queue that is subscribed to it with these attributes."""
    sns, sqs = lab.client("sns"), lab.client("sqs")
    topic = sns.create_topic(Name="releases")["TopicArn"]
    queue = sqs.create_queue(QueueName="releases")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn["Attributes"]["QueueArn"],
        Attributes=more,
    )
    return Topic(topic), queue


def received(lab: Lab, queue: str) -> list[dict[str, Any]]:
    """What has arrived, as SNS wraps it."""
    found = lab.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    return [json.loads(one["Body"]) for one in found.get("Messages", [])]


def test_a_subscriber_gets_the_message_of_its_protocol_with_attributes(lab: Lab) -> None:
    topic, queue = subscribed(lab)
    account = lab.target(lab.stack("data", {"Note": lab.note()})).account
    publish(account, topic, "subject", {"default": "text", "sqs": "{}"}, {"event": "done"})
    (one,) = received(lab, queue)
    assert (one["Message"], one["Subject"]) == ("{}", "subject")
    assert one["MessageAttributes"] == {"event": {"Type": "String", "Value": "done"}}


def test_a_subscriber_may_filter(lab: Lab) -> None:
    topic, queue = subscribed(lab, FilterPolicy=json.dumps({"event": ["failed"]}))
    account = lab.target(lab.stack("data", {"Note": lab.note()})).account
    for event in ("begun", "failed"):
        publish(account, topic, event, {"default": event}, {"event": event})
    assert [one["Subject"] for one in received(lab, queue)] == ["failed"]


def test_a_topic_that_is_not_there_is_told(lab: Lab) -> None:
    account = lab.target(lab.stack("data", {"Note": lab.note()})).account
    gone = Topic(f"arn:aws:sns:{REGION}:{lab.account}:gone")
    with pytest.raises(TapgenError, match=f"publishing to {gone}: NotFound"):
        publish(account, gone, "s", {"default": "text"}, {})
