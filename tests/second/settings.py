"""The settings of the second platform."""

from typing import Annotated

from tapgen.model.limits import Range
from tapgen.settings.base import Section, Settings, whole

RETENTION_SECONDS = Range(60, 1_209_600)  # what SQS takes


class Jobs(Section, frozen=True):
    """The queue of jobs."""

    retention_seconds: Annotated[
        int, whole(RETENTION_SECONDS, "How long a job waits.", varies=True)
    ]
    alarm_from: Annotated[int, whole(Range(1, 10_000), "Waiting jobs that somebody is told of.")]


class SecondSettings(Settings, frozen=True, kw_only=True):
    """The settings that every platform has, and those of the jobs."""

    jobs: Jobs
