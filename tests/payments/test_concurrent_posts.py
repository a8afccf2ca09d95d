"""Payments that arrive at the same moment, through CloudFront and API Gateway of the local AWS."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tapgen.deploy.observe.live.web import Answer, Api
from tapgen.local.client import api_url
from tapgen.payments.live.api import marked, payment
from tapgen.payments.live.authorization import SCOPES
from tapgen.payments.live.site import verifier
from tests.conftest import ACCOUNT, REGION, aws_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws

AT_ONCE = 50
Given = TypeVar("Given")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def api(deployed: Target, local_aws: LocalAws) -> Api:
    """The site, with about as many warm workers behind it as will be needed.

    Fifty that start at the same moment on two cores would all run into the function's timeout, so
    they start five by five; one that does so all the same is warm when it is asked again.
    """

    def address(url: str) -> tuple[str, dict[str, str]]:
        return api_url(local_aws, url)

    caller = verifier(deployed, address)
    assert caller
    site = Api((deployed.outputs("cdn") or {})["SiteUrl"], address, caller.token(SCOPES))
    for count in range(5, AT_ONCE + 1, 5):
        at_once(partial(_warm_up, site), count)
    return site


def _warm_up(site: Api, key: str) -> Answer | None:
    with suppress(OSError):
        return pay(site, marked(), key)
    return None


@pytest.fixture
def stored(deployed: Target, local_aws: LocalAws) -> Callable[[str], list[dict[str, Any]]]:
    dynamodb = aws_client(local_aws, "dynamodb", ACCOUNT, REGION)
    table = (deployed.outputs("data") or {})["TransactionsTableName"]

    def stored(customer: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = dynamodb.query(
            TableName=table,
            IndexName="CustomerIndex",
            KeyConditionExpression="customerId = :customer",
            ExpressionAttributeValues={":customer": {"S": customer}},
        )["Items"]
        return found

    return stored


def at_once(post: Callable[[str], Given], count: int = AT_ONCE) -> list[Given]:
    """Call `post` with a new Idempotency-Key from each of so many threads."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(post, [marked() for _ in range(count)]))


def pay(api: Api, customer: str, key: str, **changes: Any) -> Answer:
    return api.call("POST", "/transactions", payment(customer, **changes), {"Idempotency-Key": key})


def pay_at_last(api: Api, customer: str, key: str) -> Answer:
    """As clients do: 409 says to try again.

    On a busy machine DynamoDB's answer to a lock may come too late, and the SDK's second try meets
    the lock of the first. It ends with the time that the function had.
    """
    for _ in range(60):
        answer = pay(api, customer, key)
        if answer.status != HTTPStatus.CONFLICT:
            break
        time.sleep(int(answer.headers["retry-after"]))
    return answer


def test_fifty_posts_with_keys_of_their_own_store_fifty_payments(
    api: Api, stored: Callable[[str], list[Any]]
) -> None:
    customer = marked()
    answers = at_once(partial(pay_at_last, api, customer))
    assert Counter(answer.status for answer in answers) == {201: AT_ONCE}
    ids = {answer.get("transactionId") for answer in answers}
    assert {item["transactionId"]["S"] for item in stored(customer)} == ids
    assert len(ids) == AT_ONCE


def test_fifty_posts_with_one_key_store_one_payment(
    api: Api, stored: Callable[[str], list[Any]]
) -> None:
    customer, key = marked(), marked()
    answers = at_once(lambda _: pay(api, customer, key))
    done = [answer for answer in answers if answer.status == 201]
    for running in (answer for answer in answers if answer.status != 201):
        assert running.status == 409
        assert str(running.get("type")).endswith("/in-progress")
        assert running.headers["retry-after"] == "1"
    (item,) = stored(customer)
    assert {answer.get("transactionId") for answer in done} == {item["transactionId"]["S"]}
    assert all(answer.body == done[0].body for answer in done)
    assert sum("idempotency-replayed" not in answer.headers for answer in done) == 1


def test_fifty_different_posts_with_one_key_store_one_of_them(
    api: Api, stored: Callable[[str], list[Any]]
) -> None:
    customer, key = marked(), marked()
    answers = at_once(lambda reference: pay(api, customer, key, reference=reference))
    statuses = Counter(answer.status for answer in answers)
    assert statuses.keys() <= {201, 409, 422}
    assert statuses[201] == 1
    (item,) = stored(customer)
    (done,) = (answer for answer in answers if answer.status == 201)
    assert (item["transactionId"]["S"], item["reference"]["S"]) == (
        done.get("transactionId"),
        done.get("reference"),
    )
