"""The IAM policies of an environment's people and roles."""

from __future__ import annotations

from dataclasses import dataclass

from tapgen.iam import policies as iam
from tapgen.project import Project


@dataclass(frozen=True)
class Policies:
    """Policies, and the roles of the settings that they are written for."""

    policies: list[iam.Policy]
    roles: iam.Roles


def policies(project: Project, environment: str, task: str, *, boundary: bool = False) -> Policies:
    """The policies for a `task` ("deploy", "review" or "service-role").

    With `boundary`, the permission boundary of the environment's roles instead.
    """
    (found,) = project.environments([environment])
    stacks = project.rendered([found]).stacks[environment]
    deployment = found.settings.deployment
    roles = iam.Roles(boundary=deployment.permission_boundary, service=deployment.role_arn)
    if boundary:
        return Policies([iam.boundary(stacks, roles)], roles)
    return Policies([*iam.BUILDERS[task](stacks, roles)], roles)
