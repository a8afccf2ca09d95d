"""Route 53: zones with tags and import, groups of records, health checks (which never run)."""

from __future__ import annotations

import uuid
from typing import Any

from tapgen.local import internals
from tapgen.local.caller import call
from tapgen.local.internals.services import zones
from tapgen.local.provisioner import (
    Extension,
    Import,
    Properties,
    Provisioned,
    Provisioner,
    changed,
    only,
    tag_list,
)

_RECORD = "AWS::Route53::RecordSet"
_ZONE = "AWS::Route53::HostedZone"


def _retag(kind: str, identifier: str, name: str, old: Properties, new: Properties) -> None:
    """Update the tags of a resource from its property `name`."""
    kept = tag_list(new, name)
    gone = {tag["Key"] for tag in tag_list(old, name)} - {tag["Key"] for tag in kept}
    call(
        "route53",
        "ChangeTagsForResource",
        ResourceType=kind,
        ResourceId=identifier,
        AddTags=kept,
        **({"RemoveTagKeys": sorted(gone)} if gone else {}),
    )


def _tag_zone(identifier: str, old: Properties, new: Properties) -> None:
    _retag("hostedzone", identifier, "HostedZoneTags", old, new)


def _delete_zone(identifier: str, _properties: Properties) -> None:
    call("route53", "DeleteHostedZone", Id=identifier)


def _zone_attributes(identifier: str, _properties: Properties) -> dict[str, Any]:
    return {"Id": identifier, "NameServers": zones.name_servers()}


def _adopt_zone(identifier: str) -> Provisioned:
    return identifier, _zone_attributes(identifier, {})


def _zone_problem(identifier: str) -> str | None:
    if zones.zone_exists(identifier):
        return None
    return f"Resource of type '{_ZONE}' with identifier '{identifier}' was not found."


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


def _tag_check(identifier: str, old: Properties, new: Properties) -> None:
    _retag("healthcheck", identifier, "HealthCheckTags", old, new)


def _create_check(properties: Properties) -> Provisioned:
    made = call(
        "route53",
        "CreateHealthCheck",
        CallerReference=uuid.uuid4().hex,
        HealthCheckConfig=properties["HealthCheckConfig"],
    )
    identifier = made["HealthCheck"]["Id"]
    _tag_check(identifier, {}, properties)
    return identifier, {"HealthCheckId": identifier}


def _update_check(identifier: str, old: Properties, new: Properties) -> Provisioned:
    fixed = {"Type", "MeasureLatency", "RequestInterval"}
    settings = {k: v for k, v in new["HealthCheckConfig"].items() if k not in fixed}
    if changed(old, new, "HealthCheckConfig"):
        call("route53", "UpdateHealthCheck", HealthCheckId=identifier, **settings)
    _tag_check(identifier, old, new)
    return identifier, {"HealthCheckId": identifier}


def _delete_check(identifier: str, _properties: Properties) -> None:
    call("route53", "DeleteHealthCheck", HealthCheckId=identifier)


PROVISIONERS = (
    Extension(
        type=_ZONE,
        apply=_tag_zone,
        attributes=_zone_attributes,
        delete=_delete_zone,
        tags="HostedZoneTags",
        imports=Import(key="Id", adopt=_adopt_zone, problem=_zone_problem),
    ),
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
