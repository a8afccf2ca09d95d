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
    """Publish a message, with a text for each protocol; "default" is for all others.

    Subscriptions can filter by `attributes`. Raises `TapgenError` if it cannot be published.
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
