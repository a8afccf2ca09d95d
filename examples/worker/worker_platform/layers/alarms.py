"""The alarms layer: waiting jobs, dead letters, function errors, and a database that fills up."""

from __future__ import annotations

from typing import Any, Final

from tapgen.render.blueprint import Blueprint
from troposphere import Ref, Sub
from troposphere.cloudwatch import Alarm, MetricDimension
from troposphere.sns import SubscriptionResource, Topic, TopicPolicy

from worker_platform.layers.parts.policies import allow, document, key_input, over_tls_only
from worker_platform.settings import AGE_SECONDS, EMAIL, FREE_STORAGE_GB

NAME: Final = r"^[A-Za-z0-9_-]{1,80}$"
_PERIOD_SECONDS: Final = 300


def build() -> Blueprint:
    """A topic, and four alarms that notify it."""
    blueprint = Blueprint("alarms", "Alarms and their topic.")
    blueprint.prefix()
    topic = _add_topic(blueprint)
    jobs, dead, function, database = (
        blueprint.input(name, f"Name of {what}.", pattern=NAME)
        for name, what in (
            ("QueueName", "the job queue"),
            ("DeadLettersName", "the dead-letter queue"),
            ("FunctionName", "the function"),
            ("DatabaseName", "the database"),
        )
    )
    age = blueprint.number(
        "OldestJobSeconds", "alarms.oldest_job_seconds", "Age of the oldest job.", AGE_SECONDS
    )
    blueprint.number(
        "FreeStorageGb", "alarms.free_storage_gb", "Free storage of the database.", FREE_STORAGE_GB
    )
    alarms = (
        ("OldJobs", "Jobs wait too long.", ("SQS", "ApproximateAgeOfOldestMessage", "Maximum"),
         {"QueueName": jobs}, age),
        ("DeadLetters", "Jobs failed for good.",
         ("SQS", "ApproximateNumberOfMessagesVisible", "Maximum"), {"QueueName": dead}, 1),
        ("WorkerErrors", "The function fails.", ("Lambda", "Errors", "Sum"),
         {"FunctionName": function}, 1),
    )  # fmt: skip
    for title, about, (service, metric, statistic), dimensions, threshold in alarms:
        _add_alarm(
            blueprint,
            title,
            topic,
            AlarmDescription=about,
            Namespace=f"AWS/{service}",
            MetricName=metric,
            Statistic=statistic,
            Dimensions=_dimensions(dimensions),
            Threshold=threshold,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
        )
    _add_alarm(
        blueprint,
        "FullDatabase",
        topic,
        AlarmDescription="The database is running out of storage.",
        Namespace="AWS/RDS",
        MetricName="FreeStorageSpace",
        Statistic="Minimum",
        Dimensions=_dimensions({"DBInstanceIdentifier": database}),
        Threshold=Sub("${FreeStorageGb}000000000"),  # bytes
        ComparisonOperator="LessThanThreshold",
    )
    return blueprint.finish()


def _dimensions(values: dict[str, Any]) -> list[MetricDimension]:
    return [MetricDimension(Name=name, Value=value) for name, value in values.items()]


def _add_alarm(blueprint: Blueprint, title: str, topic: Ref, **properties: Any) -> None:
    blueprint.add(
        Alarm(
            title,
            AlarmName=Sub(f"${{Prefix}}-{title}"),
            AlarmActions=[topic],
            OKActions=[topic],
            Period=_PERIOD_SECONDS,
            EvaluationPeriods=1,
            TreatMissingData="notBreaching",
            **properties,
        )
    )


def _add_topic(blueprint: Blueprint) -> Ref:
    topic = blueprint.add(
        Topic("Topic", TopicName=Sub("${Prefix}-alarms"), KmsMasterKeyId=key_input(blueprint))
    )
    from_alarms = allow(
        "FromAlarms",
        ["sns:Publish"],
        Ref(topic),
        Principal={"Service": "cloudwatch.amazonaws.com"},
        Condition={"StringEquals": {"aws:SourceAccount": Sub("${AWS::AccountId}")}},
    )
    over_tls = {**over_tls_only("sns", Ref(topic)), "Action": "sns:Publish"}
    blueprint.add(
        TopicPolicy(
            "TopicPolicy", Topics=[Ref(topic)], PolicyDocument=document(from_alarms, over_tls)
        )
    )
    email = blueprint.optional_text(
        "AlarmEmail", "alarms.email", "E-mail address to notify.", pattern=EMAIL
    )
    blueprint.add(
        SubscriptionResource(
            "Subscription",
            Condition="HasAlarmEmail",
            TopicArn=Ref(topic),
            Protocol="email",
            Endpoint=email,
        )
    )
    return Ref(topic)
