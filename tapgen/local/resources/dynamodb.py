"""DynamoDB tables: recovery, encryption, expiry, and protection that really protects."""

from __future__ import annotations

from tapgen.local.caller import call, typed
from tapgen.local.provisioner import Extension, Properties, changed, truth


def _normalize(properties: Properties) -> Properties:
    table = typed("dynamodb", "CreateTable", dict(properties))
    if encryption := properties.get("SSESpecification"):
        # CloudFormation says SSEEnabled where the API says Enabled.
        settings = {key: value for key, value in encryption.items() if key != "SSEEnabled"}
        table["SSESpecification"] = {**settings, "Enabled": truth(encryption["SSEEnabled"])}
    return table


def _apply(name: str, old: Properties, new: Properties) -> None:
    if not old and "SSESpecification" in new:
        call("dynamodb", "UpdateTable", TableName=name, SSESpecification=new["SSESpecification"])
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
    call("dynamodb", "DeleteTable", TableName=name)


PROVISIONERS = (
    Extension(
        type="AWS::DynamoDB::Table",
        normalize=_normalize,
        apply=_apply,
        delete=_delete,
    ),
)
