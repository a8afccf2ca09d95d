"""The Price List Query API, which the local AWS does not have: botocore's Stubber answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from tapgen.aws.account import Account, Connection
from tapgen.aws.errors import UnavailableError
from tapgen.aws.pricing.products import products
from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from tests.aws.conftest import Canned

FILTERS = [("regionCode", "eu-west-1"), ("usagetype", "EU-NatGateway-Hours")]
REQUEST: dict[str, Any] = {
    "ServiceCode": "AmazonEC2",
    "FormatVersion": "aws_v1",
    "Filters": [
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "eu-west-1"},
        {"Type": "TERM_MATCH", "Field": "usagetype", "Value": "EU-NatGateway-Hours"},
    ],
}


@pytest.fixture
def account() -> Account:
    return Account("800000000001", Connection(endpoint_url="http://127.0.0.1:9", local=True))


@pytest.fixture
def aws(account: Account) -> Iterator[Stubber]:
    with Stubber(account.client("pricing", "us-east-1")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_every_page_is_read(aws: Stubber, account: Account) -> None:
    first, second = {"sku": "A"}, {"sku": "B"}
    aws.add_response(
        "get_products", {"PriceList": [json.dumps(first)], "NextToken": "more"}, REQUEST
    )
    aws.add_response(
        "get_products", {"PriceList": [json.dumps(second)]}, {**REQUEST, "NextToken": "more"}
    )
    assert products(account, "AmazonEC2", FILTERS) == [first, second]


def test_there_may_be_none(aws: Stubber, account: Account) -> None:
    aws.add_response("get_products", {"PriceList": []}, REQUEST)
    assert products(account, "AmazonEC2", FILTERS) == []


def test_whoever_may_not_ask_learns_which_permission_that_takes(
    aws: Stubber, account: Account
) -> None:
    aws.add_client_error("get_products", "AccessDeniedException", "User: x may not", 400)
    with pytest.raises(TapgenError, match="asking AWS for prices of AmazonEC2: AccessDenied") as no:
        products(account, "AmazonEC2", FILTERS)
    assert "lack this permission: pricing:GetProducts" in no.value.hint
    assert "tapgen iam-policy" in no.value.hint


def test_a_service_code_that_aws_does_not_know_is_told(aws: Stubber, account: Account) -> None:
    aws.add_client_error("get_products", "NotFoundException", "no such service", 400)
    with pytest.raises(TapgenError, match="of AmazonEC2: NotFoundException: no such service"):
        products(account, "AmazonEC2", FILTERS)


def test_throttling_is_waited_out_and_told_where_it_does_not_end(canned: Canned) -> None:
    kind = "application/x-amz-json-1.1"
    canned.client("pricing", "us-east-1")
    throttled = b'{"__type": "ThrottlingException", "message": "slowly"}'
    canned.answer(throttled, 400, kind)
    canned.answer(throttled, 400, kind)
    canned.answer(json.dumps({"PriceList": ["{}"]}).encode(), 200, kind)
    assert products(canned.account, "AmazonEC2", FILTERS) == [{}]
    assert len(canned.requests) == 3
    canned.answers.clear()
    canned.answer(throttled, 400, kind)
    with pytest.raises(UnavailableError, match="ThrottlingException: slowly") as told:
        products(canned.account, "AmazonEC2", FILTERS)
    assert "throttling this account" in told.value.hint
