"""The state of one stack in AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tapgen.aws.cloudformation.answers import one_line
from tapgen.model.deployed.stack_status import ABSENT
from tapgen.model.templates.seal import OUTPUT, is_seal

# A stack that was never created: it only has change sets for its creation.
UNDER_REVIEW: Final = "REVIEW_IN_PROGRESS"


@dataclass(frozen=True)
class StackState:
    """The state of a stack in AWS; status ABSENT and otherwise empty if there is none.

    `operations` are the ids of its last operations, for `failures`. `drift` is the result of the
    last drift detection (StackDriftStatus), empty if unknown. `seal` is that of its template (see
    `model.templates.seal`) and not among the outputs. `notification_arns` are the topics for its
    events, `role_arn` is the service role that CloudFormation uses.
    """

    name: str
    status: str = ABSENT
    stack_id: str = ""
    reason: str = ""
    parameters: Mapping[str, str] | None = None
    outputs: Mapping[str, str] | None = None
    tags: Mapping[str, str] | None = None
    termination_protection: bool = False
    updated: str = ""
    operations: tuple[str, ...] = ()
    drift: str = ""
    seal: str = ""
    notification_arns: tuple[str, ...] = ()
    role_arn: str = ""


def state_of(stack: Mapping[str, Any]) -> StackState:
    """One of the "Stacks" of DescribeStacks."""
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}
    return StackState(
        name=stack["StackName"],
        status=stack["StackStatus"],
        stack_id=stack["StackId"],
        reason=one_line(stack.get("StackStatusReason", "")),
        parameters={
            p["ParameterKey"]: p.get("ParameterValue", "") for p in stack.get("Parameters", [])
        },
        seal=outputs.pop(OUTPUT) if is_seal(outputs.get(OUTPUT, "")) else "",
        outputs=outputs,
        tags={t["Key"]: t["Value"] for t in stack.get("Tags", [])},
        termination_protection=bool(stack.get("EnableTerminationProtection", False)),
        operations=tuple(entry["OperationId"] for entry in stack.get("LastOperations", [])),
        updated=str(stack.get("LastUpdatedTime") or stack.get("CreationTime") or ""),
        drift=stack.get("DriftInformation", {}).get("StackDriftStatus", ""),
        notification_arns=tuple(stack.get("NotificationARNs", [])),
        role_arn=stack.get("RoleARN", ""),
    )
