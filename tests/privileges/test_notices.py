"""Who deploys and who reviews may tell others of runs: exactly those whom the settings name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.account import Account, Connection
from tapgen.aws.notices.topic import publish
from tapgen.aws.notices.webhook import address_of
from tapgen.errors import TapgenError
from tapgen.iam import policies
from tapgen.iam.policies import Roles
from tapgen.model.receiver import Topic, Webhook
from tapgen.payments.platform import PLATFORM
from tests.conftest import aws_client
from tests.privileges.people import People

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws
    from tapgen.render.rendering import Rendered

pytestmark = pytest.mark.slow

ACCOUNT = "878787878787"
REGION = "us-east-1"
URL = "https://example.com/sesame"


def made_for(task: str, rendered: Rendered, roles: Roles) -> Any:
    stacks = [replace(stack, account_id=ACCOUNT) for stack in rendered.stacks["dev"]]
    return policies.BUILDERS[task](PLATFORM, stacks, roles)


def somebody(enforcing: LocalAws, name: str) -> Account:
    connection = Connection(profile=name, endpoint_url=enforcing.endpoint_url, local=True)
    return Account(ACCOUNT, connection)


@pytest.fixture(scope="module")
def topic(enforcing: LocalAws) -> Topic:
    sns = aws_client(enforcing, "sns", ACCOUNT, REGION)
    return Topic(sns.create_topic(Name="releases")["TopicArn"])


@pytest.fixture(scope="module")
def secret(enforcing: LocalAws) -> Webhook:
    secrets = aws_client(enforcing, "secretsmanager", ACCOUNT, REGION)
    for name in ("chat", "chatter"):
        secrets.create_secret(Name=name, SecretString=URL)
    return Webhook("chat")


@pytest.mark.parametrize("task", ["deploy", "review"])
def test_a_topic_is_told_by_whom_it_is_for(
    enforcing: LocalAws, rendered: Rendered, topic: Topic, task: str
) -> None:
    people = People(enforcing, ACCOUNT)
    (last,) = made_for(task, rendered, Roles(notify=topic.arn))[-1:]
    people.user(f"{task}-topic", [replace(last, name=f"{task}-topic")])
    publish(somebody(enforcing, f"{task}-topic"), topic, "s", {"default": "text"}, {})
    people.user(f"{task}-nobody", [])
    with pytest.raises(TapgenError, match="publishing to topic") as caught:
        publish(somebody(enforcing, f"{task}-nobody"), topic, "s", {"default": "text"}, {})
    assert "`tapgen iam-policy --env NAME`" in caught.value.hint
    other = replace(topic, arn=f"{topic.arn}-other")
    with pytest.raises(TapgenError, match="not authorized"):
        publish(somebody(enforcing, f"{task}-topic"), other, "s", {"default": "text"}, {})


@pytest.mark.parametrize("task", ["deploy", "review"])
def test_the_address_is_read_by_whom_it_is_for(
    enforcing: LocalAws, rendered: Rendered, secret: Webhook, task: str
) -> None:
    people = People(enforcing, ACCOUNT)
    made = made_for(task, rendered, Roles(notify=f"secret:{secret.secret}"))
    people.user(f"{task}-secret", [replace(made[-1], name=f"{task}-secret")])
    who = somebody(enforcing, f"{task}-secret")
    assert address_of(who, secret, REGION).url == URL
    with pytest.raises(TapgenError, match="not authorized"):
        address_of(who, Webhook("chatter"), REGION)
