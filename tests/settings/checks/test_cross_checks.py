from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tapgen.payments.platform import PLATFORM
from tapgen.settings.store import load

Edit = Callable[[str, str, str], None]
Faults = Callable[..., list[str]]


def test_a_copy_that_was_not_edited_is_told_everything_it_shares(
    envs: Path, fault_lines: Faults
) -> None:
    (envs / "qa.yaml").write_text((envs / "dev.yaml").read_text())
    assert fault_lines("qa") == [
        'envs/qa.yaml:4:7: name: "dev" is not the name of the file; write qa, or rename the file',
        (
            "envs/qa.yaml:5:13: account_id: qa and dev (envs/dev.yaml:5:13) both use the "
            "prefix payments-dev in account 111111111111; give one of them a different account "
            "or stack_prefix"
        ),
        (
            "envs/qa.yaml:5:13: api.manage_account_logging: qa and dev (envs/dev.yaml:5:13) both "
            "manage the API logging of account 111111111111; "
            "it exists once per account and region: set it to false in one of them"
        ),
        (
            "envs/qa.yaml:6:9: domain: qa and dev (envs/dev.yaml:6:9) both use "
            "dev.api.example.com; CloudFront allows a domain only once: use for instance "
            "qa.dev.api.example.com"
        ),
        (
            "envs/qa.yaml:11:9: network.cidr: 10.10.0.0/16 of qa overlaps 10.10.0.0/16 of dev "
            "(envs/dev.yaml:11:9); use a separate range for each environment"
        ),
    ]


def test_prefixes_clash_however_they_come_about(qa: Path, edit: Edit, fault_lines: Faults) -> None:
    edit("qa", f'"{"4" * 12}"', f'"{"1" * 12}"\nstack_prefix: payments-dev')
    assert any(
        "qa and dev" in fault and "both use the prefix payments-dev" in fault
        for fault in fault_lines()
    )


def test_rules_between_others_do_not_concern_an_environment(
    qa: Path, edit: Edit, fault_lines: Faults
) -> None:
    edit("qa", "10.40.0.0/16", "10.30.64.0/20")
    assert fault_lines("dev") == []
    assert len(fault_lines("prod")) == len(fault_lines("qa")) == 1


def test_sizing_may_not_shrink_on_the_way_to_production(edit: Edit, fault_lines: Faults) -> None:
    edit("staging", "memory_mb: 1024", "memory_mb: 511")
    fault = (
        "envs/staging.yaml:23:14: functions.memory_mb: 511 in staging is less than 512 in dev "
        "(envs/dev.yaml:23:14); it must not shrink from dev to staging to prod"
    )
    assert fault_lines() == fault_lines("dev") == fault_lines("staging") == [fault]
    assert fault_lines("prod") == []


def test_without_staging_dev_is_compared_with_production(
    envs: Path, edit: Edit, fault_lines: Faults
) -> None:
    (envs / "staging.yaml").unlink()
    edit("dev", "logs_days: 7", "logs_days: 91")
    (fault,) = fault_lines()
    assert "retention.logs_days: 90 in prod is less than 91 in dev" in fault


def test_environments_of_other_names_stand_apart(qa: Path, edit: Edit, fault_lines: Faults) -> None:
    edit("qa", "memory_mb: 512", "memory_mb: 128")
    assert fault_lines() == []


def test_what_cannot_be_read_is_not_compared(qa: Path, edit: Edit, fault_lines: Faults) -> None:
    edit("qa", "10.40.0.0/16", "10.300.0.0/16")
    edit("qa", '"444444444444"', "oops")
    assert [fault.split(":")[3].strip() for fault in fault_lines()] == [
        "account_id",
        "network.cidr",
    ]
    assert fault_lines("dev") == []


# --- deployment.promoted_from: another environment that exists, and no circle -------------------


@pytest.fixture
def promoted(envs: Path) -> Callable[..., None]:
    """`promoted("prod", "staging")` lets prod be promoted from staging."""

    def write(name: str, source: str) -> None:
        path = envs / f"{name}.yaml"
        path.write_text(f"{path.read_text()}\ndeployment:\n  promoted_from: {source}\n")

    return write


def test_without_the_setting_every_environment_stands_alone(envs: Path) -> None:
    assert load(envs, PLATFORM, "prod").settings.deployment.promoted_from is None


def test_a_chain_is_fine(envs: Path, promoted: Callable[..., None], fault_lines: Faults) -> None:
    promoted("prod", "staging")
    promoted("staging", "dev")
    assert fault_lines() == []
    assert load(envs, PLATFORM, "prod").settings.deployment.promoted_from == "staging"


def test_it_has_to_exist(promoted: Callable[..., None], fault_lines: Faults) -> None:
    promoted("prod", "stagin")
    (line,) = fault_lines()
    assert line.startswith("envs/prod.yaml:")
    assert line.endswith(
        "deployment.promoted_from: there is no environment stagin; one of dev, staging"
    )


def test_no_environment_comes_before_itself(
    promoted: Callable[..., None], fault_lines: Faults
) -> None:
    promoted("prod", "prod")
    (line,) = fault_lines()
    assert "forms a circle: prod from prod" in line


def test_a_circle_is_refused_in_each_of_its_members_only(
    promoted: Callable[..., None], fault_lines: Faults
) -> None:
    promoted("staging", "prod")
    promoted("prod", "staging")
    promoted("dev", "prod")  # leads into the circle, which is not its own fault
    lines = fault_lines()
    assert [line.partition(":")[0] for line in lines] == ["envs/prod.yaml", "envs/staging.yaml"]
    assert "prod from staging from prod; leave it out of the first environment" in lines[0]


def test_what_cannot_be_read_is_reported_once(
    promoted: Callable[..., None], fault_lines: Faults
) -> None:
    promoted("prod", "[staging]")
    assert len(fault_lines()) == 1
