"""AWS WAF web ACLs: rules in the given order, and logging of blocked requests."""

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

# Headers with secrets, which a log must not show. WAF requires lower case.
SECRET_HEADERS: Final = (
    "authorization", "cookie", "idempotency-key", "x-origin-verify", "x-session-id",
)  # fmt: skip

_WINDOW_SECONDS: Final = 300  # the setting's limit is for five minutes
_TOO_MANY: Final = "too-many-requests"
# The CustomResponseBodies of a web ACL with a rate limit.
RATE_LIMIT_ANSWERS: Final = {
    _TOO_MANY: CustomResponseBody(
        ContentType="APPLICATION_JSON",
        Content=problem_document(_TOO_MANY, 429, "Too many requests"),
    )
}


def managed(group: str, *, count: Sequence[str] = ()) -> WebACLRule:
    """An AWS managed rule group. The rules in `count` only count, they do not block."""
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
    """The core rule set. API clients often send no User-Agent, so a missing one is only counted."""
    return managed(COMMON, count=["NoUserAgent_HEADER"])


def rate_limit(blueprint: Blueprint) -> WebACLRule:
    """At most `api.waf_rate_limit` requests per address in five minutes, then 429.

    The body is in `RATE_LIMIT_ANSWERS`. Only for CloudFront, which sees the callers. Behind it, the
    source address is CloudFront's, and WAF uses the first address in X-Forwarded-For, which the
    client writes, so that anyone could block anyone else (WAF guide, "Using forwarded IP
    addresses").
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
    """Add a web ACL (`REGIONAL` or `CLOUDFRONT`) that allows what no rule blocks.

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
    """Log the requests that `acl` blocked or counted, without headers that contain secrets.

    The name of `log_group` must start with `aws-waf-logs-`.
    """
    noteworthy = [
        Condition(ActionCondition=ActionCondition(Action=action)) for action in ("BLOCK", "COUNT")
    ]
    return blueprint.add(
        LoggingConfiguration(
            "WebAclLogging",
            ResourceArn=GetAtt(acl, "Arn"),
            LogDestinationConfigs=[
                # WAF rejects the ":*" at the end of the log group's Arn attribute.
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
    """The number of requests that all rules of the web ACL `name` blocked. It may name parameters.

    Metrics of a web ACL for CloudFront have no region (WAF guide, "AWS WAF metrics").
    """
    where = {"Region": Ref("AWS::Region")} if regional else {}
    dimensions = {"WebACL": Sub(name), "Rule": "ALL", **where}
    return Series("AWS/WAFV2", "BlockedRequests", dimensions)


def _visible_as(name: Any) -> VisibilityConfig:
    # Samples would show the secret headers to anyone with access to the console.
    return VisibilityConfig(
        CloudWatchMetricsEnabled=True, SampledRequestsEnabled=False, MetricName=name
    )
