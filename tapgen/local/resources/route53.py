"""Route 53: groups of records, and health checks (kept, never run)."""

from __future__ import annotations

import uuid

from tapgen.local import internals
from tapgen.local.caller import call
from tapgen.local.provisioner import Properties, Provisioned, Provisioner, changed, only, tag_list

_RECORD = "AWS::Route53::RecordSet"


def _records(properties: Properties) -> list[Properties]:
    zone = only(properties, "HostedZoneId", "HostedZoneName")
    return [{**zone, **record} for record in properties.get("RecordSets", [])]


def _write(records: list[Properties]) -> None:
    for record in records:
        internals.HANDLERS[_RECORD]["create"]("", record, "")


def _erase(records: list[Properties]) -> None:
    for record in records:
        internals.HANDLERS[_RECORD]["delete"](record["Name"], record)


def _create_group(properties: Properties) -> Provisioned:
    _write(_records(properties))
    identifier = f"record-set-group-{uuid.uuid4().hex[:12]}"
    return identifier, {"Id": identifier}


def _update_group(identifier: str, old: Properties, new: Properties) -> Provisioned:
    _erase(_records(old))
    _write(_records(new))
    return identifier, {"Id": identifier}


def _delete_group(_identifier: str, properties: Properties) -> None:
    _erase(_records(properties))


def _retag(identifier: str, old: Properties, new: Properties) -> None:
    if changed(old, new, "HealthCheckTags"):
        kept = tag_list(new, "HealthCheckTags")
        gone = {t["Key"] for t in tag_list(old, "HealthCheckTags")} - {t["Key"] for t in kept}
        call(
            "route53",
            "ChangeTagsForResource",
            ResourceType="healthcheck",
            ResourceId=identifier,
            **({"AddTags": kept} if kept else {}),
            **({"RemoveTagKeys": sorted(gone)} if gone else {}),
        )


def _create_check(properties: Properties) -> Provisioned:
    made = call(
        "route53",
        "CreateHealthCheck",
        CallerReference=uuid.uuid4().hex,
        HealthCheckConfig=properties["HealthCheckConfig"],
    )
    identifier = made["HealthCheck"]["Id"]
    _retag(identifier, {}, properties)
    return identifier, {"HealthCheckId": identifier}


def _update_check(identifier: str, old: Properties, new: Properties) -> Provisioned:
    fixed = {"Type", "MeasureLatency", "RequestInterval"}
    settings = {k: v for k, v in new["HealthCheckConfig"].items() if k not in fixed}
    if changed(old, new, "HealthCheckConfig"):
        call("route53", "UpdateHealthCheck", HealthCheckId=identifier, **settings)
    _retag(identifier, old, new)
    return identifier, {"HealthCheckId": identifier}


def _delete_check(identifier: str, _properties: Properties) -> None:
    call("route53", "DeleteHealthCheck", HealthCheckId=identifier)


PROVISIONERS = (
    Provisioner(
        type="AWS::Route53::RecordSetGroup",
        create=_create_group,
        update=_update_group,
        delete=_delete_group,
    ),
    Provisioner(
        type="AWS::Route53::HealthCheck",
        create=_create_check,
        update=_update_check,
        delete=_delete_check,
        tags="HealthCheckTags",
    ),
)
