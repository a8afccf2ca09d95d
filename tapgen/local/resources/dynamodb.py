"""DynamoDB tables: recovery, encryption, expiry, effective protection, changes of indexes."""

from __future__ import annotations

from tapgen.local.caller import call, typed
from tapgen.local.internals.services import tables
from tapgen.local.provisioner import Extension, Properties, changed, truth


def _normalize(properties: Properties) -> Properties:
    table = typed("dynamodb", "CreateTable", dict(properties))
    if encryption := properties.get("SSESpecification"):
        # SSEEnabled in CloudFormation is Enabled in the API.
        settings = {key: value for key, value in encryption.items() if key != "SSEEnabled"}
        table["SSESpecification"] = {**settings, "Enabled": truth(encryption["SSEEnabled"])}
    return table


def _check(old: Properties, new: Properties) -> None:
    """Refuse what the handler of AWS::DynamoDB::Table refuses before it calls DynamoDB.

    The messages are CloudFormation's, as reported in aws/aws-cdk#12246 and
    aws-amplify/amplify-cli#11384.
    """
    before, after = _indexes(old), _indexes(new)
    if old and len(before.keys() ^ after.keys()) > 1:
        raise ValueError("Cannot perform more than one GSI creation or deletion in a single update")
    for name in before.keys() & after.keys():
        if changed(before[name], after[name], "KeySchema", "Projection"):
            raise ValueError(
                "Cannot update GSI's properties other than Provisioned Throughput and Contributor "
                "Insights Specification. You can create a new GSI with a different name."
            )


def _indexes(table: Properties) -> dict[str, Properties]:
    return {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}


def _apply(name: str, old: Properties, new: Properties) -> None:
    if not old and "SSESpecification" in new:
        call("dynamodb", "UpdateTable", TableName=name, SSESpecification=new["SSESpecification"])
        tables.wait_until_active(name)
    if changed(old, new, "PointInTimeRecoverySpecification"):
        recovery = new.get("PointInTimeRecoverySpecification", {})
        call(
            "dynamodb",
            "UpdateContinuousBackups",
            TableName=name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False, **recovery},
        )
    if changed(old, new, "TimeToLiveSpecification"):
        gone = {**old.get("TimeToLiveSpecification", {}), "Enabled": False}
        expiry = new.get("TimeToLiveSpecification", gone)
        call("dynamodb", "UpdateTimeToLive", TableName=name, TimeToLiveSpecification=expiry)


def _delete(name: str, _properties: Properties) -> None:
    tables.wait_until_active(name)
    call("dynamodb", "DeleteTable", TableName=name)


PROVISIONERS = (
    Extension(
        type="AWS::DynamoDB::Table",
        normalize=_normalize,
        check=_check,
        apply=_apply,
        delete=_delete,
    ),
)
