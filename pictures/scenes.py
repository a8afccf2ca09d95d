"""The scenes of the terminal pictures: real commands, in a project on the local AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Scene:
    """One command, and the terminal at its end, or as soon as it shows all of `until`.

    Before it runs, `edit` (file, text, replacement) changes the project, and `faults` are injected
    into the local AWS.
    """

    name: str
    title: str
    command: tuple[str, ...]
    edit: tuple[str, str, str] | None = None
    faults: str = "{}"
    until: tuple[str, ...] = ()


PROJECT: Final = "examples/worker"
"""Its environment prod is deployed before the first scene."""
DEPLOYED: Final = ("deploy", "prod", "--local", "--yes")
COLUMNS: Final = 110

SCENES: Final = (
    Scene(
        "plan",
        "tapgen plan: a bucket with data would be replaced, and tapgen refuses",
        ("plan", "prod", "--local"),
        (
            "worker_platform/layers/storage.py",
            '("Results", "results")',
            '("Results", "reports")',
        ),
    ),
    Scene(
        "failure",
        "tapgen deploy: what failed, why, and what to do next",
        ("deploy", "prod", "--local", "--yes"),
        ("envs/prod.yaml", "storage_gb: 200", "storage_gb: 400"),
        '{"update:Database": "Storage optimization is in progress for this instance."}',
    ),
    Scene(
        "progress",
        "tapgen deploy: a line for each stack while it works",
        ("deploy", "staging", "--local", "--yes"),
        faults='{"hold": ["Database", "Jobs"]}',
        until=("Database CREATE_IN_PROGRESS", "Jobs CREATE_IN_PROGRESS", "2 of 6 done"),
    ),
)
