"""The errors that CloudFront keeps: facts from its guide, and what follows for callers.

From documentation: CloudFront guide, "How CloudFront processes HTTP 4xx and 5xx status codes from
your origin" and "Control how long CloudFront caches errors".
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.local import client
from tapgen.local.services.edge_errors import EdgeErrors
from tests.local.conftest import status_of

if TYPE_CHECKING:
    from tests.local.conftest import Account

NOT_CACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # CachingDisabled: no query in the key


class Edge:
    """An edge location whose clock stands still until it is set."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self._errors = EdgeErrors(lambda: self.now)

    def call(
        self, status: int, *, method: str = "GET", thing: str = "/a", **minimum: float
    ) -> tuple[int, dict[str, Any], bytes]:
        async def ask() -> tuple[int, dict[str, Any], bytes]:
            self.asked += 1
            return status, {"Cache-Control": "no-store"}, b"mine"

        seconds = {int(name.removeprefix("s")): value for name, value in minimum.items()}
        return asyncio.run(self._errors.serve(method, thing, seconds, ask))


@pytest.mark.parametrize("status", [404, 414, 500, 501, 502, 503, 504])
def test_an_error_is_shown_to_others_for_ten_seconds(status: int) -> None:
    edge = Edge()
    assert edge.call(status)[0] == status
    edge.now = 9.9
    assert edge.call(200) == (
        status,
        {"Cache-Control": "no-store", "X-Cache": "Error from cloudfront"},
        b"mine",
    )
    edge.now = 10.0
    assert edge.call(200)[0] == 200
    assert edge.asked == 2


def test_a_distribution_says_how_long_for_each_status() -> None:
    edge = Edge()
    edge.call(503, s503=0, s404=0)
    assert edge.call(404, s503=0, s404=0)[0] == 404
    assert edge.call(500, s503=0, s404=60)[0] == 500
    edge.now = 10.0
    assert edge.call(404, s404=60)[0] == 404
    edge.now = 69.0
    assert edge.call(200)[0] == 404


def test_other_answers_methods_and_things_are_asked_for() -> None:
    edge = Edge()
    for status in (200, 400, 401, 403, 429):
        assert edge.call(status)[0] == status
    assert [edge.call(status, method="POST")[0] for status in (503, 200)] == [503, 200]
    edge.call(503)
    assert edge.call(200, thing="/b")[0] == 200
    assert edge.call(200, method="HEAD")[0] == 200


# --- through the server ---------------------------------------------------------------------


class Site:
    """A distribution in front of an API that has nothing at first: GET /a is 404."""

    def __init__(self, account: Account, policy: str, *errors: dict[str, Any]) -> None:
        self._local = account.local
        self._api = account.client("apigateway")
        made = self._api.create_rest_api(name="site")
        self._id, self._root = made["id"], made["rootResourceId"]
        self._api.put_gateway_response(
            restApiId=self._id, responseType="MISSING_AUTHENTICATION_TOKEN", statusCode="404"
        )
        self._api.create_deployment(restApiId=self._id, stageName="v1")
        config = {
            "Enabled": True,
            "Origins": [
                {
                    "Id": "api",
                    "DomainName": f"{self._id}.execute-api.us-east-1.amazonaws.com",
                    "OriginPath": "/v1",
                    "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
                }
            ],
            "DefaultCacheBehavior": {
                "TargetOriginId": "api",
                "ViewerProtocolPolicy": "allow-all",
                "CachePolicyId": policy,
            },
            **({"CustomErrorResponses": list(errors)} if errors else {}),
        }
        resources = {
            "Site": {
                "Type": "AWS::CloudFront::Distribution",
                "Properties": {"DistributionConfig": config},
            }
        }
        outputs = {"Url": {"Fn::Sub": "https://${Site.DomainName}"}}
        self._url = account.deploy("site", resources, outputs=outputs)["Outputs"]["Url"]

    def get(self, path: str) -> int:
        where, headers = client.api_url(self._local, f"{self._url}{path}")
        return status_of(where, headers)

    def add_a(self) -> None:
        api = {"restApiId": self._id}
        made = self._api.create_resource(**api, parentId=self._root, pathPart="a")
        place = {**api, "resourceId": made["id"], "httpMethod": "GET"}
        self._api.put_method(**place, authorizationType="NONE")
        answer = {"application/json": '{"statusCode": 200}'}
        self._api.put_integration(**place, type="MOCK", requestTemplates=answer)
        self._api.put_method_response(**place, statusCode="200")
        self._api.put_integration_response(**place, statusCode="200")
        self._api.create_deployment(**api, stageName="v1")


def test_what_was_missing_is_missing_for_everybody_for_a_while(account: Account) -> None:
    site = Site(account, NOT_CACHED, {"ErrorCode": 503, "ErrorCachingMinTTL": 0})
    assert site.get("/a") == 404
    site.add_a()
    assert (site.get("/a"), site.get("/a?x=1")) == (404, 404)


def test_no_minimum_lets_everybody_see_what_is_there(account: Account) -> None:
    site = Site(account, NOT_CACHED, {"ErrorCode": 404, "ErrorCachingMinTTL": 0})
    assert site.get("/a") == 404
    site.add_a()
    assert site.get("/a") == 200


def test_a_query_string_counts_where_the_policy_says_so(account: Account) -> None:
    by_query = {
        "Name": f"by-query-{account.id}",
        "MinTTL": 0,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": False,
            "HeadersConfig": {"HeaderBehavior": "none"},
            "CookiesConfig": {"CookieBehavior": "none"},
            "QueryStringsConfig": {"QueryStringBehavior": "all"},
        },
    }
    made = account.client("cloudfront").create_cache_policy(CachePolicyConfig=by_query)
    site = Site(account, made["CachePolicy"]["Id"], {"ErrorCode": 404})
    assert site.get("/a") == 404
    site.add_a()
    assert (site.get("/a?x=1"), site.get("/a")) == (200, 404)
