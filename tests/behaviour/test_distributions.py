"""Aliases of CloudFront's distributions."""

from __future__ import annotations

from typing import Any, Final

from tests.behaviour.account import Aws
from tests.behaviour.facts import documented, fact

GUIDE: Final = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide"
API: Final = "https://docs.aws.amazon.com/cloudfront/latest/APIReference"
UNCACHED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


def distribution(alias: str) -> dict[str, Any]:
    """A distribution that is switched off, and has an alias and no certificate."""
    origin = {
        "Id": "site",
        "DomainName": "example.com",
        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
    }
    behavior = {
        "TargetOriginId": "site",
        "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": UNCACHED,
    }
    config = {
        "Enabled": False,
        "Aliases": [alias],
        "Origins": [origin],
        "DefaultCacheBehavior": behavior,
    }
    properties = {"DistributionConfig": config}
    return {
        "Resources": {"It": {"Type": "AWS::CloudFront::Distribution", "Properties": properties}}
    }


@fact(documented(f"{GUIDE}/CNAMEs.html", f"{API}/API_CreateDistribution.html"), seconds=60)
def test_an_alias_needs_a_certificate_that_covers_it(aws: Aws) -> None:
    stack = aws.stack()
    made = stack.deploy(distribution(f"{aws.name('alias')}.example.com"), "CREATE")
    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "certificate" in stack.reasons()["It"]
