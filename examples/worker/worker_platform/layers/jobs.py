"""The jobs layer: the job queue and its dead-letter queue."""

from __future__ import annotations

from typing import Any, Final

from tapgen.render.blueprint import Blueprint
from tapgen.render.retained import RETAINED
from troposphere import GetAtt, Ref, Sub
from troposphere.sqs import Queue, QueuePolicy, RedrivePolicy

from worker_platform.layers.parts.policies import key_input, of_queue
from worker_platform.settings import ATTEMPTS, TIMEOUT_SECONDS

_FOURTEEN_DAYS: Final = 1_209_600  # in seconds, the longest that SQS keeps a message
_VISIBILITY_SECONDS: Final = 6 * TIMEOUT_SECONDS.high


def build() -> Blueprint:
    """Two queues and their policies."""
    blueprint = Blueprint("jobs", "Job queue and dead-letter queue.")
    blueprint.prefix()
    key_arn = key_input(blueprint)
    attempts = blueprint.number("Attempts", "worker.attempts", "Attempts for each job.", ATTEMPTS)
    dead = _add_queue(
        blueprint,
        "DeadLetters",
        "dead-letters",
        key_arn,
        RedriveAllowPolicy={"redrivePermission": "allowAll"},
    )
    queue = _add_queue(
        blueprint,
        "Jobs",
        "jobs",
        key_arn,
        # Six times as long as the function may take (Lambda developer guide, "Using Lambda with
        # Amazon SQS"), whatever its timeout is set to.
        VisibilityTimeout=_VISIBILITY_SECONDS,
        RedrivePolicy=RedrivePolicy(
            deadLetterTargetArn=GetAtt(dead, "Arn"), maxReceiveCount=attempts
        ),
    )
    blueprint.output("QueueUrl", Ref(queue), "URL of the job queue.")
    blueprint.output("QueueArn", GetAtt(queue, "Arn"), "ARN of the job queue.")
    blueprint.output("QueueName", GetAtt(queue, "QueueName"), "Name of the job queue.")
    blueprint.output("DeadLettersName", GetAtt(dead, "QueueName"), "Name of the dead-letter queue.")
    return blueprint.finish()


def _add_queue(
    blueprint: Blueprint, title: str, purpose: str, key_arn: Any, **properties: Any
) -> Queue:
    name = Sub(f"${{Prefix}}-{purpose}")
    queue = Queue(
        title,
        QueueName=name,
        KmsMasterKeyId=key_arn,
        MessageRetentionPeriod=_FOURTEEN_DAYS,
        **properties,
        **RETAINED,
    )
    blueprint.add(queue)
    blueprint.add(
        QueuePolicy(f"{title}Policy", Queues=[Ref(queue)], PolicyDocument=of_queue(queue))
    )
    return queue
