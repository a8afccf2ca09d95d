"""A queue with an alarm: what is left of a platform when everything that is payments' is gone.

The topic between them is a template file: it takes an output of a layer that a builder makes, and
gives one to another.
"""

from __future__ import annotations

from typing import Final

from tapgen.model.layer import Layer, in_package, outputs_of
from tapgen.model.platform import Platform

PLATFORM: Final = Platform(
    name="second",
    layers=in_package(
        "tests.second.layers",
        Layer("queue", "A queue of jobs, kept when its stack goes"),
        Layer(
            "topic",
            "Where somebody listens",
            template="templates/topic.yaml",
            settings={"Prefix": "prefix", "AlarmFrom": "jobs.alarm_from"},
            inputs=outputs_of("queue", "QueueName"),
        ),
        Layer(
            "alarm",
            "Somebody is told",
            inputs={**outputs_of("queue", "QueueName"), **outputs_of("topic", "TopicArn")},
        ),
    ),
    settings="tests.second.settings:SecondSettings",
    stages=("test", "live"),
)
