"""The IAM policies of an environment's people and roles."""

from __future__ import annotations

from dataclasses import dataclass

from tapgen.iam import policies as iam
from tapgen.project import Project


@dataclass(frozen=True)
class Policies:
    """Policies, and the roles in the settings that they are written for.

    `underivable` are resource types whose permissions AWS does not publish, so no policy has them.
    """

    policies: list[iam.Policy]
    roles: iam.Roles
    underivable: tuple[str, ...] = ()


def policies(project: Project, environment: str, task: str, *, boundary: bool = False) -> Policies:
    """Write the IAM policies that an environment's people and roles need.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `task`: the task they allow: "deploy", "review" or "service-role".
    - `boundary`: write the permissions boundary of the environment's roles instead.

    Returns the policies, and the roles in the settings that they are written for.

    Raises `EnvironmentFaults` if the settings are wrong.
    """
    (found,) = project.environments([environment])
    stacks = project.rendered([found]).stacks[environment]
    deployment = found.settings.deployment
    roles = iam.Roles(
        boundary=deployment.permission_boundary,
        service=deployment.role_arn,
        ledger=deployment.ledger,
        notify=deployment.notify,
        approvals=bool(deployment.approvals),
    )
    if boundary:
        return Policies([iam.boundary(stacks, roles)], roles)
    made = iam.BUILDERS[task](project.platform, stacks, roles)
    return Policies([*made], roles, iam.underivable(stacks))
