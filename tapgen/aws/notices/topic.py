"""Publishing to an SNS topic."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tapgen.aws.account import Account
from tapgen.aws.errors import explained
from tapgen.model.receiver import Topic


def publish(
    account: Account,
    topic: Topic,
    subject: str,
    messages: Mapping[str, str],
    attributes: Mapping[str, str],
) -> None:
    """Publish a message, which may be another for each protocol; "default" is for all others.

    `attributes` are what subscriptions filter by. Raises `TapgenError` where it cannot be done.
    """
    with explained(f"publishing to {topic}"):
        account.client("sns", topic.region, quick=True).publish(
            TopicArn=topic.arn,
            Subject=subject,
            Message=json.dumps(messages),
            MessageStructure="json",
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
            },
        )
