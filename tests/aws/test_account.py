"""Accounts: whose credentials are used, and what is said when there are none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.account import Account, Connection
from tapgen.aws.errors import explained
from tapgen.errors import RefusedError, TapgenError

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws

REGION = "us-east-1"


@pytest.fixture
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_the_local_aws_takes_the_account_as_key(account: Account) -> None:
    account.verify(REGION)
    assert account.client("sts", REGION) is account.client("sts", REGION)
    assert account.client("sts", REGION) is not account.client("sts", "eu-west-1")


def test_accounts_of_one_server_are_apart(account: Account) -> None:
    other = Account("800000009999", account.connection)
    account.client("sqs", REGION).create_queue(QueueName="mine")
    assert other.client("sqs", REGION).list_queues().get("QueueUrls", []) == []
    other.verify(REGION)


def test_credentials_of_another_account_are_refused(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "800000009998")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    connection = Connection(endpoint_url=local_aws.endpoint_url)
    Account("800000009998", connection).verify(REGION)
    with pytest.raises(RefusedError) as raised:
        Account("123456789012", connection).verify(REGION)
    assert raised.value.message == (
        "these credentials belong to account 800000009998, "
        "but the environment lives in 123456789012"
    )


def test_a_profile_of_the_configuration_is_used(
    local_aws: LocalAws, no_credentials: None, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text(
        "[lab]\naws_access_key_id = 800000009997\naws_secret_access_key = local\n"
    )
    connection = Connection(profile="lab", endpoint_url=local_aws.endpoint_url)
    account = Account("800000009997", connection)
    account.verify(REGION)
    assert account.client("sts", REGION).get_caller_identity()["Account"] == "800000009997"


def test_a_profile_counts_at_the_local_aws_too(
    local_aws: LocalAws, no_credentials: None, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text(
        "[lab]\naws_access_key_id = 800000009996\naws_secret_access_key = local\n"
    )
    connection = Connection(profile="lab", endpoint_url=local_aws.endpoint_url, local=True)
    with pytest.raises(RefusedError, match="belong to account 800000009996"):
        Account("123456789012", connection).verify(REGION)


def test_a_profile_that_does_not_exist_is_told(no_credentials: None) -> None:
    with pytest.raises(TapgenError, match=r"profile .*nobody.* could not be found") as raised:
        Account("123456789012", Connection(profile="nobody")).client("sts", REGION)
    assert raised.value.hint.startswith("No usable credentials. Sign in again")


def test_no_credentials_at_all_are_told(local_aws: LocalAws, no_credentials: None) -> None:
    account = Account("123456789012", Connection(endpoint_url=local_aws.endpoint_url))
    with pytest.raises(TapgenError, match="asking STS for the account: Unable to locate") as raised:
        account.verify(REGION)
    assert "aws sso login" in raised.value.hint


@pytest.mark.slow
def test_an_endpoint_that_nobody_serves_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    account = Account("123456789012", Connection(endpoint_url="http://127.0.0.1:9", local=True))
    with pytest.raises(
        TapgenError, match="asking STS for the account: Could not connect"
    ) as raised:
        account.verify(REGION)
    assert raised.value.hint == "Check the network, and AWS_ENDPOINT_URL if it is set."


def test_an_error_of_tapgen_passes_unchanged() -> None:
    with pytest.raises(TapgenError, match=r"^mine$"), explained("doing something"):
        raise TapgenError("mine")
