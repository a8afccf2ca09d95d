from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.errors import TapgenError, UsageError
from tapgen.settings.comparison import differences
from tapgen.settings.editing.new_environment import Wanted, free_cidr, replicate
from tapgen.settings.faults import EnvironmentFaults
from tapgen.settings.store import load, load_draft

Edit = Callable[[str, str, str], None]
QA = Wanted("qa", "444444444444")


def test_a_replica_differs_only_in_what_is_its_own(envs: Path) -> None:
    replica = replicate(envs, "prod", QA)
    assert replica.path == envs / "qa.yaml"
    assert not replica.path.exists()
    found = differences(load(envs, "prod"), replica.environment)
    assert {one.setting: one.second.value for one in found} == {
        "name": "qa",
        "account_id": "444444444444",
        "domain": "qa.api.example.com",
        "network.cidr": "10.40.0.0/16",
    }
    assert replica.left_out == ()
    replica.path.write_text(replica.text)
    assert load(envs, "qa") == replica.environment


def test_the_file_says_only_what_differs_and_keeps_comments(envs: Path, edit: Edit) -> None:
    edit("prod", "functions:\n", "functions:\n  log_level: INFO\n")
    edit("prod", "alarms:\n", "cdn: {price_class: PriceClass_100}\n\nalarms:\n")
    text = replicate(envs, "prod", QA).text
    assert text.startswith(
        "# yaml-language-server: $schema=settings.schema.json\n"
        "# qa: made from prod by `tapgen env new`.\n\n"
        'name: qa\naccount_id: "444444444444"\ndomain: qa.api.example.com\nprotection: true\n'
    )
    assert "  cloudwatch_days: 400 # PCI DSS 10.5.1: twelve months\n" in text
    assert "log_level" not in text
    assert "cdn: {price_class: PriceClass_100}" in text  # in braces it is left alone


def test_everything_can_be_said(envs: Path) -> None:
    wanted = replace(
        QA, cidr="10.99.0.0/16", domain="x.example.org", region="eu-west-1", cost_center="QA-9"
    )
    settings = replicate(envs, "dev", wanted).environment.settings
    assert settings.network.cidr == "10.99.0.0/16"
    assert (settings.domain, settings.region) == ("x.example.org", "eu-west-1")
    assert settings.cost_center == "QA-9"


def test_the_region_of_all_is_not_said_again(envs: Path, edit: Edit) -> None:
    edit("prod", "protection", "region: eu-west-1\nprotection")
    assert "region: eu-west-1\n" in replicate(envs, "prod", QA).text
    assert "region:" not in replicate(envs, "prod", replace(QA, region="us-east-1")).text


def test_the_domain_follows_the_source(envs: Path, edit: Edit) -> None:
    assert replicate(envs, "staging", QA).environment.settings.domain == "qa.api.example.com"
    edit("dev", "domain: dev.api.example.com\n", "")
    assert replicate(envs, "dev", QA).environment.settings.domain is None


def test_what_belongs_to_the_source_is_left_out(envs: Path, edit: Edit) -> None:
    edit("prod", "protection", "parent_zone_id: Z123\nstack_prefix: pay\nprotection")
    role = "deployment:\n  role_arn: arn:aws:iam::333333333333:role/deploy\n"
    edit("prod", "alarms:\n", f"{role}\nalarms:\n")
    replica = replicate(envs, "prod", QA)
    assert replica.left_out == ("parent_zone_id", "stack_prefix", "deployment.role_arn")
    assert replica.environment.prefix == "payments-qa"
    assert "deployment" not in replica.text


def test_a_second_environment_in_an_account_leaves_its_logging_alone(envs: Path) -> None:
    replica = replicate(envs, "prod", replace(QA, account_id="333333333333"))
    assert replica.environment.settings.api.manage_account_logging is False


def test_without_a_common_file(envs: Path) -> None:
    common = (envs / "common.yaml").read_text()
    prod = (envs / "prod.yaml").read_text()
    for path in envs.glob("*.yaml"):
        path.unlink()
    api = common.partition("api:\n")[2].partition("\n\n")[0]
    rest = common.replace(f"api:\n{api}\n", "")
    sections = {"network", "data", "functions", "alarms"}
    for name in sections:
        body = rest.partition(f"\n{name}:\n")[2].partition("\n\n")[0]
        prod = prod.replace(f"\n{name}:\n", f"\n{name}:\n{body}\n")
        rest = rest.replace(f"\n{name}:\n{body}\n", "\n")
    prod = prod.replace("\napi:\n", f"\napi:\n{api}\n")
    (envs / "prod.yaml").write_text(f"{prod}\n{rest}")
    text = replicate(envs, "prod", QA).text
    assert "project: payments\n" in text


@pytest.mark.parametrize(
    ("source", "wanted", "message"),
    [
        ("prod", replace(QA, name="staging"), "there is an environment staging already"),
        ("prod", replace(QA, name="common"), '"common" cannot be the name of an environment'),
        ("prod", replace(QA, name="../x"), '"../x" cannot be the name of an environment'),
        ("prdo", QA, 'there is no environment "prdo" to copy'),
    ],
)
def test_names_that_cannot_be(envs: Path, source: str, wanted: Wanted, message: str) -> None:
    with pytest.raises(UsageError) as error:
        replicate(envs, source, wanted)
    assert error.value.message == message


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (replace(QA, account_id="12"), 'envs/qa.yaml:5:13: account_id: "12" does not fit'),
        (replace(QA, cidr="10.30.0.0/16"), "overlaps"),
        (replace(QA, domain="x\ny: 1"), 'domain: "x\\ny: 1" does not fit'),
        (replace(QA, domain='"a'), 'domain: ""a" does not fit'),
        (replace(QA, region="mars-1"), 'region: "mars-1" does not fit'),
    ],
)
def test_what_would_not_be_valid_is_refused(envs: Path, wanted: Wanted, message: str) -> None:
    with pytest.raises(EnvironmentFaults) as error:
        replicate(envs, "prod", wanted)
    assert message in error.value.message


def test_the_same_stacks_in_the_same_account_are_refused(envs: Path, edit: Edit) -> None:
    """Another environment took the name by its stack_prefix."""
    edit("dev", "protection", "stack_prefix: payments-qa\nprotection")
    with pytest.raises(EnvironmentFaults, match="both are payments-qa in account 111111111111"):
        replicate(envs, "prod", replace(QA, account_id="111111111111"))


def test_a_draft_is_checked_like_a_file(envs: Path) -> None:
    text = (envs / "prod.yaml").read_text()
    with pytest.raises(EnvironmentFaults, match="is not what the file is called"):
        load_draft(envs, "qa", text.encode())


def test_numbers_that_people_remember_come_first() -> None:
    taken = [f"10.{tens}.0.0/16" for tens in range(10, 251, 10)]
    assert free_cidr("10.0.0.0/20", taken[:3]) == "10.40.0.0/20"
    assert free_cidr("10.10.0.0/16", taken) == "10.0.0.0/16"
    assert free_cidr("10.0.0.0/16", [*taken, "10.0.0.0/15"]) == "10.2.0.0/16"
    assert free_cidr("10.0.0.0/16", ["10.0.0.0/8"]) == "172.16.0.0/16"
    with pytest.raises(TapgenError, match="no private /16 range is left"):
        free_cidr("10.0.0.0/16", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])


ranges = st.builds(
    lambda second, size: str(IPv4Network(f"10.{second}.0.0/{size}", strict=False)),
    st.integers(0, 255),
    st.integers(16, 22),
)


@given(like=ranges, taken=st.lists(ranges, max_size=30))
def test_a_free_range_is_free_and_of_the_same_size(like: str, taken: list[str]) -> None:
    found = IPv4Network(free_cidr(like, taken))
    assert found.prefixlen == IPv4Network(like).prefixlen
    assert not any(found.overlaps(IPv4Network(other)) for other in taken)
