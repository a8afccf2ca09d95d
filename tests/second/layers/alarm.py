from __future__ import annotations

from troposphere.cloudwatch import Alarm, MetricDimension

from tapgen.model.limits import Range
from tapgen.render.blueprint import Blueprint


def build() -> Blueprint:
    blueprint = Blueprint("alarm", "An alarm on the queue of the second platform.")
    queue = blueprint.input("QueueName", "Name of the queue.", pattern=r"^[A-Za-z0-9_-]{1,80}$")
    topic = blueprint.input("TopicArn", "ARN of the topic.", pattern=r"^arn:[a-z0-9:-]+$")
    from_ = blueprint.number(
        "AlarmFrom", "jobs.alarm_from", "Waiting jobs that somebody is told of.", Range(1, 10_000)
    )
    blueprint.add(
        Alarm(
            "Waiting",
            AlarmDescription="Jobs wait.",
            AlarmActions=[topic],
            Namespace="AWS/SQS",
            MetricName="ApproximateNumberOfMessagesVisible",
            Dimensions=[MetricDimension(Name="QueueName", Value=queue)],
            Statistic="Maximum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=from_,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
        )
    )
    return blueprint.finish()
