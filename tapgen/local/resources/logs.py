"""CloudWatch Logs: deletion protection, and the log delivery for CloudFront's logs v2."""

from __future__ import annotations

from typing import Any

from tapgen.local.caller import call
from tapgen.local.provisioner import (
    Extension,
    Properties,
    Provisioned,
    Provisioner,
    changed,
    tag_list,
)

_DELIVERY = {"RecordFields": "recordFields", "FieldDelimiter": "fieldDelimiter"}
_DELIVERY_TO_S3 = {
    "S3SuffixPath": "suffixPath",
    "S3EnableHiveCompatiblePath": "enableHiveCompatiblePath",
}


def _tags(properties: Properties) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tag_list(properties)}


def _renamed(properties: Properties, names: dict[str, str]) -> dict[str, Any]:
    return {api: properties[name] for name, api in names.items() if name in properties}


def _put_source(properties: Properties) -> Provisioned:
    made = call(
        "logs",
        "PutDeliverySource",
        name=properties["Name"],
        resourceArn=properties["ResourceArn"],
        logType=properties["LogType"],
        tags=_tags(properties),
    )["deliverySource"]
    attributes = {name: made[name[0].lower() + name[1:]] for name in ("Arn", "Service")}
    return made["name"], {**attributes, "ResourceArns": made["resourceArns"]}


def _delete_source(identifier: str, _properties: Properties) -> None:
    call("logs", "DeleteDeliverySource", name=identifier)


def _put_destination(properties: Properties) -> Provisioned:
    made = call(
        "logs",
        "PutDeliveryDestination",
        name=properties["Name"],
        deliveryDestinationConfiguration={
            "destinationResourceArn": properties["DestinationResourceArn"]
        },
        **_renamed(properties, {"OutputFormat": "outputFormat"}),
        tags=_tags(properties),
    )["deliveryDestination"]
    return made["name"], {"Arn": made["arn"]}


def _delete_destination(identifier: str, _properties: Properties) -> None:
    call("logs", "DeleteDeliveryDestination", name=identifier)


def _delivery_settings(properties: Properties) -> dict[str, Any]:
    to_s3 = _renamed(properties, _DELIVERY_TO_S3)
    nested = {"s3DeliveryConfiguration": to_s3} if to_s3 else {}
    return {**_renamed(properties, _DELIVERY), **nested}


def _create_delivery(properties: Properties) -> Provisioned:
    made = call(
        "logs",
        "CreateDelivery",
        deliverySourceName=properties["DeliverySourceName"],
        deliveryDestinationArn=properties["DeliveryDestinationArn"],
        **_delivery_settings(properties),
        tags=_tags(properties),
    )["delivery"]
    return made["id"], {
        "DeliveryId": made["id"],
        "Arn": made["arn"],
        "DeliveryDestinationType": made["deliveryDestinationType"],
    }


def _update_delivery(identifier: str, old: Properties, new: Properties) -> Provisioned:
    # MiniStack has no UpdateDeliveryConfiguration: the delivery is created again, with a new id.
    _delete_delivery(identifier, old)
    return _create_delivery(new)


def _delete_delivery(identifier: str, _properties: Properties) -> None:
    call("logs", "DeleteDelivery", id=identifier)


def _protect(name: str, old: Properties, new: Properties) -> None:
    if changed(old, new, "DeletionProtectionEnabled"):
        call(
            "logs",
            "PutLogGroupDeletionProtection",
            logGroupIdentifier=name,
            deletionProtectionEnabled=new.get("DeletionProtectionEnabled", False),
        )


def _delete_group(name: str, _properties: Properties) -> None:
    call("logs", "DeleteLogGroup", logGroupName=name)


PROVISIONERS = (
    Extension(type="AWS::Logs::LogGroup", apply=_protect, delete=_delete_group),
    Provisioner(
        type="AWS::Logs::DeliverySource",
        create=_put_source,
        update=lambda _identifier, _old, new: _put_source(new),
        delete=_delete_source,
        tags="Tags",
    ),
    Provisioner(
        type="AWS::Logs::DeliveryDestination",
        create=_put_destination,
        update=lambda _identifier, _old, new: _put_destination(new),
        delete=_delete_destination,
        tags="Tags",
    ),
    Provisioner(
        type="AWS::Logs::Delivery",
        create=_create_delivery,
        update=_update_delivery,
        delete=_delete_delivery,
        tags="Tags",
    ),
)
