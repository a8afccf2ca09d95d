"""The whole way of a platform through the Python API, as a program of its own.

It is run in a folder of its own with the folder of the local AWS as argument, and prints what came
of each step as JSON, with the modules of the payments platform that were loaded.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tapgen import operations
from tapgen.model.deployed.events import succeeded
from tapgen.project import Project

ENVIRONMENT = "test"


def tour(folder: Path) -> dict[str, Any]:
    """What came of each step."""
    project = Project(
        folder=folder, envs=Path.cwd() / "envs", platform_name="tests.second.platform:PLATFORM",
        local=True, remember=False,
    )  # fmt: skip
    host = operations.Recorder()
    out = Path("templates_out")
    steps: dict[str, Any] = {}
    steps["render"] = operations.render(project, out=out).counts._asdict()
    steps["lint"] = [finding.message for finding in operations.lint(project).findings]
    _commit()
    _edit("envs/test.yaml", "3600", "7200")
    here = Project(platform_name=project.platform_name, envs=Path("envs"), remember=False)
    found = operations.diff(here, [ENVIRONMENT], host)
    steps["diff"] = [
        (layer.layer, change.logical_id)
        for layer in found.environments[ENVIRONMENT].layers
        for change in layer.resources
    ]
    project = Project(
        folder=folder, envs=Path.cwd() / "envs", platform_name=project.platform_name, local=True
    )
    steps["plan"] = operations.plan(project, [ENVIRONMENT], host).has_changes
    done = operations.deploy(project, [ENVIRONMENT], host)
    steps["deploy"] = {n: succeeded(o) for n, o in done.outcomes[ENVIRONMENT].items()}
    checks = operations.verify(project, ENVIRONMENT)
    steps["verify"] = [check.property for check in checks if check.ok is False]
    steps["compared"] = len(checks)
    steps["drift"] = operations.drift(project, ENVIRONMENT).is_clean
    steps["outputs"] = dict(operations.outputs(project, ENVIRONMENT).layers["queue"])
    steps["parity"] = operations.parity(project, [], declared=True).holds
    steps["policies"] = len(operations.policies(project, ENVIRONMENT, "deploy").policies)
    gone = operations.destroy(project, ENVIRONMENT, host)
    steps["destroy"] = {name: succeeded(outcome) for name, outcome in gone.outcomes.items()}
    steps["payments"] = sorted(n for n in sys.modules if n.startswith("tapgen.payments"))
    return steps


def _edit(path: str, old: str, new: str) -> None:
    text = Path(path).read_text()
    Path(path).write_text(text.replace(old, new))


def _commit() -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-qm", "first"]):
        subprocess.run(["git", *words], check=True, timeout=60)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(tour(Path(sys.argv[1]))))
