import json
import re
from collections.abc import Callable
from typing import Any

import pytest

Template = dict[str, Any]


@pytest.fixture
def observability(template: Callable[[str], Template]) -> Template:
    return template("observability")


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    return {
        resource["Properties"]["AlarmName"]["Fn::Sub"].removeprefix("${Prefix}-"): resource[
            "Properties"
        ]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


@pytest.mark.parametrize(
    ("name", "metric", "dimensions", "setting"),
    [
        *(
            (f"{function}-{suffix}", ("AWS/Lambda", metric, stat), {"FunctionName": ref}, setting)
            for function, ref in (
                ("payment-processor", "PaymentProcessorFunctionName"),
                ("session-manager", "SessionManagerFunctionName"),
            )
            for suffix, metric, stat, setting in (
                ("errors", "Errors", "Sum", "function_errors"),
                ("throttles", "Throttles", "Sum", "function_throttles"),
                ("duration-p99", "Duration", "p99", "function_duration_p99_ms"),
            )
        ),
        *(
            (
                f"{function}-dead-letters",
                ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"),
                {"QueueName": ref},
                "dead_letters",
            )
            for function, ref in (
                ("payment-processor", "PaymentProcessorDlqName"),
                ("session-manager", "SessionManagerDlqName"),
            )
        ),
        (
            "api-access-log-delay",
            ("AWS/Firehose", "DeliveryToS3.DataFreshness", "Maximum"),
            {"DeliveryStreamName": "AccessLogStreamName"},
            "access_log_delay_seconds",
        ),
        (
            "api-5xx",
            ("AWS/ApiGateway", "5XXError", "Sum"),
            {"ApiName": "ApiName", "Stage": "StageName"},
            "api_5xx",
        ),
    ],
)
def test_an_alarm_on_one_metric(
    observability: Template,
    name: str,
    metric: tuple[str, str, str],
    dimensions: dict[str, str],
    setting: str,
) -> None:
    alarm = alarms(observability)[name]
    *series, statistic = metric
    assert [alarm["Namespace"], alarm["MetricName"]] == series
    assert alarm["Dimensions"] == [
        {"Name": key, "Value": {"Ref": parameter}} for key, parameter in dimensions.items()
    ]
    kind = "ExtendedStatistic" if statistic == "p99" else "Statistic"
    assert alarm[kind] == statistic
    assert ("Statistic" in alarm) != ("ExtendedStatistic" in alarm)
    assert alarm["Period"] == 300
    threshold = alarm["Threshold"]["Ref"]
    assert observability["Metadata"]["tapgen"]["Settings"][threshold] == f"alarms.{setting}"


def test_the_firewalls_blocks_are_those_of_this_region(observability: Template) -> None:
    alarm = alarms(observability)["api-waf-blocks"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/WAFV2", "BlockedRequests")
    assert alarm["Dimensions"] == [
        {"Name": "WebACL", "Value": {"Fn::Sub": "${WebAclName}"}},
        {"Name": "Rule", "Value": "ALL"},
        {"Name": "Region", "Value": {"Ref": "AWS::Region"}},
    ]
    assert alarm["Threshold"] == {"Ref": "WafBlocks"}


@pytest.mark.parametrize(
    ("table", "indexes"),
    [("Transactions", ["CustomerIndex"]), ("Sessions", []), ("Idempotency", [])],
)
def test_reads_and_writes_of_a_table_and_its_indexes_are_added_up(
    observability: Template, table: str, indexes: list[str]
) -> None:
    alarm = alarms(observability)[f"{table.lower()}-throttles"]
    total, *terms = alarm["Metrics"]
    assert total["Expression"] == " + ".join(f"FILL({term['Id']}, 0)" for term in terms)
    assert total["ReturnData"] is True
    assert not any(term["ReturnData"] for term in terms)
    seen = [
        (
            term["MetricStat"]["Metric"]["MetricName"],
            {pair["Name"]: pair["Value"] for pair in term["MetricStat"]["Metric"]["Dimensions"]},
        )
        for term in terms
    ]
    own: dict[str, Any] = {"TableName": {"Ref": f"{table}TableName"}}
    places = [own, *({**own, "GlobalSecondaryIndexName": index} for index in indexes)]
    assert seen == [
        (metric, place)
        for place in places
        for metric in ("ReadThrottleEvents", "WriteThrottleEvents")
    ]
    assert {term["MetricStat"]["Stat"] for term in terms} == {"Sum"}
    assert {term["MetricStat"]["Metric"]["Namespace"] for term in terms} == {"AWS/DynamoDB"}
    assert alarm["Threshold"] == {"Ref": "TableThrottles"}


def test_every_alarm_tells_of_trouble_and_recovery_and_takes_silence_for_health(
    observability: Template,
) -> None:
    assert len(alarms(observability)) == 14
    for alarm in alarms(observability).values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}]
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm["EvaluationPeriods"] == 1


def test_the_topic_is_encrypted_and_admits_alarms_of_this_account_only(
    observability: Template,
) -> None:
    topic = observability["Resources"]["AlarmTopic"]["Properties"]
    assert topic["KmsMasterKeyId"] == {"Ref": "KeyArn"}
    assert topic["TopicName"] == {"Fn::Sub": "${Prefix}-alarms"}
    policy = observability["Resources"]["AlarmTopicPolicy"]["Properties"]
    assert policy["Topics"] == [{"Ref": "AlarmTopic"}]
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Sid": "AlarmsOfThisAccount",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["sns:Publish"],
            "Resource": [{"Ref": "AlarmTopic"}],
            "Condition": {
                "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
                "ArnLike": {
                    "aws:SourceArn": {
                        "Fn::Sub": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:"
                        "${AWS::AccountId}:alarm:*"
                    }
                },
            },
        },
        {
            "Sid": "DenyWithoutTls",
            "Effect": "Deny",
            "Principal": {"AWS": ["*"]},
            "Action": ["sns:Publish"],
            "Resource": [{"Ref": "AlarmTopic"}],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]


def test_an_address_is_subscribed_where_one_is_given(observability: Template) -> None:
    subscription = observability["Resources"]["AlarmSubscription"]
    assert subscription["Condition"] == "HasAlarmEmail"
    assert subscription["Properties"] == {
        "TopicArn": {"Ref": "AlarmTopic"},
        "Protocol": "email",
        "Endpoint": {"Ref": "AlarmEmail"},
    }
    assert observability["Metadata"]["tapgen"]["Settings"]["AlarmEmail"] == "alarms.email"


def body(observability: Template) -> dict[str, Any]:
    text = observability["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def test_the_dashboard_shows_every_alarm(observability: Template) -> None:
    (widget,) = (one for one in body(observability)["widgets"] if one["type"] == "alarm")
    assert set(widget["properties"]["alarms"]) == {
        f"${{{title}.Arn}}"
        for title, resource in observability["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def test_the_dashboard_shows_metrics_of_all_that_is_watched(observability: Template) -> None:
    graphs = [
        one["properties"] for one in body(observability)["widgets"] if one["type"] == "metric"
    ]
    used = set(re.findall(r"\$\{(\w+)\}", json.dumps(graphs)))
    watched = {
        name
        for name, parameter in observability["Parameters"].items()
        if parameter["Description"].endswith("to monitor.")
    }
    assert len(watched) == 11
    assert used == watched
    for graph in graphs:
        assert graph["region"] == "${AWS::Region}"
        for namespace, metric, *dimensions, options in graph["metrics"]:
            assert namespace.startswith("AWS/")
            assert metric
            assert len(dimensions) % 2 == 0
            assert set(options) == {"stat"}


def test_the_dashboards_widgets_do_not_overlap(observability: Template) -> None:
    cells = [
        (x, y)
        for widget in body(observability)["widgets"]
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23


@pytest.mark.parametrize("address", ["", "oncall@example.com"])
def test_nobody_is_subscribed_without_an_address(see: Callable[..., Any], address: str) -> None:
    resources = see("observability", "dev", AlarmEmail=address).resources
    assert ("AlarmSubscription" in resources) is (address != "")
