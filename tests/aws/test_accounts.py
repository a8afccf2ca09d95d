"""What environments share, and what they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.aws.account import Connection
from tapgen.aws.accounts import Accounts
from tapgen.aws.pace import Pace
from tapgen.errors import TapgenError

HERE, THERE = "800000000101", "800000000102"
NOWHERE = "http://127.0.0.1:9"
REGION = "us-east-1"


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(
        f"[{name}]\naws_access_key_id = {name}\naws_secret_access_key = x\n" for name in ("a", "b")
    )
    path = tmp_path / "credentials"
    path.write_text(text)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)


def reached(profile: str) -> Connection:
    return Connection(profile=profile, endpoint_url=NOWHERE)


@pytest.mark.usefixtures("profiles")
def test_an_account_is_opened_once_for_each_way_of_reaching_it() -> None:
    accounts = Accounts()
    here = accounts.account(HERE, reached("a"))
    assert accounts.account(HERE, reached("a")) is here
    assert accounts.account(HERE, reached("b")) is not here
    assert accounts.account(THERE, reached("a")) is not here
    place = accounts.place(here, REGION)
    assert accounts.place(here, REGION) is place
    assert accounts.place(here, "eu-west-1") is not place


@pytest.mark.usefixtures("profiles")
def test_a_profile_is_read_once() -> None:
    accounts = Accounts()
    here, there = (accounts.account(one, reached("a")) for one in (HERE, THERE))
    other = accounts.account(HERE, reached("b"))
    for account in (here, there, other):
        account.client("sts", REGION)
    assert here._session is there._session
    assert here._session is not other._session
    keys = [account._session.get_credentials().access_key for account in (here, other)]
    assert keys == ["a", "b"]


def test_a_profile_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(TapgenError, match="nobody"):
        Accounts().account(HERE, reached("nobody")).client("sts", REGION)


@pytest.mark.usefixtures("profiles")
def test_calls_are_paced_together_where_environments_share_an_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns: list[Pace] = []
    monkeypatch.setattr(Pace, "wait", lambda self, **_: turns.append(self))
    accounts = Accounts(busy=[HERE])

    def ask(account: str, profile: str, service: str, region: str = REGION) -> list[Pace]:
        turns.clear()
        client = accounts.account(account, reached(profile)).client(service, region)
        client.meta.events.emit(f"before-send.{service}.Anything", request=None)
        return list(turns)

    (first,) = ask(HERE, "a", "cloudformation")
    assert ask(HERE, "b", "cloudformation") == [first]
    (lock,) = ask(HERE, "a", "ssm")
    (elsewhere,) = ask(HERE, "a", "cloudformation", "eu-west-1")
    assert len({first, lock, elsewhere}) == 3
    assert ask(HERE, "a", "sqs") == []
    assert ask(THERE, "a", "cloudformation") == []
    config = accounts.account(HERE, reached("a")).client("ssm", REGION).meta.config
    assert config.retries["mode"] == "adaptive"
    assert config.retries["total_max_attempts"] == 10


def test_the_local_aws_needs_no_pace() -> None:
    local = Connection(endpoint_url=NOWHERE, local=True)
    client = Accounts(busy=[HERE]).account(HERE, local).client("cloudformation", REGION)
    assert client.meta.config.retries["mode"] == "standard"
