"""A platform of one function, whose new versions take over as a setting says."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from tapgen.model.layer import Layer
from tapgen.model.platform import Platform
from tapgen.settings.base import Section, Settings, described, text


class Worker(Section, frozen=True):
    """The function."""

    release: Annotated[str, text("^v[0-9]+$", "What it answers.")]
    breaks: Annotated[bool, described("Whether it fails instead.")]
    rollout: Annotated[
        Literal["at-once", "canary", "linear"], described("How a new version takes over.")
    ]


class RollingSettings(Settings, frozen=True, kw_only=True):
    """The settings that every platform has, and those of the function."""

    worker: Worker


PLATFORM: Final = Platform(
    name="rolling",
    layers=(
        Layer(
            "jobs",
            "A function",
            package="tests.cli",
            template="rolling.yaml",
            settings={
                "Prefix": "prefix",
                "Release": "worker.release",
                "Breaks": "worker.breaks",
                "Rollout": "worker.rollout",
            },
        ),
    ),
    settings="tests.cli.rolling:RollingSettings",
    stages=("test",),
    rollout="worker.rollout",
)
