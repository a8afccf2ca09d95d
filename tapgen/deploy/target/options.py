"""Options of a deployment that do not change what is deployed.

They come from the environment's settings `deployment.*` and from the command line, which wins.
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

    - `express`: a stack counts as done when its configuration is applied.
    - `role_arn`: the role that CloudFormation uses.
    - `notification_arns`: SNS topics.
    - `rollback_alarms`: an update is rolled back if an alarm goes off during it or within
      `monitoring_minutes` (0-180) after it.
    - `ledger`: the bucket for the records of runs.
    - `notify`: the receiver of notifications (see `model.receiver`).
    - `cost`: the limit of the environment's cost, and its usage.
    - `approvals`: how many a plan needs; none may be older than `approval_hours`.
    - `rollout`: the option `--rollout`; None if the setting applies.
    - `given`: those of these options that were given on the command line, as written there.
    - `recorded`: the options about record and approvals, as written on the command line.
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
        """The options from the environment's settings."""
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
        """These options, overridden by those of the command line."""
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
    """The options about record and approvals: a reason, and doing without either."""
    return (
        *(() if record else (NO_RECORD,)),
        *(() if approval else (NO_APPROVAL,)),
        *((f"--reason {quote(reason)}",) if reason else ()),
    )


def refuse_express(chosen: Iterable[tuple[Options, Environment]]) -> None:
    """Raise `RefusedError` for express mode in a protected environment."""
    names = [one.name for options, one in chosen if options.express and one.protection]
    if names:
        raise RefusedError(
            f"express mode is not allowed in {', '.join(names)}, which is protected: a stack would "
            "count as done before its resources are known to work",
            "Omit --express.",
        )
