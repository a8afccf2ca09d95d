"""CreateChangeSet as AWS answers it: a repeated request, and one that changes outputs only."""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import changesets, handlers

_NO_CHANGES = "didn't contain changes"
_TOKEN = "_client_token"  # noqa: S105 - the name of a field


def update_for_outputs() -> None:
    """Let a change set that changes no resource, but an output, be executable.

    CloudFormation makes such a change set with no changes in it; MiniStack looks at resources only.
    """
    create = handlers._ACTION_HANDLERS["CreateChangeSet"]

    def creating(params: dict[str, Any]) -> Any:
        answer = create(params)
        change_set = _named(params)
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


def know_repeated_requests() -> None:
    """Answer a request that is sent again with the change set that it has made already.

    That is what ClientToken is for (CloudFormation API reference, CreateChangeSet): whoever lost
    the answer asks again. Another request for the same name is refused in the words that users of
    the CDK report (https://github.com/aws/aws-cdk-cli/pull/1404); about a template that differs,
    see https://github.com/saksdirect/nova/issues/10. MiniStack refuses every second request.
    """
    create = handlers._ACTION_HANDLERS["CreateChangeSet"]

    def creating(params: dict[str, Any]) -> Any:
        token = handlers._p(params, "ClientToken")
        made = _named(params)
        if made and token:
            return _again(made, token, handlers._p(params, "TemplateBody"))
        answer = create(params)
        if token and (made := _named(params)):
            made[_TOKEN] = token
        return answer

    handlers._ACTION_HANDLERS["CreateChangeSet"] = creating


def _again(made: dict[str, Any], token: str, template: str) -> Any:
    differs = None
    if made.get(_TOKEN) != token:
        differs = "ClientToken"
    elif template and template != made["_template_body"]:
        differs = "Template"
    if differs:
        return handlers._error(
            "AlreadyExistsException",
            f"ChangeSet {made['ChangeSetName']} cannot be created due to a mismatch with existing "
            f"attribute {differs}",
        )
    ids = f"<Id>{made['ChangeSetId']}</Id><StackId>{made['StackId']}</StackId>"
    result = f"<CreateChangeSetResult>{ids}</CreateChangeSetResult>"
    return handlers._xml(200, "CreateChangeSetResponse", result)


def _named(params: dict[str, Any]) -> dict[str, Any] | None:
    """The change set that a request names."""
    names = (handlers._p(params, name) for name in ("ChangeSetName", "StackName"))
    _, change_set = changesets._find_change_set(*names)
    found: dict[str, Any] | None = change_set
    return found
