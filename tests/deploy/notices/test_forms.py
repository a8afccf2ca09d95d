"""Each receiver gets a form that it understands."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tapgen.deploy.notices.forms import attributes, by_protocol, for_host
from tests.deploy.notices.test_notice import BEGIN, END


def test_people_get_text_and_programs_json() -> None:
    told = by_protocol(END)
    assert told["default"] == END.text
    assert told["sms"] == END.subject
    for protocol in ("sqs", "lambda", "firehose"):
        assert json.loads(told[protocol]) == json.loads(json.dumps(END.document))
    assert "email" not in told  # so it gets the default


def test_over_https_it_is_a_custom_notification_of_amazon_q() -> None:
    told = json.loads(by_protocol(END)["https"])
    assert (told["version"], told["source"]) == ("1.0", "custom")
    assert told["content"]["title"] == END.title
    assert told["content"]["description"] == END.text.partition("\n")[2]
    assert told["metadata"]["threadId"] == "payments-prod-17"
    assert told["metadata"]["additionalContext"] == attributes(END)
    without = json.loads(by_protocol(replace(BEGIN, release=None))["http"])
    assert without["metadata"]["threadId"] == "payments-prod-deploy"


def test_subscriptions_may_filter() -> None:
    assert attributes(END) == {"environment": "prod", "event": "failed", "command": "deploy"}


@pytest.mark.parametrize("host", ["chat.googleapis.com", "acme.webhook.office.com"])
def test_chats_get_text_and_nothing_else(host: str) -> None:
    assert for_host(END, host) == {"text": END.text}


def test_nothing_in_it_is_a_command_for_slack() -> None:
    told = for_host(replace(END, reason="<!channel> a & b"), "hooks.slack.com")
    assert list(told) == ["text"]
    assert "reason: &lt;!channel&gt; a &amp; b" in told["text"]


@pytest.mark.parametrize("host", ["prod-1.westeurope.logic.azure.com", "a.api.powerplatform.com"])
def test_workflows_of_teams_get_a_card(host: str) -> None:
    told = for_host(END, host)
    (card,) = told["attachments"]
    title, rest = card["content"]["body"]
    assert (title["text"], told["type"]) == (END.title, "message")
    assert "- api failed: api.Stage: no" in rest["text"]


@pytest.mark.parametrize("host", ["example.com", "nothooks.slack.com.example", "xhooks.slack.com"])
def test_everybody_else_gets_the_whole_of_it(host: str) -> None:
    assert for_host(END, host) == END.document
