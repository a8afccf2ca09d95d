from __future__ import annotations

from troposphere import GetAtt, Ref, Sub
from troposphere.sqs import Queue, QueuePolicy

from tapgen.render.accepted import accepted, because
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
            Metadata=accepted(because("Jobs hold nothing secret.", "encryption-key")),
            **RETAINED,
        )
    )
    over_tls_only = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": GetAtt(queue, "Arn"),
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }
    blueprint.add(
        QueuePolicy(
            "JobsPolicy",
            Queues=[Ref(queue)],
            PolicyDocument={"Version": "2012-10-17", "Statement": [over_tls_only]},
        )
    )
    blueprint.output("QueueName", GetAtt(queue, "QueueName"), "Name of the queue.")
    return blueprint.finish()
