"""Accounts: whose credentials are used, and what is said when there are none."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.credentials import AssumeRoleProvider

from tapgen.aws.account import Account, Connection
from tapgen.aws.errors import explained
from tapgen.aws.session import new_session
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
        "these credentials belong to account 800000009998, but the environment is in 123456789012"
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
    assert raised.value.hint.startswith("Check --profile and AWS_PROFILE")


@pytest.mark.parametrize(
    "broken", ["[default\naws_access_key_id =", "[profile other]\nregion = x"], ids=["form", "name"]
)
def test_the_local_aws_reads_no_configuration(
    account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, broken: str
) -> None:
    (tmp_path / "config").write_text(broken)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert new_session(alone=True).get_credentials() is None
    account.sign_in()
    account.verify(REGION)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"])
def test_no_proxy_leads_to_the_local_aws(
    account: Account, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    identity = account.client("sts", REGION).get_caller_identity()
    assert identity["Account"] == account.account_id


def profile(tmp_path: Path, text: str) -> Account:
    (tmp_path / "config").write_text(text)
    return Account("123456789012", Connection(profile="p", endpoint_url="http://127.0.0.1:9"))


def test_a_broken_configuration_is_told(no_credentials: None, tmp_path: Path) -> None:
    account = profile(tmp_path, "[profile p\nregion = x")
    account.sign_in()
    with pytest.raises(TapgenError, match="signing in with profile p: Unable to parse") as raised:
        account.client("sts", REGION)
    assert raised.value.hint.startswith("Correct ~/.aws/config")


def test_a_process_that_gives_no_credentials_is_told(no_credentials: None, tmp_path: Path) -> None:
    account = profile(
        tmp_path, "[profile p]\ncredential_process = sh -c 'echo no vault >&2; exit 1'"
    )
    account.sign_in()
    with pytest.raises(TapgenError, match="no vault") as raised:
        account.verify(REGION)
    assert "credential_process" in raised.value.hint


WITH_MFA = """
[profile base]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = x

[profile p]
role_arn = arn:aws:iam::123456789012:role/deployer
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
region = eu-west-1
"""


def test_who_signs_in_is_asked_for_the_code_at_once_and_once(
    no_credentials: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, local_aws: LocalAws
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", local_aws.endpoint_url)
    asked: list[tuple[str, threading.Thread]] = []

    def prompt(text: str) -> str:
        asked.append((text, threading.current_thread()))
        return "123456"

    monkeypatch.setattr("botocore.credentials.getpass.getpass", prompt)
    monkeypatch.setattr(AssumeRoleProvider.__init__, "__defaults__", (prompt, None, None))
    account = profile(tmp_path, WITH_MFA)
    account.sign_in()
    account.client("sts", REGION)
    account.sign_in()
    ((text, thread),) = asked
    assert "arn:aws:iam::123456789012:mfa/me" in text
    assert thread is threading.current_thread()


def test_where_nobody_can_be_asked_for_the_code_it_is_told(
    no_credentials: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prompt(_: str) -> str:
        raise EOFError

    monkeypatch.setattr(AssumeRoleProvider.__init__, "__defaults__", (prompt, None, None))
    account = profile(tmp_path, WITH_MFA)
    account.sign_in()
    with pytest.raises(TapgenError, match="an MFA code is required, and there is no terminal"):
        account.client("sts", REGION)


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
