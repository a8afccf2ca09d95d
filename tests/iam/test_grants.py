from __future__ import annotations

from tapgen.iam import grants
from tapgen.iam.grants import Grant


def test_actions_with_the_same_resources_and_condition_share_a_statement() -> None:
    condition = {"Bool": {"aws:SecureTransport": "true"}}
    made = grants.statements(
        [
            Grant("sqs:SendMessage", ("arn:a",)),
            Grant("sqs:DeleteMessage", ("arn:a",)),
            Grant("sqs:PurgeQueue", ("arn:a",), condition),
            Grant("application-autoscaling:TagResource", ("arn:b",)),
            Grant("sqs:ListQueues", ("*",)),
        ]
    )
    assert [(one["Sid"], one["Action"]) for one in made] == [
        ("AnyResourcePart1", ["sqs:ListQueues"]),
        ("ApplicationAutoscalingPart1", ["application-autoscaling:TagResource"]),
        ("SqsPart1", ["sqs:DeleteMessage", "sqs:SendMessage"]),
        ("SqsPart2", ["sqs:PurgeQueue"]),
    ]
    assert [one.get("Condition") for one in made] == [None, None, None, condition]
