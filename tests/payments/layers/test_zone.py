from collections.abc import Callable
from typing import Any

import pytest

Template = dict[str, Any]


@pytest.fixture
def zone(template: Callable[[str], Template]) -> Template:
    return template("zone")


def test_the_zone_is_the_domains_and_outlives_its_stack(zone: Template) -> None:
    resource = zone["Resources"]["HostedZone"]
    assert resource["Properties"]["Name"] == {"Ref": "DomainName"}
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_the_zone_carries_the_five_tags_under_its_own_property(zone: Template) -> None:
    tags = zone["Resources"]["HostedZone"]["Properties"]["HostedZoneTags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "CostCenter": {"Ref": "CostCenter"},
        "Environment": {"Ref": "EnvironmentName"},
        "Layer": "zone",
        "ManagedBy": "tapgen",
        "Project": {"Ref": "Project"},
    }


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


def test_it_gives_the_zones_id(zone: Template) -> None:
    assert zone["Outputs"]["HostedZoneId"]["Value"] == {"Ref": "HostedZone"}
    assert set(zone["Outputs"]) == {"HostedZoneId", "NameServers", "DelegationRecorded"}


@pytest.mark.parametrize(("parent", "recorded"), [("", "false"), ("Z0PARENT", "true")])
def test_the_delegation_is_recorded_where_the_parent_is_known(
    see: Callable[..., Any], parent: str, recorded: str
) -> None:
    seen = see("zone", "dev", ParentZoneId=parent)
    assert ("Delegation" in seen.resources) is (parent != "")
    assert seen.outputs["DelegationRecorded"]["Value"] == recorded
