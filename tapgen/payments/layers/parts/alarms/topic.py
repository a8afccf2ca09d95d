"""The encrypted SNS topic of a layer's alarms, and its optional subscriber."""

from __future__ import annotations

from typing import Any

from awacs import sns as sns_actions
from awacs.aws import (
    Allow,
    ArnLike,
    Condition,
    PolicyDocument,
    Principal,
    SourceAccount,
    SourceArn,
    Statement,
    StringEquals,
)
from troposphere import Ref
from troposphere.sns import SubscriptionResource, Topic, TopicPolicy

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.iam.arns import ACCOUNT, arn
from tapgen.payments.limits import EMAIL
from tapgen.render.denials import deny_without_tls


def alarm_topic(blueprint: Blueprint, name: Any, key_arn: Any) -> Ref:
    """Add a topic that CloudWatch alarms of this account and region may publish to.

    `key_arn` encrypts it, so the key's policy must let cloudwatch.amazonaws.com use the key. If
    `alarms.email` is set, that address is subscribed (and must confirm once). Returns the topic's
    ARN.
    """
    topic = blueprint.add(Topic("AlarmTopic", TopicName=name, KmsMasterKeyId=key_arn))
    blueprint.add(
        TopicPolicy(
            "AlarmTopicPolicy", Topics=[Ref(topic)], PolicyDocument=_from_alarms_only(Ref(topic))
        )
    )
    email = blueprint.optional_text(
        "AlarmEmail", "alarms.email", "E-mail address subscribed to the alarm topic.", pattern=EMAIL
    )
    blueprint.add(
        SubscriptionResource(
            "AlarmSubscription",
            Condition="HasAlarmEmail",
            TopicArn=Ref(topic),
            Protocol="email",
            Endpoint=email,
        )
    )
    return Ref(topic)


def _from_alarms_only(topic: Ref) -> PolicyDocument:
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(
                Sid="AlarmsOfThisAccount",
                Effect=Allow,
                Principal=Principal("Service", "cloudwatch.amazonaws.com"),
                Action=[sns_actions.Publish],
                Resource=[topic],
                Condition=Condition(
                    [
                        StringEquals(SourceAccount, ACCOUNT),
                        ArnLike(SourceArn, arn("cloudwatch", "alarm:*")),
                    ]
                ),
            ),
            deny_without_tls(sns_actions.Publish, topic),
        ],
    )
