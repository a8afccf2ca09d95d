"""Hosted zones and records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tapgen.aws.readers.values import AbsentError, Properties, same_name, tags
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs


def hosted_zone(region: Region, zone_id: str, declared: Mapping[str, Any]) -> Properties:
    client = region.client("route53")
    found = client.get_hosted_zone(Id=zone_id)["HostedZone"]
    tagged = client.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone_id)
    wanted = {"Tags": declared.get("HostedZoneTags", [])}
    return {
        "Name": same_name(found["Name"], declared.get("Name")),
        "HostedZoneConfig": {"Comment": found.get("Config", {}).get("Comment")},
        "HostedZoneTags": tags(pairs(tagged["ResourceTagSet"]["Tags"]), wanted),
    }


def record_set(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    answer = region.client("route53").list_resource_record_sets(
        HostedZoneId=declared["HostedZoneId"],
        StartRecordName=declared["Name"],
        StartRecordType=declared["Type"],
        MaxItems="1",
    )
    for found in answer["ResourceRecordSets"]:
        name = same_name(found["Name"], declared["Name"])
        if name == declared["Name"] and found["Type"] == declared["Type"]:
            return _record(found, declared) | {"Name": name, "Type": found["Type"]}
    raise AbsentError


def _record(found: Mapping[str, Any], declared: Mapping[str, Any]) -> Properties:
    if "AliasTarget" in found:
        wanted = declared.get("AliasTarget", {}).get("DNSName")
        target = found["AliasTarget"]
        return {"AliasTarget": {**target, "DNSName": same_name(target["DNSName"], wanted)}}
    return {
        "TTL": found["TTL"],
        "ResourceRecords": [record["Value"] for record in found["ResourceRecords"]],
    }
