from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tapgen.errors import UsageError
from tapgen.payments.platform import PLATFORM
from tapgen.settings.comparison import differences
from tapgen.settings.editing.new_environment import Wanted, replicate
from tapgen.settings.faults import EnvironmentFaults
from tapgen.settings.store import load, load_draft

Edit = Callable[[str, str, str], None]
QA = Wanted("qa", "444444444444")


def test_a_replica_differs_only_in_what_is_its_own(envs: Path) -> None:
    replica = replicate(envs, PLATFORM, "prod", QA)
    assert replica.path == envs / "qa.yaml"
    assert not replica.path.exists()
    found = differences(load(envs, PLATFORM, "prod"), replica.environment)
    assert {one.setting: one.second.value for one in found} == {
        "name": "qa",
        "account_id": "444444444444",
        "domain": "qa.api.example.com",
        "network.cidr": "10.40.0.0/16",
    }
    assert replica.left_out == ()
    replica.path.write_text(replica.text)
    assert load(envs, PLATFORM, "qa") == replica.environment


def test_the_file_says_only_what_differs_and_keeps_comments(envs: Path, edit: Edit) -> None:
    edit("prod", "functions:\n", "functions:\n  log_level: INFO\n")
    edit("prod", "alarms:\n", "cdn: {price_class: PriceClass_100}\n\nalarms:\n")
    text = replicate(envs, PLATFORM, "prod", QA).text
    assert text.startswith(
        "# yaml-language-server: $schema=settings.schema.json\n"
        "# qa: created from prod by `tapgen env new`.\n\n"
        'name: qa\naccount_id: "444444444444"\ndomain: qa.api.example.com\nprotection: true\n'
    )
    assert "  cloudwatch_days: 400 # PCI DSS 10.5.1: twelve months\n" in text
    assert "log_level" not in text
    assert "cdn: {price_class: PriceClass_100}" in text  # in braces it is left alone


def test_everything_can_be_said(envs: Path) -> None:
    options = {"cidr": "10.99.0.0/16", "domain": "x.example.org", "cost-center": "QA-9"}
    replica = replicate(envs, PLATFORM, "dev", replace(QA, region="eu-west-1", options=options))
    assert replica.environment.region == "eu-west-1"
    assert replica.environment.value("network.cidr") == "10.99.0.0/16"
    assert replica.environment.value("domain") == "x.example.org"
    assert replica.environment.value("cost_center") == "QA-9"
    assert replica.summary == {
        "VPC": "10.99.0.0/16",
        "domain": "x.example.org",
        "cost centre": "QA-9",
    }


def test_the_region_of_all_is_not_said_again(envs: Path, edit: Edit) -> None:
    edit("prod", "protection", "region: eu-west-1\nprotection")
    assert "region: eu-west-1\n" in replicate(envs, PLATFORM, "prod", QA).text
    assert "region:" not in replicate(envs, PLATFORM, "prod", replace(QA, region="us-east-1")).text


def test_what_belongs_to_the_source_is_left_out(envs: Path, edit: Edit) -> None:
    edit("prod", "protection", "parent_zone_id: Z123\nstack_prefix: pay\nprotection")
    role = "deployment:\n  role_arn: arn:aws:iam::333333333333:role/deploy\n"
    edit("prod", "alarms:\n", f"{role}\nalarms:\n")
    replica = replicate(envs, PLATFORM, "prod", QA)
    assert replica.left_out == ("parent_zone_id", "stack_prefix", "deployment.role_arn")
    assert replica.environment.prefix == "payments-qa"
    assert "deployment" not in replica.text


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
    text = replicate(envs, PLATFORM, "prod", QA).text
    assert "project: payments\n" in text


@pytest.mark.parametrize(
    ("source", "wanted", "message"),
    [
        ("prod", replace(QA, name="staging"), "the environment staging already exists"),
        (
            "prod",
            replace(QA, name="common"),
            "no environment may be called common: this file holds what all environments share",
        ),
        ("prod", replace(QA, name="../x"), '"../x" cannot be the name of an environment'),
        ("prdo", QA, 'there is no environment "prdo" to copy'),
        (
            "dev",
            replace(QA, name="deployed"),
            (
                "no environment may be called deployed: `tapgen diff --against deployed` has "
                "another meaning"
            ),
        ),
    ],
)
def test_names_that_cannot_be(envs: Path, source: str, wanted: Wanted, message: str) -> None:
    with pytest.raises(UsageError) as error:
        replicate(envs, PLATFORM, source, wanted)
    assert error.value.message == message


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (replace(QA, account_id="12"), 'envs/qa.yaml:5:13: account_id: "12" does not fit'),
        (replace(QA, options={"cidr": "10.30.0.0/16"}), "overlaps"),
        (replace(QA, options={"domain": "x\ny: 1"}), 'domain: "x\\ny: 1" does not fit'),
        (replace(QA, options={"domain": '"a'}), 'domain: ""a" does not fit'),
        (replace(QA, region="mars-1"), 'region: "mars-1" does not fit'),
    ],
)
def test_what_would_not_be_valid_is_refused(envs: Path, wanted: Wanted, message: str) -> None:
    with pytest.raises(EnvironmentFaults) as error:
        replicate(envs, PLATFORM, "prod", wanted)
    assert message in error.value.message


def test_the_same_stacks_in_the_same_account_are_refused(envs: Path, edit: Edit) -> None:
    """Another environment took the name by its stack_prefix."""
    edit("dev", "protection", "stack_prefix: payments-qa\nprotection")
    with pytest.raises(
        EnvironmentFaults, match="both use the prefix payments-qa in account 111111111111"
    ):
        replicate(envs, PLATFORM, "prod", replace(QA, account_id="111111111111"))


def test_a_draft_is_checked_like_a_file(envs: Path) -> None:
    text = (envs / "prod.yaml").read_text()
    with pytest.raises(EnvironmentFaults, match="is not the name of the file"):
        load_draft(envs, PLATFORM, "qa", text.encode())
