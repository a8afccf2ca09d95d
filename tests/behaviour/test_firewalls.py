"""Web ACLs: what they search for, in which spelling, and where they log."""

from __future__ import annotations

from typing import Any, Final

from tests.behaviour.account import Aws, refused
from tests.behaviour.facts import documented, fact

SPELLINGS: Final = (
    "https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2537"
)
GUIDE: Final = "https://docs.aws.amazon.com/waf/latest/developerguide"
VISIBLE: Final = {
    "CloudWatchMetricsEnabled": False,
    "SampledRequestsEnabled": False,
    "MetricName": "test",
}


def searching(name: str, **spelled: str) -> dict[str, Any]:
    """A web ACL with one rule, which looks for a string in the path."""
    match = {
        **spelled,
        "FieldToMatch": {"UriPath": {}},
        "PositionalConstraint": "EXACTLY",
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
    }
    rule = {
        "Name": "path",
        "Priority": 0,
        "Action": {"Block": {}},
        "Statement": {"ByteMatchStatement": match},
        "VisibilityConfig": VISIBLE,
    }
    properties = {
        "Name": name,
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": VISIBLE,
        "Rules": [rule],
    }
    acl = {"Type": "AWS::WAFv2::WebACL", "Properties": properties}
    return {
        "Resources": {"Acl": acl},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Acl", "Arn"]}}},
    }


@fact(documented(SPELLINGS), seconds=45)
def test_a_rule_searches_for_a_string_in_one_spelling(aws: Aws) -> None:
    stack = aws.stack()
    both = searching(aws.name("acl"), SearchString="x", SearchStringBase64="eA==")
    made = stack.deploy(both, "CREATE")
    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    words = "exactly one of SearchString and SearchStringBase64"
    assert words in stack.reasons()["Acl"]


@fact(documented(SPELLINGS), seconds=90, dollars=0.01)
def test_the_string_that_a_rule_searches_for_reads_back_in_both_spellings(aws: Aws) -> None:
    stack = aws.stack()
    stack.create(searching(aws.name("acl"), SearchString="x"))
    begun = stack.api.detect_stack_drift(StackName=stack.name)["StackDriftDetectionId"]

    def ended() -> bool:
        answer = stack.api.describe_stack_drift_detection_status(StackDriftDetectionId=begun)
        return bool(answer["DetectionStatus"] != "DETECTION_IN_PROGRESS")

    aws.until(ended, "the drift detection")
    (found,) = stack.api.describe_stack_resource_drifts(StackName=stack.name)["StackResourceDrifts"]
    added = {
        one["PropertyPath"].rpartition("/")[2]
        for one in found.get("PropertyDifferences", [])
        if one["DifferenceType"] == "ADD"
    }
    assert "SearchStringBase64" in added


@fact(documented(f"{GUIDE}/logging-cw-logs.html"), seconds=45, dollars=0.01)
def test_what_a_web_acl_logs_into_has_a_name_that_says_so(aws: Aws) -> None:
    stack, name = aws.stack(), aws.making("log group", aws.name("logs"))
    stack.create(searching(aws.name("acl"), SearchString="x"))
    aws.client("logs").create_log_group(logGroupName=name)
    group = f"arn:aws:logs:{aws.region}:{aws.account}:log-group:{name}"
    configuration = {"ResourceArn": stack.outputs()["Arn"], "LogDestinationConfigs": [group]}
    with refused("WAFInvalidParameterException"):
        aws.client("wafv2").put_logging_configuration(LoggingConfiguration=configuration)
