"""The hosted zone of the environment's domain, and its delegation in the parent zone.

With `parent_zone_id` (a zone in the same account), this stack creates the delegation. Otherwise the
name servers, which are an output, must be entered by hand at the owner of the parent domain, and
`DelegationRecorded` is "false" so that the deployment can report it.

The zone is retained, because a new one has different name servers, which breaks every delegation to
it. Query logging is off: it would need a log group in us-east-1 and an account-wide resource
policy, for names that are public anyway.
"""

from __future__ import annotations

from typing import Final

from troposphere import GetAtt, If, Join, Ref, Sub, Tags
from troposphere.route53 import HostedZone, HostedZoneConfiguration, RecordSetType

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.limits import DOMAIN, HOSTED_ZONE_ID
from tapgen.render.retained import RETAINED

_DELEGATION_TTL_SECONDS: Final = "3600"  # how long resolvers would keep a wrong delegation


def build() -> Blueprint:
    """Zone, delegation where possible, name servers."""
    blueprint = Blueprint("zone", "Hosted zone of the environment's domain and its delegation.")
    domain = blueprint.text("DomainName", "domain", "Domain of the site.", pattern=DOMAIN)
    parent = blueprint.optional_text(
        "ParentZoneId",
        "parent_zone_id",
        "Hosted zone of the parent domain, in this account.",
        pattern=HOSTED_ZONE_ID,
    )
    zone = blueprint.add(_zone(blueprint, domain))
    blueprint.add(
        RecordSetType(
            "Delegation",
            Condition="HasParentZoneId",
            HostedZoneId=parent,
            Name=domain,
            Type="NS",
            TTL=_DELEGATION_TTL_SECONDS,
            ResourceRecords=GetAtt(zone, "NameServers"),
        )
    )
    blueprint.output("HostedZoneId", Ref(zone), "Id of the hosted zone.")
    blueprint.output(
        "NameServers",
        Join(",", GetAtt(zone, "NameServers")),
        "Name servers to enter in the parent domain, comma-separated.",
    )
    blueprint.output(
        "DelegationRecorded",
        If("HasParentZoneId", "true", "false"),
        "Whether this stack created the delegation in the parent zone.",
    )
    return blueprint.finish()


def _zone(blueprint: Blueprint, domain: Ref) -> HostedZone:
    blueprint.prefix()
    return HostedZone(
        "HostedZone",
        Name=domain,
        HostedZoneConfig=HostedZoneConfiguration(Comment=Sub("Payments API, ${Prefix}")),
        HostedZoneTags=Tags(**blueprint.tags()),  # not called Tags, so `finish` ignores it
        **RETAINED,
    )
