"""The queries are data: a line for each component, with its query or with why it has none."""

from __future__ import annotations

import botocore.session
import pytest

from tapgen.review.cost.prices import GLOBAL, list_prices, units
from tapgen.review.cost.queries import Query, queries, reasons
from tests.review.cost.test_prices import ROWS


def test_each_component_has_a_query_or_a_reason_why_not() -> None:
    assert queries().keys() | reasons().keys() == units().keys()
    assert not queries().keys() & reasons().keys()
    assert all(reasons().values())


@pytest.mark.parametrize("component", sorted(reasons()))
def test_what_is_not_asked_for_is_free_or_told_why(component: str) -> None:
    prices = [row["usd"] for row in ROWS if row["component"] == component]
    assert ("free of charge" in reasons()[component]) == (set(prices) == {"0"})


@pytest.mark.parametrize("component", sorted(queries()))
def test_a_component_is_asked_for_wherever_the_table_has_a_line(component: str) -> None:
    asked = queries()[component]
    for row in ROWS:
        if row["component"] == component:
            place = asked.place(row["region"])
            assert place == row["region"]
            questions = asked.queries(place)
            assert questions
            assert not [text for text in map(str, questions) if "{" in text or text.endswith("=")]


def test_a_query_that_is_the_same_everywhere_is_asked_once() -> None:
    zones = queries()["Route 53 hosted zone (first 25)"]
    assert zones.place("eu-west-1") == GLOBAL
    assert zones.queries(GLOBAL) == (
        Query("AmazonRoute53", (("usagetype", "HostedZone"), ("productFamily", "DNS Zone"))),
    )


@pytest.mark.parametrize(
    ("component", "place", "usagetypes"),
    [
        # Older services have no prefix in us-east-1, newer ones do.
        ("NAT gateway hour", "us-east-1", ["NatGateway-Hours"]),
        ("VPC interface endpoint hour", "us-east-1", ["USE1-VpcEndpoint-Hours"]),
        ("NAT gateway hour", "eu-west-1", ["EU-NatGateway-Hours"]),
        # Some write eu-west-1 otherwise.
        ("X-Ray traces recorded", "eu-west-1", ["EUW1-XRay-TracesStored"]),
        ("X-Ray traces recorded", "us-east-1", ["USE1-XRay-TracesStored"]),
        ("Firehose VPC delivery", "eu-west-1", ["EU-Firehose-VpcDelivery-Hours"]),
        ("DynamoDB point-in-time recovery storage", "us-east-1", ["USE1-TimedPITRStorage-ByteHrs"]),
        ("NAT gateway hour", "ap-southeast-2", ["APS2-NatGateway-Hours"]),
        ("KMS symmetric requests", "eu-central-1", ["eu-central-1-KMS-Requests"]),
        ("CloudFront HTTPS requests", "edge Europe", ["EU-Requests-Tier2-HTTPS"]),
        # Where AWS has two, or nobody knows which, products of both count.
        (
            "CloudWatch Logs ingestion (Standard class)",
            "us-east-1",
            ["DataProcessing-Bytes", "USE1-DataProcessing-Bytes"],
        ),
        (
            "CloudWatch Logs ingestion (Standard class)",
            "us-east-2",
            ["USE2-DataProcessing-Bytes"],
        ),
    ],
)
def test_usage_types_begin_as_the_place_and_the_service_have_it(
    component: str, place: str, usagetypes: list[str]
) -> None:
    questions = queries()[component].queries(place)
    assert [dict(one.filters)["usagetype"] for one in questions] == usagetypes


def test_what_has_another_usage_type_everywhere_is_asked_for_by_what_it_is() -> None:
    (question,) = queries()["Secrets Manager API calls"].queries("eu-west-1")
    assert str(question) == ("AWSSecretsManager: regionCode=eu-west-1, productFamily=API Request")


def test_a_transfer_is_asked_for_by_where_it_comes_from() -> None:
    name = "Data transfer out to internet (first 10 TB; without the free 100 GB)"
    (question,) = queries()[name].queries("eu-central-1")
    assert ("fromRegionCode", "eu-central-1") in question.filters
    assert "regionCode" not in dict(question.filters)


def test_every_region_is_known_and_no_other() -> None:
    asked = queries()["NAT gateway hour"]
    session = botocore.session.get_session()
    for region in session.get_available_regions("cloudformation"):
        assert asked.queries(region)
    with pytest.raises(LookupError):
        asked.queries("mars-north-1")


def test_prices_below_a_unit_are_counted_in_it() -> None:
    """What is priced for a million, a thousand or so is told by AWS for one."""
    words = {"million": 1_000_000, "100000": 100_000, "10000": 10_000, "1000": 1_000}
    for component, asked in queries().items():
        assert asked.times == words.get(units()[component].split()[0], 1), component
    assert list_prices().known
