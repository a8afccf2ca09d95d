"""A dead-letter queue, for events that a function could not process."""

from __future__ import annotations

from typing import Any, Final

from awacs import sqs
from awacs.aws import PolicyDocument
from troposphere import GetAtt, Ref, Sub
from troposphere.sqs import Queue, QueuePolicy

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.render.denials import deny_without_tls
from tapgen.render.retained import RETAINED

_FOURTEEN_DAYS: Final = 1_209_600  # in seconds, SQS's maximum


def add_dead_letter_queue(blueprint: Blueprint, title: str, name: str, key_arn: Any) -> Queue:
    """Add an encrypted queue that accepts only TLS. `name` may name parameters."""
    queue: Queue = blueprint.add(
        Queue(
            title,
            QueueName=Sub(name),
            KmsMasterKeyId=key_arn,
            MessageRetentionPeriod=_FOURTEEN_DAYS,
            **RETAINED,
        )
    )
    blueprint.add(
        QueuePolicy(
            f"{title}Policy",
            Queues=[Ref(queue)],
            PolicyDocument=PolicyDocument(
                Version="2012-10-17",
                Statement=[deny_without_tls(sqs.Action("*"), GetAtt(queue, "Arn"))],
            ),
        )
    )
    return queue
