"""Importing existing resources: refused as on AWS, and without changing them.

An import records the template and applies none of it. The next update compares template with
template ("CloudFormation doesn't check that the template configuration matches the
actual configuration of resources", user guide, Import AWS resources into a CloudFormation stack).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import cloudwatch_logs, cognito, ecr, efs, kinesis, kms, rds, sqs
from ministack.services.cloudformation import changesets, handlers, provisioners, stacks

from tapgen.local.internals import HANDLERS, IMPORT_LOOKUPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_KEY = "AWS::KMS::Key"
# AWS's message for the first is from github.com/aws/aws-cdk/issues/24954. Its message for topics is
# not known: they are refused to be on the safe side.
_FROZEN = {"RoleARN": "RoleArn", "NotificationARNs": "NotificationARNs"}


def refuse_what_aws_refuses(required: Callable[[str], Iterable[str]]) -> None:
    """Refuse an import with a role or topics, without required properties, or of a deleted key.

    `required` returns the required properties of a type. MiniStack refuses tags and outputs.
    """
    create = handlers._ACTION_HANDLERS["CreateChangeSet"]
    _, absent = IMPORT_LOOKUPS[_KEY]

    def creating(params: dict[str, Any]) -> Any:
        if handlers._p(params, "ChangeSetType") != "IMPORT":
            return create(params)
        given = {name.partition(".")[0] for name in params}
        if frozen := [told for name, told in _FROZEN.items() if name in given]:
            return handlers._error(
                "ValidationError",
                f"As part of the import operation, you cannot modify or add [{', '.join(frozen)}]",
            )
        answer = create(params)
        names = (handlers._p(params, name) for name in ("ChangeSetName", "StackName"))
        _, change_set = changesets._find_change_set(*names)
        if change_set and (problem := _lacking(change_set, required)):
            change_set |= {
                "Status": "FAILED",
                "ExecutionStatus": "UNAVAILABLE",
                "StatusReason": problem,
                "Changes": [],
            }
        return answer

    def key_problem(identifier: str) -> str | None:
        # The handler of keys does not find a key that is pending deletion.
        if kms._keys.get(identifier, {}).get("KeyState") == "PendingDeletion":
            return str(changesets._IMPORT_NOT_FOUND.format(type=_KEY, value=identifier))
        return None if (problem := absent(identifier)) is None else str(problem)

    handlers._ACTION_HANDLERS["CreateChangeSet"] = creating
    IMPORT_LOOKUPS[_KEY] = (("KeyId",), key_problem)


def refuse_wrong_identifiers(identifier: Callable[[str], Iterable[str]]) -> None:
    """Refuse an import that does not name each property that identifies a resource.

    `identifier` returns these properties of a type. The message is from
    https://github.com/aws/aws-cdk/issues/20895. MiniStack checks only some types.
    """
    changes_of = changesets._import_changes

    def checked(entries: list[dict[str, Any]], template: Any, changes: Any) -> Any:
        for entry in entries:
            kind = entry["ResourceType"]
            wanted = [*identifier(kind)]
            if wanted and sorted(entry["ResourceIdentifier"]) != sorted(wanted):
                raise ValueError(
                    f"Invalid resource identifier for resource type {kind}. "
                    f"Expected [{', '.join(wanted)}]"
                )
        return changes_of(entries, template, changes)

    changesets._import_changes = checked


def _lacking(change_set: dict[str, Any], required: Callable[[str], Iterable[str]]) -> str:
    for entry in change_set["_resources_to_import"]:
        name, kind = entry["LogicalResourceId"], entry["ResourceType"]
        given = change_set["_template"]["Resources"][name].get("Properties", {})
        if lacking := [f"[{one}]" for one in required(kind) if one not in given]:
            return (
                f"Properties validation failed for resource {name} with message: "
                f"#: required key {', '.join(lacking)} not found"
            )
    return ""


def import_more_types() -> None:
    """Let stacks import databases, streams, image repositories and file systems."""
    for kind, (key, store, attributes) in _STORES.items():
        HANDLERS[kind]["import"] = _adopting(key, store, attributes)
        IMPORT_LOOKUPS[kind] = ((key,), _absence(kind, store))


def _adopting(
    key: str, store: Any, attributes: Callable[[Any], dict[str, Any]]
) -> Callable[[dict[str, Any]], Any]:
    return lambda identifier: (identifier[key], attributes(store[identifier[key]]))


def _absence(kind: str, store: Any) -> Callable[[str], str | None]:
    def problem(identifier: str) -> str | None:
        if identifier in store:
            return None
        return str(changesets._IMPORT_NOT_FOUND.format(type=kind, value=identifier))

    return problem


def update_differences_only() -> None:
    """Let an update ignore properties that both templates share, even if the resource differs.

    MiniStack's handlers of some types set every property in the new template.
    """
    update = stacks._update_resource

    def updating(kind: str, identifier: str, old: Any, new: Any, stack: str, *rest: Any) -> Any:
        live = _LIVE[kind](identifier) if kind in _LIVE and old != new else {}
        same = {name: live[name] for name in live if name in new and old.get(name) == new[name]}
        return update(kind, identifier, {**old, **same}, {**new, **same}, stack, *rest)

    stacks._update_resource = updating


def _live_key(identifier: str) -> dict[str, Any]:
    key = kms._keys[identifier]
    return {
        "Description": key["Description"],
        "KeyPolicy": key["Policy"],
        "EnableKeyRotation": key.get("KeyRotationEnabled", False),
        "RotationPeriodInDays": key.get("RotationPeriodInDays"),
        "Tags": [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in key["Tags"]],
    }


def _live_log_group(name: str) -> dict[str, Any]:
    group = cloudwatch_logs._log_groups[name]
    return {"RetentionInDays": group.get("retentionInDays"), "KmsKeyId": group.get("kmsKeyId")}


# Type -> the properties of the resource with this physical id, for handlers that set everything.
_LIVE: dict[str, Callable[[str], dict[str, Any]]] = {
    _KEY: _live_key,
    "AWS::Cognito::UserPool": lambda identifier: dict(cognito._user_pools[identifier]),
    "AWS::Logs::LogGroup": _live_log_group,
    "AWS::SQS::Queue": lambda url: dict(sqs._queues[url]["attributes"]),
}

# Type -> the property that identifies a resource, the records, and the attributes of Fn::GetAtt.
_STORES: dict[str, tuple[str, Any, Callable[[Any], dict[str, Any]]]] = {
    "AWS::ECR::Repository": (
        "RepositoryName",
        ecr._repositories,
        lambda found: {"Arn": found["repositoryArn"], "RepositoryUri": found["repositoryUri"]},
    ),
    "AWS::EFS::FileSystem": (
        "FileSystemId",
        efs._file_systems,
        lambda found: {"Arn": found["FileSystemArn"], "FileSystemId": found["FileSystemId"]},
    ),
    "AWS::Kinesis::Stream": (
        "Name",
        kinesis._streams,
        lambda found: {"Arn": found["StreamARN"]},
    ),
    "AWS::RDS::DBCluster": (
        "DBClusterIdentifier",
        rds._clusters,
        provisioners._rds_db_cluster_attrs,
    ),
    "AWS::RDS::DBInstance": (
        "DBInstanceIdentifier",
        rds._instances,
        provisioners._rds_db_instance_attrs,
    ),
    "AWS::RDS::DBSubnetGroup": (
        "DBSubnetGroupName",
        rds._subnet_groups,
        lambda found: {"DBSubnetGroupArn": found["DBSubnetGroupArn"]},
    ),
}
