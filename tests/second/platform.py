"""A queue with an alarm: what is left of a platform when everything that is payments' is gone."""

from __future__ import annotations

from typing import Final

from tapgen.model.layer import Layer, in_package, outputs_of
from tapgen.model.platform import Platform

PLATFORM: Final = Platform(
    name="second",
    layers=in_package(
        "tests.second.layers",
        Layer("queue", "A queue of jobs, kept when its stack goes"),
        Layer("alarm", "Somebody is told", inputs=outputs_of("queue", "QueueName")),
    ),
    settings="tests.second.settings:SecondSettings",
    stages=("test", "live"),
)
