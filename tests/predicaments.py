"""Every status that a stack can be in, made for real in the local AWS with one small stack.

The stack `lab-data` has two resources, one after the other: `Note`, then `Late`. What is in
progress is held, and stays so until the faults are mended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from tapgen.aws.account import Connection
from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.flow.events import Event, Note, Progress, Within
from tapgen.deploy.flow.host import SILENT, Recorder
from tapgen.deploy.rescue.recover import Recovery
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.destroy import Destruction
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Failed, Unchanged
from tests.faults.proxy import CUT_AFTER, CUT_BEFORE, Proxy, Rule
from tests.faults.world import hurried
from tests.lab import Lab, Pressing, Reacting
from tests.waiting import wait_until

if TYPE_CHECKING:
    import pytest

    from tapgen.model.deployed.events import Outcome
    from tapgen.model.stack import Stack

# So often that nothing ever gets through.
_ALWAYS = 10**9

Faults = Callable[[dict[str, Any]], None]


def data(lab: Lab, value: str = "one") -> Stack:
    return lab.stack(
        "data", {"Note": lab.note(value), "Late": {**lab.note(value), "DependsOn": "Note"}}
    )


def two(lab: Lab) -> Stack:
    return data(lab, "two")


def absent(lab: Lab, faults: Faults) -> None:
    pass


def under_review(lab: Lab, faults: Faults) -> None:
    lab.plan(lab.deployment(data(lab)))


def created(lab: Lab, faults: Faults) -> None:
    lab.deploy(data(lab))


def updated(lab: Lab, faults: Faults) -> None:
    created(lab, faults)
    lab.deploy(data(lab, "two"))


def imported(lab: Lab, faults: Faults) -> None:
    aws = lab.client("cloudformation")
    lab.client("logs").create_log_group(logGroupName=f"kept-{lab.account}")
    group = {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Retain",
        "Properties": {"LogGroupName": f"kept-{lab.account}"},
    }
    # An import may not add outputs, and the seal is one.
    body = json.dumps(lab.stack("data", {"Group": group}).template.document)
    aws.create_change_set(
        StackName="lab-data",
        ChangeSetName="take",
        ChangeSetType="IMPORT",
        TemplateBody=body,
        ResourcesToImport=[
            {
                "ResourceType": "AWS::Logs::LogGroup",
                "LogicalResourceId": "Group",
                "ResourceIdentifier": {"LogGroupName": f"kept-{lab.account}"},
            }
        ],
    )
    wait_for(lab, "REVIEW_IN_PROGRESS")
    aws.execute_change_set(StackName="lab-data", ChangeSetName="take")
    wait_for(lab, "IMPORT_COMPLETE")


def create(lab: Lab, **options: Any) -> None:
    text = data(lab).template.text
    lab.client("cloudformation").create_stack(
        StackName="lab-data", TemplateBody=text, Tags=tags(lab), **options
    )


def update(lab: Lab, **options: Any) -> None:
    text = data(lab, "two").template.text
    lab.client("cloudformation").update_stack(
        StackName="lab-data", TemplateBody=text, Tags=tags(lab), **options
    )


def tags(lab: Lab) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in data(lab).tags.items()]


def creating(lab: Lab, faults: Faults) -> None:
    faults({"hold": ["Note"]})
    create(lab)
    wait_for(lab, "CREATE_IN_PROGRESS", at="Note")


def updating(lab: Lab, faults: Faults) -> None:
    created(lab, faults)
    faults({"hold": ["Note"]})
    update(lab)
    wait_for(lab, "UPDATE_IN_PROGRESS", at="Note")


def deleting(lab: Lab, faults: Faults) -> None:
    created(lab, faults)
    faults({"hold": ["Note"]})
    lab.client("cloudformation").delete_stack(StackName="lab-data")
    wait_for(lab, "DELETE_IN_PROGRESS", at="Note")


def rolling_back(lab: Lab, faults: Faults) -> None:
    faults({"create:Late": "no", "hold": ["delete:Note"]})
    create(lab)
    wait_for(lab, "ROLLBACK_IN_PROGRESS", at="Note")


def rolling_back_update(lab: Lab, faults: Faults) -> None:
    created(lab, faults)
    faults({"hold": ["Late"]})
    update(lab)
    wait_for(lab, "UPDATE_IN_PROGRESS", at="Late")
    faults({"update:Late": "no", "hold": ["Note"]})
    wait_for(lab, "UPDATE_ROLLBACK_IN_PROGRESS", at="Note")


def rolled_back(lab: Lab, faults: Faults) -> Outcome:
    faults({"create:Late": "no"})
    return lab.deploy(data(lab)).outcomes["data"]


def not_rolled_back(lab: Lab, faults: Faults) -> Outcome:
    faults({"create:Late": "no", "delete:Note": "stuck"})
    return lab.deploy(data(lab)).outcomes["data"]


def create_failed(lab: Lab, faults: Faults) -> None:
    faults({"create:Late": "no"})
    create(lab, DisableRollback=True)
    wait_for(lab, "CREATE_FAILED")


def rolled_back_update(lab: Lab, faults: Faults) -> Outcome:
    created(lab, faults)
    faults({"update:Late": "no"})
    return lab.deploy(data(lab, "two")).outcomes["data"]


def not_rolled_back_update(lab: Lab, faults: Faults) -> Outcome:
    created(lab, faults)
    faults({"hold": ["Late"]})
    deployment = lab.deployment(data(lab, "two"))

    def went_there(event: Event) -> None:
        if isinstance(event, Progress) and event.event.status == "UPDATE_COMPLETE":
            # It does not come back.
            faults({"update:Late": "no", "update:Note": "stuck"})

    return deployment.carry_out(lab.plan(deployment), Reacting(then=went_there))["data"]


def update_failed(lab: Lab, faults: Faults) -> None:
    created(lab, faults)
    faults({"update:Late": "no"})
    update(lab, DisableRollback=True)
    wait_for(lab, "UPDATE_FAILED")


def delete_failed(lab: Lab, faults: Faults) -> None:
    created(lab, faults)
    faults({"delete:Note": "stuck"})
    lab.client("cloudformation").delete_stack(StackName="lab-data")
    wait_for(lab, "DELETE_FAILED")


REAL: dict[str, Callable[[Lab, Faults], object]] = {
    "ABSENT": absent,
    "REVIEW_IN_PROGRESS": under_review,
    "CREATE_COMPLETE": created,
    "UPDATE_COMPLETE": updated,
    "IMPORT_COMPLETE": imported,
    "CREATE_IN_PROGRESS": creating,
    "UPDATE_IN_PROGRESS": updating,
    "DELETE_IN_PROGRESS": deleting,
    "ROLLBACK_IN_PROGRESS": rolling_back,
    "UPDATE_ROLLBACK_IN_PROGRESS": rolling_back_update,
    "ROLLBACK_COMPLETE": rolled_back,
    "ROLLBACK_FAILED": not_rolled_back,
    "CREATE_FAILED": create_failed,
    "UPDATE_ROLLBACK_COMPLETE": rolled_back_update,
    "UPDATE_ROLLBACK_FAILED": not_rolled_back_update,
    "UPDATE_FAILED": update_failed,
    "DELETE_FAILED": delete_failed,
}


def leftover_stays(lab: Lab, faults: Faults) -> Outcome:
    """A creation that failed, and what is left of it cannot be deleted before the next one."""
    not_rolled_back(lab, faults)
    return lab.deploy(data(lab)).outcomes["data"]


def protected_creation(lab: Lab, faults: Faults) -> Outcome:
    faults({"create:Late": "no"})
    return lab.deploy(lab.guarded()).outcomes["data"]


def protection(lab: Lab, faults: Faults) -> Outcome:
    faults({"update:Table": "no"})
    return lab.deploy(lab.guarded()).outcomes["data"]


def adoption(lab: Lab, faults: Faults) -> Outcome:
    """A stack that took over its table, and whose rest cannot be made."""
    tags = [{"Key": name, "Value": value} for name, value in lab.guarded().identity.items()]
    lab.client("dynamodb").create_table(**lab.table("lab-data")["Properties"], Tags=tags)
    return protected_creation(lab, faults)


def orphan(lab: Lab, faults: Faults) -> Outcome:
    """An update that went back, and could not take back the protected table that it had made."""
    document = lab.guarded().template.document
    note = {"Note": document["Resources"]["Note"]}
    lab.deploy(lab.stack("data", note))
    return protected_creation(lab, faults)


def broken_off(lab: Lab, faults: Faults) -> Outcome:
    """A run that Ctrl-C has ended at once."""
    faults({"hold": ["Note"]})
    fleet = lab.fleet(data(lab))
    fleet.plan(SILENT)
    host = Pressing(when=lambda event, _: _at_work(event), presses=3)
    try:
        host.carry_out(fleet)
    except TapgenError as error:
        return Failed(error.message, hint=error.hint)
    return Unchanged()


def _at_work(event: Event) -> bool:
    inner = event.event if isinstance(event, Within) else event
    return isinstance(inner, Progress) and inner.event.logical_id == "Note"


def overdue(lab: Lab, faults: Faults) -> Outcome:
    created(lab, faults)
    faults({"hold": ["*"]})
    return lab.deploy(replace(data(lab, "two"), deadline_minutes=0)).outcomes["data"]


def destruction(lab: Lab, faults: Faults) -> Outcome:
    created(lab, faults)
    faults({"delete:Note": "stuck"})
    return lab.destroy(data(lab)).outcomes["data"]


def recovery(lab: Lab, faults: Faults) -> Outcome:
    """A stack that could not be deleted, and cannot be once more."""
    delete_failed(lab, faults)
    return _recovered(lab)


def rollback_once_more(lab: Lab, faults: Faults) -> Outcome:
    """A rollback that got stuck, and gets stuck once more."""
    not_rolled_back_update(lab, faults)
    return _recovered(lab)


def _recovered(lab: Lab) -> Outcome:
    run = lab.run(data(lab))
    found = Recovery(run, run.target.graph)
    found.look()
    return found.carry_out()["data"]


def _cut_off(
    lab: Lab, operation: str, kind: str, work: Callable[[Connection], dict[str, Outcome]]
) -> Outcome:
    """Work that nothing answers any more from that operation on, which AWS sees or does not."""
    with Proxy(lab.local.endpoint_url) as proxy, hurried():
        proxy.rules = [
            Rule(operation, kind, times=_ALWAYS),
            Rule("*", CUT_BEFORE, times=_ALWAYS, when=lambda: proxy.count(operation) > 0),
        ]
        return work(Connection(endpoint_url=proxy.url, local=True))["data"]


def _deploying(lab: Lab, stack: Stack) -> Callable[[Connection], dict[str, Outcome]]:
    def work(connection: Connection) -> dict[str, Outcome]:
        run = Run.on(lab.target(stack, connection=connection), Recorder())
        deployment = Deployment(run, run.target.graph)
        return deployment.carry_out(lab.plan(deployment), Recorder())

    return work


def cut_creation(lab: Lab, faults: Faults, kind: str) -> Outcome:
    faults({"hold": ["Note"]})
    return _cut_off(lab, "ExecuteChangeSet", kind, _deploying(lab, data(lab)))


def cut_update(lab: Lab, faults: Faults, kind: str) -> Outcome:
    created(lab, faults)
    faults({"hold": ["Note"]})
    return _cut_off(lab, "ExecuteChangeSet", kind, _deploying(lab, two(lab)))


def cut_adoption(lab: Lab, faults: Faults, kind: str) -> Outcome:
    """The connection breaks when a stack is made that is to take over its table."""
    tags = [{"Key": name, "Value": value} for name, value in lab.guarded().identity.items()]
    lab.client("dynamodb").create_table(**lab.table("lab-data")["Properties"], Tags=tags)
    return _cut_off(lab, "ExecuteChangeSet", kind, _deploying(lab, lab.guarded()))


def cut_destruction(lab: Lab, faults: Faults, kind: str) -> Outcome:
    created(lab, faults)
    faults({"hold": ["Note"]})

    def work(connection: Connection) -> dict[str, Outcome]:
        run = Run.on(lab.target(data(lab), connection=connection), Recorder())
        return Destruction(run, run.target.graph).carry_out(Interrupt())

    return _cut_off(lab, "DeleteStack", kind, work)


def cut_recovery(lab: Lab, faults: Faults, kind: str) -> Outcome:
    not_rolled_back_update(lab, faults)
    faults({"hold": ["Note"]})

    def work(connection: Connection) -> dict[str, Outcome]:
        run = Run.on(lab.target(data(lab), connection=connection), Recorder())
        found = Recovery(run, run.target.graph)
        found.look()
        return found.carry_out()

    return _cut_off(lab, "ContinueUpdateRollback", kind, work)


_CUTS: dict[str, tuple[Callable[[Lab], Stack], Callable[[Lab, Faults, str], Outcome]]] = {
    "a creation": (data, cut_creation),
    "an update": (two, cut_update),
    "a creation that takes over": (Lab.guarded, cut_adoption),
    "a destruction": (data, cut_destruction),
    "a recovery": (two, cut_recovery),
}


def _cut(
    make: Callable[[Lab], Stack], fail: Callable[[Lab, Faults, str], Outcome], kind: str
) -> Callable[[Lab, Faults], tuple[Stack, Outcome]]:
    return lambda lab, faults: (make(lab), fail(lab, faults, kind))


def _of(
    make: Callable[[Lab], Stack], fail: Callable[[Lab, Faults], Outcome]
) -> Callable[[Lab, Faults], tuple[Stack, Outcome]]:
    return lambda lab, faults: (make(lab), fail(lab, faults))


# How what tapgen does fails: what was to be, and what became of it. The faults are still there.
FAILURES: dict[str, Callable[[Lab, Faults], tuple[Stack, Outcome]]] = {
    "a creation": _of(data, rolled_back),
    "a creation and its rollback": _of(data, not_rolled_back),
    "the deletion of what is left of it": _of(data, leftover_stays),
    "a protected creation": _of(Lab.guarded, protected_creation),
    "the protection of what was created": _of(Lab.guarded, protection),
    "an update": _of(two, rolled_back_update),
    "an update and its rollback": _of(two, not_rolled_back_update),
    "the rest of what takes over": _of(Lab.guarded, adoption),
    "an update that leaves something behind": _of(Lab.guarded, orphan),
    "a run that is broken off": _of(data, broken_off),
    "an update that takes too long": _of(two, overdue),
    "a destruction": _of(data, destruction),
    "a recovery": _of(data, recovery),
    "a rollback once more": _of(two, rollback_once_more),
} | {
    f"{what} whose connection breaks {when}": _cut(make, fail, kind)
    for what, (make, fail) in _CUTS.items()
    for when, kind in {"before AWS sees it": CUT_BEFORE, "when AWS is at it": CUT_AFTER}.items()
}


def disguise(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    """Let a deployed stack be told as in `status`, which the local AWS cannot produce.

    What is in progress comes to its end after a few looks, a success is over after the next change.
    """
    looks = {"PROGRESS": 3, "COMPLETE": 1}.get(status.rpartition("_")[2], 10_000)
    told: Iterator[str | None] = chain(repeat(status, looks), repeat(None))
    real = CloudFormation.describe

    def describe(self: CloudFormation, name: str) -> StackState:
        state = real(self, name)
        if state.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return state
        return replace(state, status=next(told) or state.status)

    monkeypatch.setattr(CloudFormation, "describe", describe)


DISGUISED = (
    "IMPORT_IN_PROGRESS",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "IMPORT_ROLLBACK_COMPLETE",
    "IMPORT_ROLLBACK_FAILED",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
)


def mending(faults: Faults) -> Reacting:
    """A host that mends the faults at the first note, which tells what is in progress."""

    def mend(event: Event) -> None:
        if isinstance(event.event if isinstance(event, Within) else event, Note):
            faults({})

    return Reacting(then=mend)


def wait_for(lab: Lab, status: str, at: str = "") -> None:
    """Wait until the stack is in that status, and AWS at the resource named."""
    wait_until(lambda: lab.status("data") == status and is_at(lab, at), status)


def is_at(lab: Lab, logical_id: str) -> bool:
    pages = lab.client("cloudformation").get_paginator("describe_stack_events")
    newest_first = pages.paginate(StackName="lab-data").search("StackEvents[]")
    statuses = (e["ResourceStatus"] for e in newest_first if e["LogicalResourceId"] == logical_id)
    return not logical_id or next(statuses, "").endswith("IN_PROGRESS")


def at_rest(lab: Lab) -> str:
    """The stack's status once nothing is in progress any more."""
    return wait_until(lambda: _at_rest(lab.status("data")))


def _at_rest(status: str) -> str:
    moving = status.endswith("IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"
    return "" if moving else status
