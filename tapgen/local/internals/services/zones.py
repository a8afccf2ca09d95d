"""Hosted zones, read where MiniStack imports them: on its event loop, without a request."""

from __future__ import annotations

from ministack.services import route53


def zone_exists(zone_id: str) -> bool:
    return zone_id in route53._zones


def name_servers() -> list[str]:
    """Return the name servers of every zone as in Fn::GetAtt, without the trailing dot.

    MiniStack's provisioner returns others than its API and the zone's NS record.
    """
    return [server.removesuffix(".") for server in route53._DEFAULT_NS]
