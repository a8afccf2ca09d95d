from __future__ import annotations

from troposphere import GetAtt, Sub
from troposphere.sqs import Queue

from tapgen.render.blueprint import Blueprint
from tapgen.render.retained import RETAINED
from tests.second.settings import RETENTION_SECONDS


def build() -> Blueprint:
    blueprint = Blueprint("queue", "Jobs of the second platform.")
    blueprint.prefix()
    queue = blueprint.add(
        Queue(
            "Jobs",
            QueueName=Sub("${Prefix}-jobs"),
            MessageRetentionPeriod=blueprint.number(
                "RetentionSeconds",
                "jobs.retention_seconds",
                "How long a job waits.",
                RETENTION_SECONDS,
            ),
            SqsManagedSseEnabled=True,
            **RETAINED,
        )
    )
    blueprint.output("QueueName", GetAtt(queue, "QueueName"), "Name of the queue.")
    return blueprint.finish()
