from __future__ import annotations

from troposphere import GetAtt, Ref, Sub
from troposphere.sqs import Queue, QueuePolicy

from tapgen.render.blueprint import Blueprint
from tapgen.render.retained import RETAINED


def build() -> Blueprint:
    blueprint = Blueprint("inbox", "A queue.")
    blueprint.prefix()
    key = blueprint.input("KeyArn", "Encrypts the queue.", pattern="^arn:aws[a-z-]*:kms:.+$")
    blueprint.add(
        Queue(
            "Inbox",
            QueueName=Sub("${Prefix}-inbox"),
            KmsMasterKeyId=key,
            MessageRetentionPeriod=1_209_600,  # two weeks, the most there is
            **RETAINED,
        )
    )
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": GetAtt("Inbox", "Arn"),
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }
    blueprint.add(
        QueuePolicy(
            "InboxPolicy",
            Queues=[Ref("Inbox")],
            PolicyDocument={"Version": "2012-10-17", "Statement": [statement]},
        )
    )
    blueprint.output("InboxUrl", Ref("Inbox"), "Address of the queue.")
    return blueprint.finish()
