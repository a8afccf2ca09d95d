"""CreateChangeSet as on AWS: refusals, repeated requests, and changes of outputs only."""

from __future__ import annotations

from typing import Any

from ministack.services import iam
from ministack.services.cloudformation import changesets, handlers

_NO_CHANGES = "didn't contain changes"
_SERVICE = "cloudformation.amazonaws.com"
_GONE = "DELETE_COMPLETE"
_UNDER_REVIEW = "REVIEW_IN_PROGRESS"
_STUCK = frozenset(
    {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"}
)
_TOKEN = "_client_token"  # noqa: S105 - the name of a field


def update_for_outputs() -> None:
    """Make a change set executable that changes only an output.

    CloudFormation creates such a change set without changes. MiniStack compares only resources.
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
    """Answer a repeated request with the change set that it has already created.

    This is the purpose of ClientToken (CloudFormation API reference, CreateChangeSet): a client
    that lost the response sends the request again. A different request for the same name is refused
    with the message that users of the CDK report (https://github.com/aws/aws-cdk-cli/pull/1404);
    for a template that differs, see https://github.com/saksdirect/nova/issues/10. MiniStack refuses
    every second request.
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


def refuse_unknown_roles() -> None:
    """Refuse a role that does not exist, or that does not trust CloudFormation.

    The message is from https://repost.aws/knowledge-center/cloudformation-role-arn-error.
    """
    create = handlers._ACTION_HANDLERS["CreateChangeSet"]

    def creating(params: dict[str, Any]) -> Any:
        arn = handlers._p(params, "RoleARN")
        if arn and not _assumable(arn):
            message = f"Role {arn} is invalid or cannot be assumed"
            return handlers._error("ValidationError", message)
        return create(params)

    handlers._ACTION_HANDLERS["CreateChangeSet"] = creating


def _assumable(arn: str) -> bool:
    role = iam._roles.get_scoped(arn.split(":")[4], None, arn.rpartition("/")[2])
    return role is not None and _SERVICE in str(role.get("AssumeRolePolicyDocument"))


def refuse_by_status() -> None:
    """Refuse a change set for a stack whose status does not allow it, with AWS's messages.

    An existing stack is not created again (https://github.com/compose-x/ecs_composex/issues/785), a
    failed creation can only be deleted (https://github.com/aws/aws-cli/issues/6216), a stack in
    review does not exist (https://github.com/aws/aws-cdk/pull/7731), and an operation in progress
    must end first (https://github.com/ansible-collections/amazon.aws/pull/1910).
    """
    create = handlers._ACTION_HANDLERS["CreateChangeSet"]

    def creating(params: dict[str, Any]) -> Any:
        name, change_set = (handlers._p(params, key) for key in ("StackName", "ChangeSetName"))
        stack = handlers._resolve_stack(name) or {}
        kind = handlers._p(params, "ChangeSetType", "UPDATE")
        refused = _refusal(kind, name, change_set, stack)
        return handlers._error("ValidationError", refused) if refused else create(params)

    handlers._ACTION_HANDLERS["CreateChangeSet"] = creating


def _refusal(kind: str, name: str, change_set: str, stack: dict[str, Any]) -> str:
    """The reason why a stack accepts no change set of a kind; empty if it does."""
    status = stack.get("StackStatus", _GONE)
    if kind == "CREATE" and status not in {_GONE, _UNDER_REVIEW}:
        return (
            f"Stack [{name}] already exists and cannot be created again with the changeSet "
            f"[{change_set}]."
        )
    if kind == "UPDATE" and status == _UNDER_REVIEW:
        return f"Stack [{name}] does not exist"
    if kind == "UPDATE" and (status in _STUCK or status.endswith("_IN_PROGRESS")):
        return f"Stack:{stack['StackId']} is in {status} state and can not be updated."
    return ""


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
