from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.errors import TapgenError
from tapgen.payments.platform import PLATFORM
from tapgen.settings.environment import Environment
from tapgen.settings.fields import fields
from tapgen.settings.store import load


@pytest.fixture(scope="module")
def dev(shipped: Path) -> Environment:
    return load(shipped, PLATFORM, "dev")


def test_what_every_step_asks_for(dev: Environment) -> None:
    assert dev.name == "dev"
    assert dev.prefix == "payments-dev"
    assert dev.account_id == "111111111111"
    assert dev.region == "us-east-1"
    assert dev.protection is False


@pytest.mark.parametrize(
    ("setting", "value", "parameter"),
    [
        ("name", "dev", "dev"),
        ("prefix", "payments-dev", "payments-dev"),
        ("stack_prefix", None, ""),
        ("domain", "dev.api.example.com", "dev.api.example.com"),
        ("data.read_capacity", 5, "5"),
        ("functions.reserved_concurrency", 0, "0"),
        ("protection", False, "false"),
        ("api.manage_account_logging", True, "true"),
        ("network.interface_endpoints", (), None),
        ("network.interface_endpoints.logs", False, "false"),
        ("data.read_capacity.odd", 5, "5"),
        ("data.read_capacity.even", 4, "4"),
        ("api.origin_secret_generation.odd", 1, "1"),
        ("api.origin_secret_generation.even", 0, "0"),
    ],
)
def test_settings_and_the_parameters_they_become(
    dev: Environment, setting: str, value: object, parameter: str | None
) -> None:
    assert dev.value(setting) == value
    assert dev.parameter(setting) == (parameter or ("logs,kms,sqs,sts,xray" if value else ""))


def test_membership_follows_the_list(envs: Path) -> None:
    text = (envs / "prod.yaml").read_text()
    edited = text.replace("network:\n", "network:\n  interface_endpoints: [sts]\n")
    (envs / "prod.yaml").write_text(edited)
    prod = load(envs, PLATFORM, "prod")
    assert prod.value("network.interface_endpoints.sts") is True
    assert prod.value("network.interface_endpoints.logs") is False
    assert prod.parameter("network.interface_endpoints.logs") == "false"


def test_an_empty_list_is_an_empty_parameter(envs: Path) -> None:
    text = (envs / "prod.yaml").read_text()
    edited = text.replace("network:\n", "network:\n  interface_endpoints: []\n")
    (envs / "prod.yaml").write_text(edited)
    assert load(envs, PLATFORM, "prod").parameter("network.interface_endpoints") == ""


@pytest.mark.parametrize(
    ("setting", "hint"),
    [
        ("data.red_capacity", "did you mean data.read_capacity?"),
        ("prefx", "did you mean prefix?"),
        ("network.interface_endpoints.log", "did you mean network.interface_endpoints?"),
        ("data", "`tapgen env schema` describes every setting"),
        ("settings.__class__", "`tapgen env schema` describes every setting"),
        ("network.nat.none", "did you mean network.nat?"),
    ],
)
def test_an_unknown_setting_is_an_error_with_a_hint(
    dev: Environment, setting: str, hint: str
) -> None:
    with pytest.raises(TapgenError, match="there is no setting") as caught:
        dev.value(setting)
    assert caught.value.hint == hint


def test_leaves_are_all_settings_in_the_order_of_declaration(dev: Environment) -> None:
    leaves = dev.leaves
    assert list(leaves) == list(fields(PLATFORM))
    assert list(leaves)[:4] == ["name", "project", "stack_prefix", "account_id"]
    assert leaves["network.nat"] == "none"
    assert leaves["stack_prefix"] is None


def test_every_setting_has_a_source_or_is_at_its_default(dev: Environment) -> None:
    unset = {setting for setting, value in dev.leaves.items() if value is None}
    assert set(dev.sources) == set(fields(PLATFORM)) - unset


def test_an_environment_is_a_value(dev: Environment, shipped: Path) -> None:
    assert dev == load(shipped, PLATFORM, "dev")
    assert hash(dev) == hash(load(shipped, PLATFORM, "dev"))
    assert dev != load(shipped, PLATFORM, "prod")


def test_another_value_makes_another_environment(dev: Environment) -> None:
    section = dev.replaced("functions.memory_mb", 256)
    assert (section.value("functions.memory_mb"), section.value("region")) == (256, dev.region)
    assert dev.replaced("region", "eu-west-1").region == "eu-west-1"
    assert dev.value("functions.memory_mb") != 256
