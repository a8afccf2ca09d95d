"""Every status that a stack can be in, made for real in the local AWS with one small stack.

The stack `lab-data` has two resources, one after the other: `Note`, then `Late`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from tapgen.aws.cloudformation import CloudFormation
from tapgen.aws.stack_state import StackState
from tapgen.deploy.messages import Progress

if TYPE_CHECKING:
    import pytest

    from tapgen.stacks.stack import Stack
    from tests.deploy.conftest import Lab

Faults = Callable[[dict[str, Any]], None]
SLOW = {"delay": {"*": 1.6}}  # long enough for a machine with much else to do
BACK = {"delay": {"Note": 1.6}}


def data(lab: Lab, value: str = "one") -> Stack:
    return lab.stack(
        "data", {"Note": lab.note(value), "Late": {**lab.note(value), "DependsOn": "Note"}}
    )


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
    body = lab.stack("data", {"Group": group}).template.text
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


def creating(lab: Lab, faults: Faults, **options: Any) -> None:
    faults({**SLOW, **options.pop("also", {})})
    text = data(lab).template.text
    lab.client("cloudformation").create_stack(StackName="lab-data", TemplateBody=text, **options)
    wait_for(lab, "CREATE_IN_PROGRESS")


def updating(lab: Lab, faults: Faults, **options: Any) -> None:
    created(lab, faults)
    faults({**SLOW, **options.pop("also", {})})
    text = data(lab, "two").template.text
    lab.client("cloudformation").update_stack(StackName="lab-data", TemplateBody=text, **options)
    wait_for(lab, "UPDATE_IN_PROGRESS")


def deleting(lab: Lab, faults: Faults) -> None:
    created(lab, faults)
    faults(SLOW)
    lab.client("cloudformation").delete_stack(StackName="lab-data")
    wait_for(lab, "DELETE_IN_PROGRESS")


def rolling_back(lab: Lab, faults: Faults) -> None:
    creating(lab, faults, also={"delay": {"Late": 0.3}, "create:Late": "no"})
    faults({**BACK, "create:Late": "no"})
    wait_for(lab, "ROLLBACK_IN_PROGRESS")


def rolling_back_update(lab: Lab, faults: Faults) -> None:
    updating(lab, faults, also={"delay": {"Late": 0.3}, "update:Late": "no"})
    faults({**BACK, "update:Late": "no"})
    wait_for(lab, "UPDATE_ROLLBACK_IN_PROGRESS")


def rolled_back(lab: Lab, faults: Faults) -> None:
    faults({"create:Late": "no"})
    lab.deploy(data(lab))


def not_rolled_back(lab: Lab, faults: Faults) -> None:
    faults({"create:Late": "no", "delete:Note": "stuck"})
    lab.deploy(data(lab))


def create_failed(lab: Lab, faults: Faults) -> None:
    creating(lab, faults, DisableRollback=True, also={"create:Late": "no"})
    wait_for(lab, "CREATE_FAILED")


def rolled_back_update(lab: Lab, faults: Faults) -> None:
    created(lab, faults)
    faults({"update:Late": "no"})
    lab.deploy(data(lab, "two"))


def not_rolled_back_update(lab: Lab, faults: Faults) -> None:
    created(lab, faults)
    faults({"update:Late": "no", "delay": {"Late": 0.3}})
    deployment = lab.deployment(data(lab, "two"))
    for message in deployment.carry_out(lab.plan(deployment)):
        if isinstance(message, Progress) and message.event.status == "UPDATE_COMPLETE":
            faults({"update:Note": "stuck"})  # it went there, and does not come back


def update_failed(lab: Lab, faults: Faults) -> None:
    updating(lab, faults, DisableRollback=True, also={"update:Late": "no"})
    wait_for(lab, "UPDATE_FAILED")


def delete_failed(lab: Lab, faults: Faults) -> None:
    created(lab, faults)
    faults({"delete:Note": "stuck"})
    lab.client("cloudformation").delete_stack(StackName="lab-data")
    wait_for(lab, "DELETE_FAILED")


REAL: dict[str, Callable[[Lab, Faults], None]] = {
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


def wait_for(lab: Lab, status: str) -> None:
    deadline = time.monotonic() + 10
    while (now := lab.status("data")) != status:
        assert time.monotonic() < deadline, f"{now} instead of {status}"
        time.sleep(0.02)


def at_rest(lab: Lab) -> str:
    """The stack's status once nothing is in progress any more."""
    deadline = time.monotonic() + 10
    status = lab.status("data")
    while status.endswith("IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        assert time.monotonic() < deadline
        time.sleep(0.02)
        status = lab.status("data")
    return status
