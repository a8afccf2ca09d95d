"""A function whose alias goes to new versions by a parameter: in steps, or all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.local.rollouts import Rollout

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab

ALARM = "worker-errors"
WAYS = ["at-once", "steps"]


def worker(lab: Lab, way: str = "steps") -> Stack:
    """The layer `jobs` with its function."""
    resources = Rollout().resources()
    policy = resources["Alias"]["UpdatePolicy"]
    resources["Alias"]["UpdatePolicy"] = {
        "Fn::If": ["InSteps", policy, {"Ref": "AWS::NoValue"}],
    }
    return lab.stack(
        "jobs",
        resources,
        parameters={"Rollout": way},
        settings={"Rollout": "functions.rollout"},
        conditions={"InSteps": {"Fn::Equals": [{"Ref": "Rollout"}, "steps"]}},
        allowed={"Rollout": WAYS},
    )
