"""Stacks with something to find, for every scanner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tapgen.payments.platform import PLATFORM
from tapgen.render.code.function_package import Code
from tapgen.render.rendering import Rendered

GUARD_RULE = """
let topics = Resources.*[ Type == 'AWS::SNS::Topic' ]
rule SNS_TOPIC_NAMED when %topics !empty {
  %topics.Properties.TopicName exists
  <<
    Violation: Topics have names.
    Fix: Set the property TopicName.
  >>
}
rule SNS_SOME_TOPIC_IS_FIFO when %topics !empty {
  let fifo = %topics[ Properties.FifoTopic == true ]
  %fifo !empty
}
"""


@pytest.fixture
def world(make_template: Any, make_stack: Any) -> Callable[..., Rendered]:
    """`world(accepted, On="true")`: one stack in dev and one in prod, where the topic is named.

    `accepted` goes onto the topic.
    """

    def make(accepted: dict[str, str] | None = None, **values: str) -> Rendered:
        of = make_template(
            Parameters={"Name": {"Type": "String"}},
            Conditions={"IsNamed": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, ""]}]}},
            Topic={
                "Type": "AWS::SNS::Topic",
                "Metadata": {"tapgen": {"Accepted": accepted or {}}},
                "Properties": {
                    "TopicName": {"Fn::If": ["IsNamed", {"Ref": "Name"}, {"Ref": "AWS::NoValue"}]}
                },
            },
            Grant={
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "Action": "lambda:InvokeFunction",
                    "FunctionName": "f",
                    "Principal": "s3.amazonaws.com",  # W3663: any account's bucket of that name
                    "SourceArn": "arn:aws:s3:::a-bucket",
                },
            },
        )
        names = {"dev": "", "prod": "payments", **values}
        stacks = {
            environment: (make_stack(template=of, environment=environment, parameters={"Name": n}),)
            for environment, n in names.items()
        }
        return Rendered(PLATFORM, {of.layer: of}, stacks, Code(()))

    return make
