"""CloudFront in front of the API, with its firewall, logs and alarms. All of it is in us-east-1.

The origin is the API's real domain. The secret header that identifies the distribution to the API
is a dynamic reference. Nothing is cached, because responses are about payments. Without a domain,
the site uses CloudFront's own name and certificate.

CloudFront's metrics exist only in us-east-1, so its alarms, their topic and the key that encrypts
topic and log group are here and not in the environment's region.
"""

from __future__ import annotations

from typing import Any

from troposphere import And, Condition, GetAtt, If, Ref, Sub

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.alarms.alarms import Alarms, Series
from tapgen.payments.layers.parts.alarms.topic import alarm_topic
from tapgen.payments.layers.parts.data.keys import add_key, use_by_alarms, use_by_cloudwatch_logs
from tapgen.payments.layers.parts.edge import firewall
from tapgen.payments.layers.parts.edge.distribution import distribution
from tapgen.payments.layers.parts.logs.cdn_log import deliver_logs
from tapgen.payments.layers.parts.logs.log_groups import LogGroups
from tapgen.payments.limits import (
    ALARM_COUNT,
    BUCKET_NAME,
    CERTIFICATE_ARN,
    DOMAIN,
    HOST_NAME,
    PERCENT,
    RESOURCE_NAME,
)

_SERVED = "ServesDomain"


def build() -> Blueprint:
    """Key, firewall, distribution, log delivery, alarms."""
    blueprint = Blueprint("cdn", "CloudFront distribution with firewall, logs and alarms.")
    _inputs(blueprint)
    key_arn = add_key(
        blueprint,
        "Encrypts the payments platform's alarm topic and firewall log in us-east-1.",
        "${Prefix}-cdn",
        [use_by_cloudwatch_logs(), use_by_alarms()],
    )
    acl = _firewall(blueprint, key_arn)
    site = distribution(blueprint, acl, _SERVED)
    deliver_logs(blueprint, site)
    topic = alarm_topic(blueprint, Sub("${Prefix}-cdn-alarms"), key_arn)
    _alarms(Alarms(blueprint, topic), blueprint, site)
    _outputs(blueprint, site, topic)
    return blueprint.finish()


def _inputs(blueprint: Blueprint) -> None:
    blueprint.prefix()
    blueprint.input("ApiDomainName", "Host name of the API.", pattern=HOST_NAME)
    blueprint.input("StageName", "Stage of the API.", pattern=RESOURCE_NAME)
    blueprint.input("OriginSecretName", "Name of the origin secret.", pattern=RESOURCE_NAME)
    blueprint.input("ApiLogsBucketName", "Bucket for access logs.", pattern=BUCKET_NAME)
    blueprint.input(
        "CertificateArn", "Certificate of the domain.", pattern=CERTIFICATE_ARN, optional=True
    )
    blueprint.optional_text("DomainName", "domain", "Domain of the site.", pattern=DOMAIN)
    blueprint.condition(_SERVED, And(Condition("HasDomainName"), Condition("HasCertificateArn")))


def _firewall(blueprint: Blueprint, key_arn: Any) -> Any:
    """Block bad addresses and floods here, where clients cannot forge their address."""
    acl = firewall.web_acl(
        blueprint,
        name=Sub("${Prefix}-cdn"),
        scope="CLOUDFRONT",
        description="Blocks bad addresses, floods and known attacks.",
        rules=[
            firewall.managed(firewall.IP_REPUTATION),
            firewall.rate_limit(blueprint),
            firewall.common_rules(),
            firewall.managed(firewall.KNOWN_BAD_INPUTS),
        ],
    )
    acl.CustomResponseBodies = firewall.RATE_LIMIT_ANSWERS
    # The name differs from the API's group, because both may be in us-east-1.
    group = LogGroups.of(blueprint, key_arn).add("WebAclLog", "aws-waf-logs-${Prefix}-cdn")
    firewall.log_blocked(blueprint, acl, group)
    return acl


def _alarms(alarms: Alarms, blueprint: Blueprint, site: Any) -> None:
    alarms.when(
        "ErrorRateAlarm",
        "cdn-5xx",
        "CloudFront returns too many 5xx responses.",
        Series(
            "AWS/CloudFront",
            "5xxErrorRate",
            {"DistributionId": Ref(site), "Region": "Global"},
            "Average",
        ),
        blueprint.number(
            "ErrorPercent", "alarms.cdn_5xx_percent", "5xx responses, in percent.", PERCENT
        ),
    )
    alarms.when(
        "BlockedRequestsAlarm",
        "cdn-waf-blocks",
        "CloudFront's firewall blocks an unusual number of requests.",
        firewall.blocked_requests("${Prefix}-cdn", regional=False),
        blueprint.number(
            "WafBlocks", "alarms.waf_blocks", "Blocked requests in five minutes.", ALARM_COUNT
        ),
    )


def _outputs(blueprint: Blueprint, site: Any, topic: Ref) -> None:
    name = GetAtt(site, "DomainName")
    blueprint.output("DistributionId", Ref(site), "Id of the distribution.")
    blueprint.output("DistributionDomainName", name, "Domain name of the distribution.")
    blueprint.output(
        "SiteUrl",
        If(_SERVED, Sub("https://${DomainName}"), Sub("https://${Distribution.DomainName}")),
        "URL at which customers reach the API.",
    )
    blueprint.output("AlarmTopicArn", topic, "Topic of the alarms about CloudFront.")
