from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tapgen.aws.account import Connection
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError
from tapgen.local.state import LocalAws


def test_environments_are_all_or_the_chosen_ones_once(project: Path) -> None:
    invocation = Invocation()
    assert invocation.names() == ["dev", "staging", "prod"]
    assert [e.name for e in invocation.environments([])] == ["dev", "staging", "prod"]
    assert [e.name for e in invocation.environments(["prod", "prod"])] == ["prod"]
    with pytest.raises(UsageError, match="pord"):
        invocation.environments(["pord"])


def test_environments_are_read_once_in_a_run(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    invocation = Invocation()
    first = invocation.environments(["dev"])
    monkeypatch.setattr("tapgen.settings.store.load_all", None)
    assert invocation.environments(["dev", "dev"]) is first


@pytest.mark.parametrize(
    ("value", "wanted"), [(None, True), ("", True), ("0", True), ("1", False), ("yes", False)]
)
def test_every_command_can_be_told_to_remember_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None, wanted: bool
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("TAPGEN_NO_CACHE")
    if value is not None:
        monkeypatch.setenv("TAPGEN_NO_CACHE", value)
    assert (Invocation().store() is not None) is wanted
    assert Invocation(no_cache=True).store() is None


def test_a_target_is_one_environment_and_how_its_account_is_reached(project: Path) -> None:
    target = Invocation(profile="mine").target("prod")
    assert target.environment == "prod"
    assert target.account.account_id == "333333333333"
    assert target.account.connection == Connection(profile="mine")
    assert target.command("plan") == "tapgen plan --env prod --profile mine"


@pytest.mark.slow
def test_the_local_aws_is_reached_at_its_own_address(
    local_aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(local_aws.directory.parents[1])
    connection = Invocation(local=True, profile="ignored").connection("dev")
    assert connection == Connection(endpoint_url=local_aws.endpoint_url, local=True)


def test_a_profile_counts_where_the_local_aws_enforces_iam(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    local = LocalAws("http://127.0.0.1:1", 1, 1, tmp_path, enforces_iam=True)
    monkeypatch.setattr("tapgen.local.client.start", lambda _: local)
    connection = Invocation(local=True, profile="me").connection("dev")
    assert connection == Connection(profile="me", endpoint_url=local.endpoint_url, local=True)


@pytest.mark.parametrize(
    ("invocation", "suffix"),
    [
        (Invocation(), ""),
        (Invocation(local=True), " --local"),
        (Invocation(profile="mine"), " --profile mine"),
        (Invocation(profile="my own"), " --profile 'my own'"),
        (Invocation(profile="mine", local=True), " --local"),
        (Invocation(Path("a b"), local=True), " --envs-dir 'a b' --local"),
    ],
)
def test_suggested_commands_repeat_how_aws_was_reached(
    monkeypatch: pytest.MonkeyPatch, invocation: Invocation, suffix: str
) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    assert invocation.command_suffix == suffix


def test_a_profile_of_the_environment_need_not_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    assert Invocation(profile="mine").command_suffix == ""
    assert Invocation(profile="other").command_suffix == " --profile other"
