"""Aliases while CodeDeploy shifts traffic: their progress, and why they were shifted back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread
from typing import Final

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.aws.polling import intervals
from tapgen.aws.resources.functions import last_deployment, ringing, weights
from tapgen.deploy.guards.rollouts import at_once, rollout_back
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.changes.rollouts import Rollout, rollouts
from tapgen.model.deployed.events import RootCause
from tapgen.model.plan import Planned
from tapgen.model.stack import Stack

_MOST_SECONDS: Final = 5.0


@contextmanager
def telling_weights(run: Run, entry: Planned) -> Iterator[None]:
    """Report the share of traffic that new versions get, while the change set is executed."""
    every = entry.rollouts
    if not every:
        yield
        return
    over = Event()
    teller = Thread(target=_tell, args=(run, entry.stack, every, over), daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def _tell(run: Run, stack: Stack, every: Sequence[Rollout], over: Event) -> None:
    """Report changed weights. Errors are ignored: CloudFormation reports how it ends."""
    told: dict[str, str] = {}
    region = run.target.region_of(stack)
    pauses = intervals(most=_MOST_SECONDS)
    while True:
        for one in every:
            try:
                _, shares = weights(region, one.function, one.name)
            except TapgenError:
                continue
            each = (f"{100 * share:.0f} % to version {to}" for to, share in shares.items())
            words = ", ".join(each)
            if words != told.get(one.alias, ""):
                try:
                    run.note(stack, f"traffic of {one.function}: {words or 'all to one version'}")
                except StoppedError:
                    return
            told[one.alias] = words
        if over.wait(next(pauses)):
            return


def reason_of_return(
    run: Run, stack: Stack, cause: RootCause | None, since: datetime | None
) -> tuple[str, str]:
    """Why CodeDeploy shifted a new version back, and the next step; "" if it did not.

    The first text adds to that of the cause. `since` is the start of the operation.
    """
    every = rollouts(stack, stack.parameters) if cause else ()
    found = next((one for one in every if cause and one.alias == cause.logical_id), None)
    if cause is None or found is None:
        return "", ""
    region = run.target.region_of(stack)
    try:
        deployment = last_deployment(region, found.application, found.group, since)
        rings = ringing(region, found.alarms)
    except TapgenError as error:
        return "", f"Why CodeDeploy shifted it back could not be read: {error.message}."
    if deployment is None:
        return "", ""
    words = []
    if deployment.id not in cause.reason:
        words.append(f"deployment {deployment.id}: {deployment.message or deployment.status}")
    words += [f"the alarm {name} is in ALARM: {why}" for name, why in rings.items()]
    return "; ".join(words), _advice(run, stack, found, alarmed=deployment.alarmed)


def way_back(run: Run, stack: Stack, cause: RootCause | None) -> str:
    """The next steps if a rollback fails because CodeDeploy does not shift an alias back.

    `cause` is the resource that could not be rolled back; "" if it is not such an alias, or if the
    failed deployment is not CodeDeploy's last one, so that the alias's old version is not known.

    Meanwhile all traffic goes to the new version, and an alarm that it causes would make every
    rollback fail, so the alias is updated by hand first.
    """
    found = rollout_back(run.target, stack, cause.logical_id) if cause else None
    if cause is None or found is None:
        return ""
    region = run.target.region_of(stack)
    try:
        deployment = last_deployment(region, found.application, found.group, None)
        rings = ringing(region, found.alarms)
    except TapgenError as error:
        return f"Why CodeDeploy did not shift {found.function} back is not known: {error.message}."
    if deployment is None or not deployment.target or deployment.id not in cause.reason:
        return ""
    why = f", because an alarm is in ALARM ({', '.join(rings)})" if rings else ""
    command = region.cli(
        f"lambda update-alias --function-name {found.function} --name {found.name} "
        f"--function-version {deployment.target} "
        "--routing-config '{\"AdditionalVersionWeights\":{}}'"
    )
    skip = f"--skip-resource {stack.layer}.{found.alias}"
    recover = run.target.command("recover", f"--layer {stack.layer}", skip)
    return (
        f"Traffic of {found.function} stays at the new version: CodeDeploy does not shift it back"
        f"{why}. `{command}` shifts it back at once, then `{recover}` continues without CodeDeploy."
    )


def _advice(run: Run, stack: Stack, one: Rollout, *, alarmed: bool) -> str:
    if not alarmed:
        return (
            f"The log group /aws/lambda/{one.check} shows what the check {one.check} refused."
            if one.check
            else ""
        )
    option = at_once(run.target, stack)
    out = f" To deploy a fix while the alarm is on: `{run.again(option)}`." if option else ""
    return f"All traffic goes to the old version again.{out}"
