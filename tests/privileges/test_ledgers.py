"""Who deploys and who reviews sees what a ledger lacks, and nothing of other environments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.account import Account, Connection
from tapgen.aws.ledger.bucket import LedgerBucket
from tapgen.deploy.record.ledger import Ledger
from tapgen.errors import TapgenError
from tapgen.iam import policies
from tapgen.iam.policies import Roles
from tapgen.payments.platform import PLATFORM
from tests.conftest import aws_client
from tests.privileges.people import People

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws
    from tapgen.render.rendering import Rendered

pytestmark = pytest.mark.slow

ACCOUNT = "868686868686"
REGION = "us-east-1"
BUCKET = "ledger-868686868686"
THERE = "content/there.json"
ABSENT = "content/absent.json"


@pytest.fixture(scope="module")
def bucket(enforcing: LocalAws) -> str:
    s3 = aws_client(enforcing, "s3", ACCOUNT, REGION)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=THERE, Body=b"{}")
    return BUCKET


@pytest.mark.parametrize("task", ["deploy", "review"])
def test_content_that_the_ledger_lacks_is_missing_and_not_denied(
    enforcing: LocalAws, rendered: Rendered, bucket: str, task: str
) -> None:
    stacks = [replace(stack, account_id=ACCOUNT) for stack in rendered.stacks["dev"]]
    made = policies.BUILDERS[task](PLATFORM, stacks, Roles(ledger=bucket))
    name = People(enforcing, ACCOUNT).user(f"{task}-ledger", made)
    connection = Connection(profile=name, endpoint_url=enforcing.endpoint_url, local=True)
    place = LedgerBucket(Account(ACCOUNT, connection), REGION, bucket)
    ledger = Ledger(place, REGION, "payments-dev")
    assert ledger.contents([THERE, ABSENT]) == {THERE: b"{}", ABSENT: None}
    assert ledger.read(1) is None
    with pytest.raises(TapgenError, match=r"s3:ListBucket|AccessDenied"):
        place.keys("")
    with pytest.raises(TapgenError, match="AccessDenied"):
        place.get("releases/us-east-1/payments-prod/000001-begun.json")
