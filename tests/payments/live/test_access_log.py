"""The access log of the deployed API, looked at by `tapgen verify`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.polling import intervals
from tapgen.aws.resources.buckets import keys_below
from tapgen.deploy.observe.live.web import Api
from tapgen.errors import TapgenError
from tapgen.local.client import api_url
from tapgen.payments.live import access_log
from tapgen.payments.live.access_log import AccessLog
from tapgen.payments.live.site import SITE
from tests.lab import with_stacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.aws.account import Account
    from tapgen.deploy.observe.checks import Check
    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "intervals", lambda: intervals(0.01, 0.05))


def health(target: Target, local: LocalAws) -> None:
    url = (target.outputs("cdn") or {})["SiteUrl"]
    assert Api(url, lambda one: api_url(local, one)).call("GET", "/health").status == 200


def looked_at(target: Target, local: LocalAws) -> Check:
    log = AccessLog(target)
    health(target, local)
    (check,) = log.check()
    return check


@pytest.fixture
def forgetful(deployed: Target) -> Iterator[None]:
    """The key as it was before API Gateway was in its policy."""
    kms = deployed.account.client("kms", deployed.home_region)
    key = (deployed.outputs("data") or {})["KeyArn"]
    policy = json.loads(kms.get_key_policy(KeyId=key)["Policy"])
    left = [one for one in policy["Statement"] if one["Sid"] != "EncryptAccessLogs"]
    kms.put_key_policy(KeyId=key, Policy=json.dumps({**policy, "Statement": left}))
    yield
    kms.put_key_policy(KeyId=key, Policy=json.dumps(policy))


def test_a_call_gets_into_the_access_log(deployed: Target, local_aws: LocalAws) -> None:
    check = looked_at(deployed, local_aws)
    assert check.ok
    assert check.actual.startswith("api-gateway/20")


def test_what_has_not_arrived_is_not_known_and_told(
    deployed: Target, local_aws: LocalAws, forgetful: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "PATIENCE_SECONDS", 0.3)
    check = looked_at(deployed, local_aws)
    assert check.ok is None
    assert check.actual.startswith("none within 0 s: check again later; if none arrives")


def test_without_a_bucket_there_is_nothing_to_look_at(deployed: Target) -> None:
    (check,) = AccessLog(with_stacks(deployed, deployed.stacks["data"])).check()
    assert (check.ok, check.actual) == (False, "storage.ApiLogsBucketName is not deployed")


def test_a_bucket_that_cannot_be_read_is_told(
    deployed: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outputs(*_: object) -> dict[str, str]:
        return {"ApiLogsBucketName": "no-such-bucket-anywhere"}

    with monkeypatch.context() as patch:
        patch.setattr(type(deployed), "outputs", outputs)
        log = AccessLog(deployed)
    (check,) = log.check()
    assert check.ok is False
    assert "NoSuchBucket" in check.actual


def test_an_answer_that_is_missing_once_is_asked_for_again(
    deployed: Target, local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AccessLog(deployed)
    health(deployed, local_aws)
    answers = [TapgenError("no answer")]

    def sometimes(account: Account, region: str, bucket: str, prefix: str) -> frozenset[str]:
        if answers:
            raise answers.pop()
        return keys_below(account, region, bucket, prefix)

    monkeypatch.setattr(access_log, "keys_below", sometimes)
    (check,) = log.check()
    assert check.ok


def test_where_nothing_answers_nobody_waits_for_a_log(deployed: Target) -> None:
    def closed(_: str) -> tuple[str, dict[str, str]]:
        return "http://127.0.0.1:9", {}

    deployed_open = with_stacks(deployed, deployed.stacks["cdn"], deployed.stacks["storage"])
    checks = list(SITE(deployed_open, closed, read_only=True))
    assert [(one.property, one.ok) for one in checks] == [("answers", False)]
