"""How CloudFormation is asked to carry a deployment out, beside what is deployed.

Settings `deployment.*` of the environment, and options of the command line, which win.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from shlex import quote

from tapgen.errors import RefusedError
from tapgen.model.platform import NO_APPROVAL, NO_RECORD
from tapgen.settings.base import Cost
from tapgen.settings.environment import Environment


@dataclass(frozen=True)
class Options:
    """Options of the operations on every stack.

    `express` counts a stack as done when its configuration is applied; `role_arn` is the role that
    CloudFormation uses; `notification_arns` are SNS topics; `rollback_alarms` rolls an update back
    when an alarm goes off during it or within `monitoring_minutes` (0-180) after it. Runs are
    recorded in the bucket `ledger`, and told to `notify` (see `model.receiver`). `cost` is what an
    environment may cost, and how much it is used. A plan needs so many
    `approvals`, none of which is older than `approval_hours`. `rollout` is how new versions take
    over in this run, None where that is left to the setting. `given` is what the command line says
    of all that, `recorded` what it says of record and approvals, both as it spells them.
    """

    express: bool = False
    role_arn: str | None = None
    notification_arns: tuple[str, ...] = ()
    rollback_alarms: bool = False
    monitoring_minutes: int = 0
    ledger: str | None = None
    notify: str | None = None
    cost: Cost = field(default_factory=Cost)
    approvals: int = 0
    approval_hours: int = 24
    rollout: str | None = None
    given: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Environment) -> Options:
        """What the environment's settings say."""
        settings = environment.settings.deployment
        topic = settings.notification_arn
        return cls(
            settings.express,
            settings.role_arn,
            (topic,) if topic else (),
            settings.rollback_alarms,
            settings.monitoring_minutes,
            settings.ledger,
            settings.notify,
            environment.settings.cost,
            settings.approvals or 0,
            settings.approval_hours,
        )

    def overridden(
        self,
        *,
        express: bool,
        role_arn: str | None,
        notification_arns: tuple[str, ...],
        rollout: str | None = None,
        recorded: tuple[str, ...] = (),
    ) -> Options:
        """These options with those of the command line over them."""
        return replace(
            self,
            express=express or self.express,
            role_arn=role_arn or self.role_arn,
            notification_arns=notification_arns or self.notification_arns,
            rollout=rollout,
            recorded=recorded,
            given=(
                *(["--express"] if express else ()),
                *([f"--role-arn {quote(role_arn)}"] if role_arn else ()),
                *(f"--notification-arn {quote(topic)}" for topic in notification_arns),
                *([f"--rollout {quote(rollout)}"] if rollout else ()),
            ),
        )


def recorded_as(reason: str, *, record: bool = True, approval: bool = True) -> tuple[str, ...]:
    """The options that say what a run is recorded with, and what it does without."""
    return (
        *(() if record else (NO_RECORD,)),
        *(() if approval else (NO_APPROVAL,)),
        *((f"--reason {quote(reason)}",) if reason else ()),
    )


def refuse_express(chosen: Iterable[tuple[Options, Environment]]) -> None:
    """Raise `RefusedError` for express mode where an environment is protected."""
    names = [one.name for options, one in chosen if options.express and one.protection]
    if names:
        raise RefusedError(
            f"express mode is not for {', '.join(names)}, which is protected: a stack would count "
            "as done before its resources are known to work",
            "Leave --express out.",
        )
