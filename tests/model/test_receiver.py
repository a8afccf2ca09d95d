"""Who a setting names, and which settings name nobody."""

from __future__ import annotations

import re

import pytest

from tapgen.model.limits import NOTIFY, SECRETS_ARN
from tapgen.model.receiver import Topic, Webhook, receiver

TOPIC = "arn:aws:sns:eu-west-1:222222222222:releases"
SECRET = "arn:aws:secretsmanager:eu-west-1:222222222222:secret:chat/releases-AbCdEf"


def test_a_topic_is_where_its_arn_says() -> None:
    found = receiver(TOPIC)
    assert found == Topic(TOPIC)
    assert (found.region, found.account_id) == ("eu-west-1", "222222222222")
    assert str(found) == f"topic {TOPIC}"


def test_a_secret_is_named_or_told_by_its_arn() -> None:
    named, told = receiver("secret:chat/releases"), receiver(SECRET)
    assert (named, told) == (Webhook("chat/releases"), Webhook(SECRET))
    assert isinstance(named, Webhook)
    assert isinstance(told, Webhook)
    assert (named.region("us-east-1"), told.region("us-east-1")) == ("us-east-1", "eu-west-1")
    arn = named.arn("111111111111", "us-east-1")
    assert arn == "arn:aws:secretsmanager:us-east-1:111111111111:secret:chat/releases-??????"
    assert told.arn("111111111111", "us-east-1") == SECRET
    assert all(re.search(SECRETS_ARN, one) for one in (arn, SECRET))


@pytest.mark.parametrize("text", [TOPIC, SECRET, "secret:chat/releases", "secret:a"])
def test_the_setting_takes_it(text: str) -> None:
    assert re.search(NOTIFY, text)


@pytest.mark.parametrize(
    "text",
    [
        "https://hooks.slack.com/services/T/B/C",
        "releases",
        "secret:",
        "secret:with space",
        "arn:aws:sqs:eu-west-1:222222222222:queue",
        f"{TOPIC} ",
        f"x{SECRET}",
    ],
)
def test_the_setting_takes_nothing_else(text: str) -> None:
    assert not re.search(NOTIFY, text)
