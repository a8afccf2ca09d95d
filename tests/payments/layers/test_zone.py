from collections.abc import Callable
from typing import Any

import pytest

Template = dict[str, Any]


@pytest.fixture
def zone(template: Callable[[str], Template]) -> Template:
    return template("zone")


def test_3_no_hosted_zone_without_a_delegation_story(zone: Template) -> None:
    delegation = zone["Resources"]["Delegation"]
    assert delegation["Condition"] == "HasParentZoneId"
    assert delegation["Properties"] == {
        "HostedZoneId": {"Ref": "ParentZoneId"},
        "Name": {"Ref": "DomainName"},
        "Type": "NS",
        "TTL": "3600",
        "ResourceRecords": {"Fn::GetAtt": ["HostedZone", "NameServers"]},
    }
    assert zone["Conditions"]["HasParentZoneId"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "ParentZoneId"}, ""]}]
    }
    outputs = zone["Outputs"]
    assert outputs["NameServers"]["Value"] == {
        "Fn::Join": [",", {"Fn::GetAtt": ["HostedZone", "NameServers"]}]
    }
    assert outputs["DelegationRecorded"]["Value"] == {
        "Fn::If": ["HasParentZoneId", "true", "false"]
    }


@pytest.mark.parametrize(("parent", "recorded"), [("", "false"), ("Z0PARENT", "true")])
def test_the_delegation_is_recorded_where_the_parent_is_known(
    see: Callable[..., Any], parent: str, recorded: str
) -> None:
    seen = see("zone", "dev", ParentZoneId=parent)
    assert ("Delegation" in seen.resources) is (parent != "")
    assert seen.outputs["DelegationRecorded"]["Value"] == recorded
