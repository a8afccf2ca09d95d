"""Change sets that change outputs only."""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import changesets, handlers

_NO_CHANGES = "didn't contain changes"


def update_for_outputs() -> None:
    """Let a change set that changes no resource, but an output, be executable.

    CloudFormation makes such a change set with no changes in it; MiniStack looks at resources only.
    """
    create = handlers._ACTION_HANDLERS["CreateChangeSet"]

    def creating(params: dict[str, Any]) -> Any:
        answer = create(params)
        names = (handlers._p(params, name) for name in ("ChangeSetName", "StackName"))
        _, change_set = changesets._find_change_set(*names)
        if change_set and _NO_CHANGES in change_set["StatusReason"]:
            before = handlers._resolve_stack(change_set["StackId"])["_template"]
            if before.get("Outputs") != change_set["_template"].get("Outputs"):
                change_set |= {
                    "Status": "CREATE_COMPLETE",
                    "ExecutionStatus": "AVAILABLE",
                    "StatusReason": "",
                }
        return answer

    handlers._ACTION_HANDLERS["CreateChangeSet"] = creating
