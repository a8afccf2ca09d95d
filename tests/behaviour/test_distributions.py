"""CloudFront's distributions: their aliases, and errors at the edge."""

from __future__ import annotations

from typing import Any, Final

from tests.behaviour.account import Aws
from tests.behaviour.facts import documented, fact
from tests.behaviour.rest_api import STAGE, Api, status

GUIDE: Final = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide"
API: Final = "https://docs.aws.amazon.com/cloudfront/latest/APIReference"
UNCACHED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


def distribution(host: str, path: str = "", **config: Any) -> dict[str, Any]:
    """A distribution in front of a host, which gives the name that it is reached by."""
    origin = {
        "Id": "site",
        "DomainName": host,
        "OriginPath": path,
        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
    }
    behavior = {
        "TargetOriginId": "site",
        "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": UNCACHED,
    }
    whole = {"Origins": [origin], "DefaultCacheBehavior": behavior, **config}
    kind, properties = "AWS::CloudFront::Distribution", {"DistributionConfig": whole}
    return {
        "Resources": {"It": {"Type": kind, "Properties": properties}},
        "Outputs": {"Host": {"Value": {"Fn::GetAtt": ["It", "DomainName"]}}},
    }


@fact(documented(f"{GUIDE}/CNAMEs.html", f"{API}/API_CreateDistribution.html"), seconds=60)
def test_an_alias_needs_a_certificate_that_covers_it(aws: Aws) -> None:
    stack = aws.stack()
    alias = f"{aws.name('alias')}.example.com"
    made = stack.deploy(distribution("example.com", Enabled=False, Aliases=[alias]), "CREATE")
    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "certificate" in stack.reasons()["It"]


@fact(documented(f"{GUIDE}/HTTPStatusCodes.html"), seconds=900)
def test_an_error_is_kept_as_long_as_the_distribution_says(aws: Aws) -> None:
    api, stack = Api(aws), aws.stack()
    api.answer(503)
    api.stage(api.deployment())
    api.answers(503)
    kept = [{"ErrorCode": 503, "ErrorCachingMinTTL": 300}]
    stack.create(distribution(api.host, f"/{STAGE}", Enabled=True, CustomErrorResponses=kept))
    host = stack.outputs()["Host"]

    def at_the_edge() -> int:
        if aws.endpoint:
            return status(f"{aws.endpoint}/", {"Host": host, "X-Forwarded-Proto": "https"})
        return status(f"https://{host}/")

    aws.until(lambda: at_the_edge() == 503, "the error at the edge")
    api.answer(200)
    api.move(api.deployment())
    api.answers(200)
    assert 503 in {at_the_edge() for _ in range(10)}  # an edge has more than one cache
