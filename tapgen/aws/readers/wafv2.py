"""Web ACLs. The strings that rules search for are left out: the origin secret is one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tapgen.aws.readers.values import SECRET, Properties, only, tags
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs


def web_acl(region: Region, physical_id: str, declared: Mapping[str, Any]) -> Properties:
    """CloudFormation's id of a web ACL is `<name>|<id>|<scope>`."""
    name, identifier, scope = physical_id.split("|")
    client = region.client("wafv2")
    found = client.get_web_acl(Name=name, Id=identifier, Scope=scope)["WebACL"]
    tagged = client.list_tags_for_resource(ResourceARN=found["ARN"])["TagInfoForResource"]
    return {
        "Name": found["Name"],
        "Scope": scope,
        "Description": found.get("Description"),
        "DefaultAction": found["DefaultAction"],
        "CustomResponseBodies": found.get("CustomResponseBodies", {}),
        "Rules": _without_secrets(found["Rules"]),
        "VisibilityConfig": found["VisibilityConfig"],
        "Tags": tags(pairs(tagged["TagList"]), declared),
    }


def association(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    answer = region.client("wafv2").get_web_acl_for_resource(ResourceArn=declared["ResourceArn"])
    return {"WebACLArn": answer.get("WebACL", {}).get("ARN")}


def logging(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    answer = region.client("wafv2").get_logging_configuration(ResourceArn=declared["ResourceArn"])
    found = answer["LoggingConfiguration"]
    return {
        "ResourceArn": found["ResourceArn"],
        "LogDestinationConfigs": [only(found["LogDestinationConfigs"])],
        "LoggingFilter": found.get("LoggingFilter"),
        "RedactedFields": found.get("RedactedFields", []),
    }


def _without_secrets(document: Any) -> Any:
    if isinstance(document, list):
        return [_without_secrets(item) for item in document]
    if not isinstance(document, dict):
        return document
    return {
        key: SECRET if key == "SearchString" else _without_secrets(value)
        for key, value in document.items()
    }
