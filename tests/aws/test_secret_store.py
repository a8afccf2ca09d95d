"""Secrets are looked for, and never read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from tapgen.aws.account import Account, Connection
from tapgen.aws.secret_store import StoredSecret, stored_secret
from tapgen.errors import TapgenError
from tests.lab import REGION

if TYPE_CHECKING:
    from tests.lab import Lab


@pytest.fixture
def account(lab: Lab) -> Account:
    return Account(lab.account, Connection(endpoint_url=lab.local.endpoint_url, local=True))


def test_a_secret_is_there_dying_or_not_there(lab: Lab, account: Account) -> None:
    assert stored_secret(account, REGION, "a/b") is None
    client = lab.client("secretsmanager")
    version = client.create_secret(Name="a/b", SecretString="x")["VersionId"]
    assert stored_secret(account, REGION, "a/b") == StoredSecret(False, frozenset({version}))
    assert stored_secret(account, "eu-west-1", "a/b") is None
    client.delete_secret(SecretId="a/b", RecoveryWindowInDays=7)
    found = stored_secret(account, REGION, "a/b")
    assert found is not None
    assert found.dying


def test_who_may_not_look_is_told_so(account: Account) -> None:
    with Stubber(account.client("secretsmanager", REGION)) as aws:
        aws.add_client_error("describe_secret", "AccessDeniedException", "not you")
        with pytest.raises(TapgenError, match="looking for the secret a/b: AccessDenied"):
            stored_secret(account, REGION, "a/b")
