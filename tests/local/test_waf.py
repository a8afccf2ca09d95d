"""WAFv2: web ACLs are associated, replaced and log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.local.conftest import Account

ACL: dict[str, Any] = {
    "Type": "AWS::WAFv2::WebACL",
    "Properties": {
        "Name": "acl",
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": {
            "CloudWatchMetricsEnabled": True,
            "MetricName": "acl",
            "SampledRequestsEnabled": True,
        },
        "Rules": [],
    },
}
STAGE = "arn:aws:apigateway:us-east-1::/restapis/abc/stages/v1"


def test_a_string_is_searched_for_in_one_spelling(account: Account) -> None:
    match = {"SearchString": "x", "SearchStringBase64": "eA=="}
    statement = {"NotStatement": {"Statement": {"ByteMatchStatement": match}}}
    rules = [{"Name": "r", "Priority": 1, "Statement": statement}]
    acl = {**ACL, "Properties": {**ACL["Properties"], "Rules": rules}}
    account.deploy("acl", {"Acl": acl})
    events = account.client("cloudformation").describe_stack_events(StackName="acl")["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    words = "You must only specify exactly one of SearchString and SearchStringBase64"
    assert any(words in reason for reason in reasons)


def test_a_web_acl_is_associated_and_logs(account: Account) -> None:
    waf = account.client("wafv2")

    def resources(destination: str) -> dict[str, Any]:
        arn = {"Fn::GetAtt": ["Acl", "Arn"]}
        return {
            "Acl": ACL,
            "Association": {
                "Type": "AWS::WAFv2::WebACLAssociation",
                "Properties": {"WebACLArn": arn, "ResourceArn": STAGE},
            },
            "Logging": {
                "Type": "AWS::WAFv2::LoggingConfiguration",
                "Properties": {
                    "ResourceArn": arn,
                    "LogDestinationConfigs": [f"arn:aws:logs:us-east-1:1:{destination}"],
                },
            },
        }

    outputs = {"Arn": {"Fn::GetAtt": ["Acl", "Arn"]}}
    stack = account.deploy("api", resources("log-group:aws-waf-logs-a"), outputs=outputs)
    account.deploy("api", resources("log-group:aws-waf-logs-b"), outputs=outputs)
    arn = stack["Outputs"]["Arn"]
    assert waf.get_web_acl_for_resource(ResourceArn=STAGE)["WebACL"]["ARN"] == arn
    logging = waf.get_logging_configuration(ResourceArn=arn)["LoggingConfiguration"]
    assert logging["LogDestinationConfigs"] == ["arn:aws:logs:us-east-1:1:log-group:aws-waf-logs-b"]
    assert waf.list_logging_configurations(Scope="REGIONAL")["LoggingConfigurations"] == [logging]
    bad = account.deploy("api", resources("log-group:other"), outputs=outputs)
    assert bad["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "aws-waf-logs-" in account.reasons("api")["Logging"]
    assert account.delete("api")["StackStatus"] == "DELETE_COMPLETE"
    for operation in (waf.get_logging_configuration, waf.delete_logging_configuration):
        with pytest.raises(ClientError, match="WAFNonexistentItem"):
            operation(ResourceArn=arn)


def test_a_web_acl_that_replaces_another_stays_when_the_old_association_goes(
    account: Account,
) -> None:
    def resources(chosen: str) -> dict[str, Any]:
        acls = {
            name: {"Type": ACL["Type"], "Properties": {**ACL["Properties"], "Name": name}}
            for name in ("First", "Second")
        }
        return {
            **acls,
            "Association": {
                "Type": "AWS::WAFv2::WebACLAssociation",
                "Properties": {
                    "WebACLArn": {"Fn::GetAtt": [chosen, "Arn"]},
                    "ResourceArn": STAGE,
                },
            },
        }

    account.deploy("api", resources("First"))
    account.deploy("api", resources("Second"))
    waf = account.client("wafv2")
    assert waf.get_web_acl_for_resource(ResourceArn=STAGE)["WebACL"]["Name"] == "Second"
    assert account.delete("api")["StackStatus"] == "DELETE_COMPLETE"
