"""The domain's own records: IPv4 and IPv6 aliases to the distribution.

They come last, when the distribution already serves the domain, so the name never points to
anything else.
"""

from __future__ import annotations

from typing import Final

from troposphere import Ref
from troposphere.route53 import AliasTarget, RecordSetType

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.limits import DOMAIN, HOST_NAME, HOSTED_ZONE_ID

_CLOUDFRONT_ZONE_ID: Final = "Z2FDTNDATAQYW2"  # every distribution's, Route 53 API AliasTarget


def build() -> Blueprint:
    """An A and an AAAA record."""
    blueprint = Blueprint("dns", "Alias records from the domain to the distribution.")
    domain = blueprint.text("DomainName", "domain", "Domain of the site.", pattern=DOMAIN)
    zone = blueprint.input("HostedZoneId", "Hosted zone of the domain.", pattern=HOSTED_ZONE_ID)
    target = blueprint.input(
        "DistributionDomainName", "Domain name of the distribution.", pattern=HOST_NAME
    )
    for title, kind in (("AliasIpv4", "A"), ("AliasIpv6", "AAAA")):
        blueprint.add(
            RecordSetType(
                title,
                HostedZoneId=zone,
                Name=domain,
                Type=kind,
                AliasTarget=AliasTarget(
                    HostedZoneId=_CLOUDFRONT_ZONE_ID, DNSName=target, EvaluateTargetHealth=False
                ),
            )
        )
    blueprint.output("RecordName", Ref("AliasIpv4"), "Domain name that points to the distribution.")
    return blueprint.finish()
