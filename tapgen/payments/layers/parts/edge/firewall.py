"""AWS WAF web ACLs: rules in the order they are given, logging of what they stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from troposphere import GetAtt, Ref, Sub
from troposphere.wafv2 import (
    ActionCondition,
    AllowAction,
    BlockAction,
    Condition,
    CountAction,
    CustomResponse,
    CustomResponseBody,
    DefaultAction,
    Filter,
    LoggingConfiguration,
    LoggingConfigurationFieldToMatch,
    LoggingFilter,
    ManagedRuleGroupStatement,
    OverrideAction,
    RateBasedStatement,
    RuleAction,
    RuleActionOverride,
    SingleHeader,
    Statement,
    VisibilityConfig,
    WebACL,
    WebACLRule,
)

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.alarms.alarms import Series
from tapgen.payments.layers.parts.api.problems import problem_document
from tapgen.payments.layers.parts.iam.arns import arn
from tapgen.payments.limits import WAF_RATE_LIMIT

COMMON: Final = "AWSManagedRulesCommonRuleSet"
KNOWN_BAD_INPUTS: Final = "AWSManagedRulesKnownBadInputsRuleSet"  # Log4Shell among them
SQL_INJECTION: Final = "AWSManagedRulesSQLiRuleSet"
IP_REPUTATION: Final = "AWSManagedRulesAmazonIpReputationList"

# Headers that carry secrets; a log must not show them. WAF wants them in lower case.
SECRET_HEADERS: Final = (
    "authorization", "cookie", "idempotency-key", "x-origin-verify", "x-session-id",
)  # fmt: skip

_WINDOW_SECONDS: Final = 300  # the limit in the settings is for five minutes
_TOO_MANY: Final = "too-many-requests"
# What a web ACL with a rate limit has as CustomResponseBodies.
RATE_LIMIT_ANSWERS: Final = {
    _TOO_MANY: CustomResponseBody(
        ContentType="APPLICATION_JSON",
        Content=problem_document(_TOO_MANY, 429, "Too many requests"),
    )
}


def managed(group: str, *, count: Sequence[str] = ()) -> WebACLRule:
    """An AWS managed rule group; the rules named in `count` only count, they do not block."""
    statement = ManagedRuleGroupStatement(VendorName="AWS", Name=group)
    if count:
        statement.RuleActionOverrides = [
            RuleActionOverride(Name=rule, ActionToUse=RuleAction(Count=CountAction()))
            for rule in count
        ]
    return WebACLRule(
        Name=group,
        OverrideAction=OverrideAction(**{"None": {}}),
        Statement=Statement(ManagedRuleGroupStatement=statement),
    )


def common_rules() -> WebACLRule:
    """The core rule set. API clients that are servers often send no User-Agent: only counted."""
    return managed(COMMON, count=["NoUserAgent_HEADER"])


def rate_limit(blueprint: Blueprint) -> WebACLRule:
    """At most `api.waf_rate_limit` requests an address in five minutes, then 429.

    Its body is in `RATE_LIMIT_ANSWERS`. For CloudFront only, which sees who calls. Behind it there
    is no address to count: the source is one of CloudFront's, and of X-Forwarded-For WAF takes the
    first, which the client writes, so that anybody could have anybody locked out (WAF guide, "Using
    forwarded IP addresses").
    """
    limit = blueprint.number(
        "WafRateLimit",
        "api.waf_rate_limit",
        "Requests one address may send in five minutes.",
        WAF_RATE_LIMIT,
    )
    rate = RateBasedStatement(
        Limit=limit, EvaluationWindowSec=_WINDOW_SECONDS, AggregateKeyType="IP"
    )
    answer = CustomResponse(ResponseCode=429, CustomResponseBodyKey=_TOO_MANY)
    return WebACLRule(
        Name="rate-limit",
        Action=RuleAction(Block=BlockAction(CustomResponse=answer)),
        Statement=Statement(RateBasedStatement=rate),
    )


def web_acl(
    blueprint: Blueprint, *, name: Any, scope: str, description: str, rules: Sequence[WebACLRule]
) -> WebACL:
    """Add a web ACL (`REGIONAL` or `CLOUDFRONT`) that allows what no rule stops.

    Its CloudWatch metrics are published under its name.
    """
    for priority, rule in enumerate(rules):
        rule.Priority = priority
        rule.VisibilityConfig = _visible_as(rule.Name)
    return blueprint.add(
        WebACL(
            "WebAcl",
            Name=name,
            Description=description,
            Scope=scope,
            DefaultAction=DefaultAction(Allow=AllowAction()),
            Rules=list(rules),
            VisibilityConfig=_visible_as(name),
        )
    )


def log_blocked(blueprint: Blueprint, acl: WebACL, log_group: Any) -> LoggingConfiguration:
    """Log the requests that `acl` blocked or counted, without headers that carry secrets.

    `log_group` must have a name that begins with `aws-waf-logs-`.
    """
    noteworthy = [
        Condition(ActionCondition=ActionCondition(Action=action)) for action in ("BLOCK", "COUNT")
    ]
    return blueprint.add(
        LoggingConfiguration(
            "WebAclLogging",
            ResourceArn=GetAtt(acl, "Arn"),
            LogDestinationConfigs=[
                # WAF refuses the ":*" at the end of the log group's own Arn attribute.
                arn("logs", f"log-group:${{{log_group.title}}}")
            ],
            LoggingFilter=LoggingFilter(
                DefaultBehavior="DROP",
                Filters=[Filter(Behavior="KEEP", Requirement="MEETS_ANY", Conditions=noteworthy)],
            ),
            RedactedFields=[
                LoggingConfigurationFieldToMatch(QueryString={}),
                *(
                    LoggingConfigurationFieldToMatch(SingleHeader=SingleHeader(Name=name))
                    for name in SECRET_HEADERS
                ),
            ],
        )
    )


def blocked_requests(name: str, *, regional: bool = True) -> Series:
    """How many requests the web ACL called `name` (may name parameters) blocked, all rules.

    Metrics of a web ACL for CloudFront have no region (WAF guide, "AWS WAF metrics").
    """
    where = {"Region": Ref("AWS::Region")} if regional else {}
    dimensions = {"WebACL": Sub(name), "Rule": "ALL", **where}
    return Series("AWS/WAFV2", "BlockedRequests", dimensions)


def _visible_as(name: Any) -> VisibilityConfig:
    # Samples would show the secret headers to anyone who may open the console.
    return VisibilityConfig(
        CloudWatchMetricsEnabled=True, SampledRequestsEnabled=False, MetricName=name
    )
