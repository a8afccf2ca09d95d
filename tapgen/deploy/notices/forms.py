"""The forms that receivers understand: the protocols of SNS, and chats by their webhooks.

Chats reject unknown fields, so they get only the fields that they know. Every other receiver gets
the whole notice as JSON, with its text as `text`, which most of them show.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from tapgen.deploy.notices.notice import Notice

Form = Callable[[Notice], dict[str, Any]]


def by_protocol(notice: Notice) -> dict[str, str]:
    """SNS protocol -> message: text for people, JSON for programs.

    "default" and the names are SNS's (its API reference, Publish, MessageStructure).
    """
    whole = json.dumps(notice.document)
    chat = json.dumps(_amazon_q(notice))
    return {
        "default": notice.text,
        "firehose": whole,
        "http": chat,
        "https": chat,
        "lambda": whole,
        "sms": notice.subject,
        "sqs": whole,
    }


def attributes(notice: Notice) -> dict[str, str]:
    """The message attributes that subscriptions can filter by."""
    return {"environment": notice.environment, "event": notice.event, "command": notice.command}


def for_host(notice: Notice, host: str) -> dict[str, Any]:
    """The JSON for a webhook on that host."""
    for ending, form in _FORMS.items():
        if host == ending or host.endswith(f".{ending}"):
            return form(notice)
    return notice.document


def _text(notice: Notice) -> dict[str, Any]:
    return {"text": notice.text}


def _slack(notice: Notice) -> dict[str, Any]:
    """Slack's control characters are escaped ("Formatting text for app surfaces")."""
    text = notice.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": text}


def _card(notice: Notice) -> dict[str, Any]:
    """A message with an Adaptive Card: workflows of Teams accept nothing else."""
    title, *lines = notice.text.splitlines()
    blocks = [{"type": "TextBlock", "text": title, "weight": "Bolder", "wrap": True}]
    blocks += [{"type": "TextBlock", "text": "\n\n".join(lines), "wrap": True}]
    return {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": blocks,
                },
            }
        ],
    }


def _amazon_q(notice: Notice) -> dict[str, Any]:
    """A custom notification of Amazon Q Developer in chat applications, delivered by SNS.

    It "must use" this form (its administrator guide, "Custom notifications", Event schema). Notices
    of one release are one thread.
    """
    _, *lines = notice.text.splitlines()
    return {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": notice.title,
            "description": "\n".join(lines),
        },
        "metadata": {
            "threadId": f"{notice.prefix}-{notice.release or notice.command}",
            "summary": notice.subject,
            "eventType": notice.event,
            "additionalContext": attributes(notice),
        },
    }


# By the end of the host's name. Slack: "Sending messages using incoming webhooks"; Google Chat:
# "Build a Google Chat app as a webhook"; Teams: "Create and send messages", whose connectors take
# text and whose workflows, at Azure and Power Platform, cards only.
_FORMS: Final[dict[str, Form]] = {
    "hooks.slack.com": _slack,
    "hooks.slack-gov.com": _slack,
    "chat.googleapis.com": _text,
    "webhook.office.com": _text,
    "logic.azure.com": _card,
    "api.powerplatform.com": _card,
}
