from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tapgen.settings.checks.cross_checks import NEVER_SHRINKS
from tapgen.settings.store import load

Edit = Callable[[str, str, str], None]
Faults = Callable[..., list[str]]


@pytest.fixture
def qa(envs: Path) -> Path:
    """A fourth environment: dev copied; name, account and CIDR edited, nothing else."""
    path = envs / "qa.yaml"
    text = (envs / "dev.yaml").read_text()
    for old, new in (
        ("name: dev", "name: qa"),
        ("1" * 12, "4" * 12),
        ("10.10.0.0", "10.40.0.0"),
    ):
        text = text.replace(old, new)
    path.write_text(text)
    return path


def test_a_copied_environment_needs_name_account_and_cidr_only(
    qa: Path, envs: Path, faults: Faults
) -> None:
    assert faults() == []
    assert load(envs, "qa").prefix == "payments-qa"
    assert load(envs, "qa").value("domain") == load(envs, "dev").value("domain")


def test_a_copy_that_was_not_edited_is_told_everything_it_shares(
    envs: Path, faults: Faults
) -> None:
    (envs / "qa.yaml").write_text((envs / "dev.yaml").read_text())
    assert faults("qa") == [
        'envs/qa.yaml:4:7: name: "dev" is not what the file is called; write qa, or rename it',
        (
            "envs/qa.yaml:5:13: account_id: qa and dev (envs/dev.yaml:5:13) both are payments-dev "
            "in account 111111111111; give one of them another account or stack_prefix"
        ),
        (
            "envs/qa.yaml:5:13: api.manage_account_logging: qa and dev (envs/dev.yaml:5:13) both "
            "own the API logging of account 111111111111; "
            "it exists once per account and region: set it to false in one of them"
        ),
        (
            "envs/qa.yaml:11:9: network.cidr: 10.10.0.0/16 of qa overlaps 10.10.0.0/16 of dev "
            "(envs/dev.yaml:11:9); give each environment a range of its own"
        ),
    ]


def test_one_account_with_two_prefixes_is_fine_when_one_owns_the_logging(
    qa: Path, edit: Edit, faults: Faults
) -> None:
    edit("qa", "4" * 12, "1" * 12)
    (fault,) = faults("dev")
    assert "api.manage_account_logging: qa and dev" in fault
    edit("qa", "  throttle_rate", "  manage_account_logging: false\n  throttle_rate")
    assert faults() == []


def test_one_account_in_two_regions_has_two_loggings(qa: Path, edit: Edit, faults: Faults) -> None:
    edit("qa", "4" * 12, "1" * 12)
    edit("qa", "protection: false", "protection: false\nregion: eu-central-1")
    assert faults() == []


def test_prefixes_clash_however_they_come_about(qa: Path, edit: Edit, faults: Faults) -> None:
    edit("qa", f'"{"4" * 12}"', f'"{"1" * 12}"\nstack_prefix: payments-dev')
    assert any("qa and dev" in fault and "both are payments-dev" in fault for fault in faults())


def test_ranges_must_not_contain_each_other(qa: Path, edit: Edit, faults: Faults) -> None:
    edit("qa", "10.40.0.0/16", "10.30.64.0/20")
    assert faults() == [
        (
            "envs/qa.yaml:11:9: network.cidr: 10.30.64.0/20 of qa overlaps 10.30.0.0/16 of prod "
            "(envs/prod.yaml:11:9); give each environment a range of its own"
        )
    ]


def test_rules_between_others_do_not_concern_an_environment(
    qa: Path, edit: Edit, faults: Faults
) -> None:
    edit("qa", "10.40.0.0/16", "10.30.64.0/20")
    assert faults("dev") == []
    assert len(faults("prod")) == len(faults("qa")) == 1
    edit("qa", "4" * 12, "1" * 12)
    assert len(faults("prod")) == 1
    assert faults("staging") == []


def test_a_range_is_compared_although_others_overlap(
    qa: Path, envs: Path, edit: Edit, faults: Faults
) -> None:
    text = qa.read_text().replace("name: qa", "name: qb").replace("4" * 12, "5" * 12)
    (envs / "qb.yaml").write_text(text.replace("10.40.0.0/16", "10.30.64.0/20"))
    edit("qa", "10.40.0.0/16", "10.10.64.0/20")
    (fault,) = faults("qb")
    assert "10.30.64.0/20 of qb overlaps 10.30.0.0/16 of prod" in fault


def test_sizing_may_not_shrink_on_the_way_to_production(edit: Edit, faults: Faults) -> None:
    edit("staging", "memory_mb: 1024", "memory_mb: 511")
    fault = (
        "envs/staging.yaml:23:14: functions.memory_mb: 511 in staging is less than 512 in dev "
        "(envs/dev.yaml:23:14); it never shrinks from dev to staging to prod"
    )
    assert faults() == faults("dev") == faults("staging") == [fault]
    assert faults("prod") == []
    edit("staging", "memory_mb: 511", "memory_mb: 512")
    assert faults() == []


@pytest.mark.parametrize("setting", NEVER_SHRINKS)
def test_each_size_is_compared(edit: Edit, faults: Faults, envs: Path, setting: str) -> None:
    value = load(envs, "staging").value(setting)
    leaf = setting.rpartition(".")[2]
    larger = {"retention.cloudwatch_days": 545}.get(setting, 3500 if "memory" in setting else 999)
    edit("staging", f"  {leaf}: {value}\n", f"  {leaf}: {larger}\n")
    if setting.endswith("_max"):
        edit("prod", f"  {leaf}: 1000\n", f"  {leaf}: 998\n")
    elif setting.endswith("capacity"):
        edit("staging", f"  {leaf}_max: 100\n", f"  {leaf}_max: 999\n")
    (fault,) = faults()
    assert f"{setting}: " in fault
    assert f"in prod is less than {larger} in staging" in fault


def test_without_staging_dev_is_compared_with_production(
    envs: Path, edit: Edit, faults: Faults
) -> None:
    (envs / "staging.yaml").unlink()
    edit("dev", "logs_days: 7", "logs_days: 91")
    (fault,) = faults()
    assert "retention.logs_days: 90 in prod is less than 91 in dev" in fault


def test_environments_of_other_names_stand_apart(qa: Path, edit: Edit, faults: Faults) -> None:
    edit("qa", "memory_mb: 512", "memory_mb: 128")
    assert faults() == []


def test_what_cannot_be_read_is_not_compared(qa: Path, edit: Edit, faults: Faults) -> None:
    edit("qa", "10.40.0.0/16", "10.300.0.0/16")
    edit("qa", '"444444444444"', "oops")
    assert [fault.split(":")[3].strip() for fault in faults()] == ["account_id", "network.cidr"]
    assert faults("dev") == []
