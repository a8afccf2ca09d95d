"""Alarms about everything in the environment's region, their topic, and one dashboard.

The environment sets the thresholds. CloudFront's metrics exist only in us-east-1, so the cdn layer
monitors them.
"""

from __future__ import annotations

from itertools import product
from typing import Any, Final

from troposphere import Ref, Sub
from troposphere.cloudwatch import Dashboard

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.data import INDEX_NAME
from tapgen.payments.layers.parts.alarms.alarms import Alarms, Series
from tapgen.payments.layers.parts.alarms.dashboard import Graph, Line, dashboard_body
from tapgen.payments.layers.parts.alarms.topic import alarm_topic
from tapgen.payments.layers.parts.data.tables import TABLES
from tapgen.payments.layers.parts.edge import firewall
from tapgen.payments.limits import (
    ALARM_COUNT,
    ALARM_MILLISECONDS,
    ALARM_SECONDS,
    KMS_KEY_ARN,
    RESOURCE_NAME,
)

# Logical name -> name in alarms.
_FUNCTIONS: Final = {"PaymentProcessor": "payment-processor", "SessionManager": "session-manager"}
_THROTTLES: Final = ("ReadThrottleEvents", "WriteThrottleEvents")
_INDEXED: Final = "Transactions"  # the table with a global secondary index


def build() -> Blueprint:
    """Topic, alarms, dashboard."""
    blueprint = Blueprint("observability", "Alarms, their topic and one dashboard.")
    key_arn = blueprint.input("KeyArn", "Key that encrypts the topic.", pattern=KMS_KEY_ARN)
    _names(blueprint)
    blueprint.prefix()
    topic = alarm_topic(blueprint, Sub("${Prefix}-alarms"), key_arn)
    alarms = Alarms(blueprint, topic)
    _function_alarms(blueprint, alarms)
    _table_alarms(blueprint, alarms)
    _entrance_alarms(blueprint, alarms)
    dashboard = blueprint.add(
        Dashboard(
            "Dashboard",
            DashboardName=Ref("Prefix"),
            DashboardBody=dashboard_body(alarms.titles, _graphs()),
        )
    )
    blueprint.output("AlarmTopicArn", topic, "Topic of the alarms.")
    blueprint.output("DashboardName", Ref(dashboard), "Name of the dashboard.")
    return blueprint.finish()


def _names(blueprint: Blueprint) -> None:
    """Declare the names of the monitored resources."""
    watched = {
        **{f"{title}TableName": "Table" for title in TABLES},
        **{f"{title}FunctionName": "Function" for title in _FUNCTIONS},
        **{f"{title}DlqName": "Dead-letter queue" for title in _FUNCTIONS},
        "ApiName": "REST API",
        "StageName": "Stage of the REST API",
        "WebAclName": "Web ACL of the REST API",
        "AccessLogStreamName": "Firehose stream of the REST API's access log",
    }
    for name, kind in watched.items():
        blueprint.input(name, f"{kind} to monitor.", pattern=RESOURCE_NAME)


def _count(blueprint: Blueprint, name: str, setting: str, description: str) -> Ref:
    return blueprint.number(name, setting, description, ALARM_COUNT)


def _function_alarms(blueprint: Blueprint, alarms: Alarms) -> None:
    errors = _count(
        blueprint, "FunctionErrors", "alarms.function_errors", "Errors in five minutes."
    )
    throttles = _count(
        blueprint, "FunctionThrottles", "alarms.function_throttles", "Throttles in five minutes."
    )
    slow = blueprint.number(
        "FunctionDurationP99",
        "alarms.function_duration_p99_ms",
        "99th percentile of the duration in milliseconds.",
        ALARM_MILLISECONDS,
    )
    letters = _count(
        blueprint, "DeadLetters", "alarms.dead_letters", "Messages in a dead-letter queue."
    )
    for title, name in _FUNCTIONS.items():
        for metric, statistic, suffix, threshold, text in (
            ("Errors", "Sum", "errors", errors, f"{name} fails."),
            ("Throttles", "Sum", "throttles", throttles, f"{name} is throttled."),
            ("Duration", "p99", "duration-p99", slow, f"{name} is slow."),
        ):
            alarms.when(
                f"{title}{metric}Alarm",
                f"{name}-{suffix}",
                text,
                Series(
                    "AWS/Lambda", metric, {"FunctionName": Ref(f"{title}FunctionName")}, statistic
                ),
                threshold,
            )
        alarms.when(
            f"{title}DeadLettersAlarm",
            f"{name}-dead-letters",
            f"Asynchronous invocations of {name} failed for good.",
            Series(
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                {"QueueName": Ref(f"{title}DlqName")},
                "Maximum",
            ),
            letters,
        )


def _table_alarms(blueprint: Blueprint, alarms: Alarms) -> None:
    threshold = _count(
        blueprint, "TableThrottles", "alarms.table_throttles", "Throttles in five minutes."
    )
    for title, name in TABLES.items():
        # An index is throttled separately, and its metrics have their own dimensions.
        places: list[dict[str, Any]] = [{}]
        if title == _INDEXED:
            places.append({"GlobalSecondaryIndexName": INDEX_NAME})
        alarms.when_sum(
            f"{title}ThrottlesAlarm",
            f"{name}-throttles",
            f"Reads or writes of the {name} table are throttled.",
            [
                Series("AWS/DynamoDB", metric, {"TableName": Ref(f"{title}TableName"), **place})
                for place, metric in product(places, _THROTTLES)
            ],
            threshold,
        )


def _entrance_alarms(blueprint: Blueprint, alarms: Alarms) -> None:
    alarms.when(
        "Api5xxAlarm",
        "api-5xx",
        "The API returns 5xx responses.",
        Series(
            "AWS/ApiGateway", "5XXError", {"ApiName": Ref("ApiName"), "Stage": Ref("StageName")}
        ),
        _count(blueprint, "Api5xx", "alarms.api_5xx", "5xx responses in five minutes."),
    )
    alarms.when(
        "WafBlocksAlarm",
        "api-waf-blocks",
        "The API's firewall blocks an unusual number of requests.",
        firewall.blocked_requests("${WebAclName}"),
        _count(blueprint, "WafBlocks", "alarms.waf_blocks", "Blocked requests in five minutes."),
    )
    alarms.when(
        "AccessLogDelayAlarm",
        "api-access-log-delay",
        "Firehose is not delivering the API's access log to its bucket.",
        Series(
            "AWS/Firehose",
            "DeliveryToS3.DataFreshness",
            {"DeliveryStreamName": Ref("AccessLogStreamName")},
            "Maximum",
        ),
        blueprint.number(
            "AccessLogDelay",
            "alarms.access_log_delay_seconds",
            "Age of the oldest undelivered log line in seconds.",
            ALARM_SECONDS,
        ),
    )


def _graphs() -> list[Graph]:
    api = (("ApiName", "${ApiName}"), ("Stage", "${StageName}"))
    stream = (("DeliveryStreamName", "${AccessLogStreamName}"),)
    acl = (("WebACL", "${WebAclName}"), ("Region", "${AWS::Region}"), ("Rule", "ALL"))
    return [
        Graph("Requests", _lines("AWS/ApiGateway", api, "Count", "4XXError", "5XXError")),
        Graph(
            "Latency (ms)",
            [
                Line("AWS/ApiGateway", name, api, statistic)
                for name, statistic in product(("Latency", "IntegrationLatency"), ("p50", "p99"))
            ],
        ),
        Graph("Firewall", _lines("AWS/WAFV2", acl, "AllowedRequests", "BlockedRequests")),
        Graph(
            "Access log delay (s)",
            [Line("AWS/Firehose", "DeliveryToS3.DataFreshness", stream, "Maximum")],
        ),
        *_function_graphs(),
        *_table_graphs(),
    ]


def _function_graphs() -> list[Graph]:
    functions = [(("FunctionName", f"${{{title}FunctionName}}"),) for title in _FUNCTIONS]
    queues = [(("QueueName", f"${{{title}DlqName}}"),) for title in _FUNCTIONS]
    calls = ("Invocations", "Errors", "Throttles")
    waiting = "ApproximateNumberOfMessagesVisible"
    return [
        Graph("Functions", [x for one in functions for x in _lines("AWS/Lambda", one, *calls)]),
        Graph("Duration p99 (ms)", [Line("AWS/Lambda", "Duration", x, "p99") for x in functions]),
        Graph("Dead letters", [Line("AWS/SQS", waiting, x, "Maximum") for x in queues]),
    ]


def _table_graphs() -> list[Graph]:
    tables = [(("TableName", f"${{{title}TableName}}"),) for title in TABLES]
    return [
        Graph(
            title, [Line("AWS/DynamoDB", metric, table) for table in tables for metric in metrics]
        )
        for title, metrics in (
            ("Read capacity used", ("ConsumedReadCapacityUnits",)),
            ("Write capacity used", ("ConsumedWriteCapacityUnits",)),
            ("Table throttles", _THROTTLES),
        )
    ]


def _lines(namespace: str, dimensions: tuple[tuple[str, str], ...], *metrics: str) -> list[Line]:
    return [Line(namespace, metric, dimensions) for metric in metrics]
