"""Approve: the order of the steps, and the approvals of a plan that count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from tapgen.deploy.flow.events import PlansReady
from tapgen.deploy.flow.host import SILENT, Host, Question
from tapgen.deploy.guards.approvals import (
    Judged,
    Judging,
    Wanted,
    approve_command,
    judged,
    own_fault,
    refusal,
)
from tapgen.deploy.hooks.hook import planned_hooks
from tapgen.deploy.plan import plan_files
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError, UsageError
from tapgen.model.approval import Approval, SignedApproval, document, person_of, signed_text
from tapgen.model.release import TIME

if TYPE_CHECKING:
    from tapgen.deploy.plan.plan_file import SavedPlan
    from tapgen.deploy.target.target import Target
    from tapgen.model.plan import Plan
    from tapgen.project import Project


@dataclass(frozen=True)
class Approved:
    """How an approval ended.

    `judged` are all approvals of the plan, including this one. `signed` is false if the host did
    not agree (`agreed`), or if an approval of the caller (`person`) already counts. `key` is where
    in `ledger` it was written. `approve` is the command for the next approver, `plan` creates a new
    plan, `command` executes this one.
    """

    environment: str
    judged: Judged
    person: str
    ledger: str
    approve: str
    plan: str
    command: str
    key: str = ""
    agreed: bool = True

    @property
    def signed(self) -> bool:
        """True if an approval was written."""
        return bool(self.key)

    @property
    def problem(self) -> RefusedError | None:
        """Why a deployment would not execute the plan; None if it would."""
        return refusal(self.judged, self.approve, self.plan)


def approve(project: Project, path: Path, host: Host) -> Approved:
    """Sign a plan with the approval key of its environment, after confirmation.

    The plan must match the files of the project, and its change sets must still exist in AWS.

    - `project`: the project of the plan; its `reason` is signed as well.
    - `path`: the file that `plan` has written.
    - `host`: receives the plan, and is asked before it is signed.

    Returns the approvals that the plan has now. The same person does not sign twice.

    Raises `UsageError` if the environment requires no approvals, or the plan changes nothing;
    `RefusedError` if the file was edited, is for another project or environment, is out of date, or
    was made by the caller; `TapgenError` if the caller may not sign or may not write the approval.
    """
    saved, target, wanted = _opened(project, path, host)
    plan = _with_hooks(target, plan_files.shown_plan(saved, target, str(path)))
    if not plan.has_changes:
        raise UsageError(
            f"{path} changes nothing, so it needs no approval",
            "It can be deployed as it is.",
        )
    account, region = target.account, target.home_region
    caller = account.caller(region)
    if fault := own_fault(wanted, caller):
        raise RefusedError(
            f"{person_of(caller)} {fault}, and cannot approve it",
            "Another person must approve it. People are identified by the name of their session or "
            f"user: {caller} here, {wanted.author} in the plan.",
        )
    done = _approvals(project, path, saved, target, wanted)
    host.tell(PlansReady({plan.environment: plan}))
    if any(one.approval.person == done.person for one in done.judged.counting):
        return done
    protected = plan.environment if plan.protected else ""
    if not host.ask(Question(f"Approve this for {plan.environment}?", None, protected)):
        return replace(done, agreed=False)
    approval = Approval(
        environment=target.environment,
        account_id=account.account_id,
        region=region,
        prefix=target.prefix,
        plan_digest=saved.digest,
        approver=caller,
        user_id=account.user_id(region),
        signed=datetime.now(UTC).strftime(TIME),
        reason=project.reason,
    )
    key = project.approval_key(target)
    signed = SignedApproval(approval, *key.sign(signed_text(approval)))
    written = project.ledger(target).approve(signed)
    return replace(done, judged=_judged(project, target, wanted), key=written)


def approvals(project: Project, path: Path) -> Approved:
    """Show which approvals a plan has; changes nothing.

    - `project`: the project of the plan.
    - `path`: the file that `plan` has written.

    Returns the approvals.

    Raises `UsageError` if the environment requires no approvals, and `RefusedError` if the file was
    edited or is for another project or environment.
    """
    saved, target, wanted = _opened(project, path)
    return _approvals(project, path, saved, target, wanted)


def counting(
    project: Project, saved: SavedPlan, target: Target, path: Path
) -> tuple[Mapping[str, Any], ...]:
    """The approvals that allow the caller to execute a plan, in the form of its record.

    Empty if the environment requires none, or the project overrides that. Raises `RefusedError` if
    there are not enough.
    """
    if not target.options.approvals or project.unapproved:
        return ()
    deployer = target.account.caller(target.home_region)
    found = _judged(project, target, replace(_wanted(saved, target), deployer=deployer))
    again = plan_files.planned_again(saved, target, quote(str(path)))
    if refused := refusal(found, approve_command(target.suffix, str(path)), again):
        raise refused
    return tuple(map(document, found.counting))


def _approvals(
    project: Project, path: Path, saved: SavedPlan, target: Target, wanted: Wanted
) -> Approved:
    return Approved(
        target.environment,
        _judged(project, target, wanted),
        person_of(target.account.caller(target.home_region)),
        project.ledger(target).name,
        approve_command(target.suffix, str(path)),
        plan_files.planned_again(saved, target, quote(str(path))),
        target.command("deploy", f"--plan {quote(str(path))}"),
    )


def _opened(project: Project, path: Path, host: Host = SILENT) -> tuple[SavedPlan, Target, Wanted]:
    """The plan in a file, its environment, and its requirements. Raises the errors of `approvals`.

    `host` receives what a rollback does not restore.
    """
    saved = plan_files.load(path)
    target = _target(project.as_planned(saved.rollout), saved, host)
    plan_files.refuse_other(saved, target, str(path))
    if not target.options.approvals:
        raise UsageError(
            f"{target.environment} requires no approvals",
            "The setting deployment.approvals is the number that a plan needs.",
        )
    return saved, target, _wanted(saved, target)


def _target(project: Project, saved: SavedPlan, host: Host) -> Target:
    """The target of the plan: the environment as declared, or as an earlier release left it."""
    if saved.rolls_back_to is None:
        return project.target(saved.environment)
    from tapgen.operations.record.restoration import restoration

    found = restoration(project, saved.environment, saved.rolls_back_to)
    host.tell(found.told)
    return found.target


def _wanted(saved: SavedPlan, target: Target) -> Wanted:
    return Wanted(
        environment=target.environment,
        account_id=target.account.account_id,
        region=target.home_region,
        prefix=target.prefix,
        plan_digest=saved.digest,
        count=target.options.approvals,
        hours=target.options.approval_hours,
        author=saved.author,
    )


def _judged(project: Project, target: Target, wanted: Wanted) -> Judged:
    target.verify_account()
    key = project.approval_key(target)

    def genuine(signed: SignedApproval) -> bool:
        return key.made(signed_text(signed.approval), signed.signature)

    written = project.ledger(target).approvals(wanted.plan_digest)
    return judged(wanted, written, Judging(datetime.now(UTC), genuine))


def _with_hooks(target: Target, plan: Plan) -> Plan:
    return replace(plan, hooks=planned_hooks(Run.on(target), plan))
