from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.errors import UsageError
from tapgen.payments.platform import PLATFORM
from tapgen.review.lint.settings_findings import lint_settings
from tests.paths import ROOT

SHIPPED = ROOT / "envs"


def replace(envs: Path, name: str, old: str, new: str) -> None:
    path = envs / f"{name}.yaml"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_valid_environments_come_without_findings(envs: Path) -> None:
    environments, found = lint_settings(envs, PLATFORM)
    assert [one.name for one in environments] == ["dev", "staging", "prod"]
    assert found == ()


def test_a_fault_has_its_place_and_the_others_are_still_checked(envs: Path) -> None:
    replace(envs, "staging", "memory_mb: 1024", "memory_mb: 7")
    environments, found = lint_settings(envs, PLATFORM, ["staging", "prod", "prod"])
    assert [one.name for one in environments] == ["prod"]
    line = (envs / "staging.yaml").read_text().split("\n").index("  memory_mb: 7") + 1
    places = [(one.path, one.line, one.column, one.environments) for one in found]
    assert ("envs/staging.yaml", line, 14, ("staging",)) in places
    assert {(one.rule, one.name, one.severity) for one in found} == {("T000", "settings", "error")}
    assert any(one.message.startswith("functions.memory_mb: ") for one in found)


def test_a_fault_between_environments_leaves_out_both(envs: Path) -> None:
    replace(envs, "staging", "cidr: 10.20.0.0/16", "cidr: 10.10.0.0/16")
    environments, found = lint_settings(envs, PLATFORM)
    assert [one.name for one in environments] == ["prod"]
    (one,) = found
    assert "overlaps" in one.message
    assert one.message.endswith("; use a separate range for each environment")


def test_a_fault_in_what_all_share_belongs_to_no_environment(envs: Path) -> None:
    replace(envs, "common", "log_level: INFO", "log_level: LOUD")
    environments, found = lint_settings(envs, PLATFORM)
    assert environments == ()
    assert {one.path for one in found} == {"envs/common.yaml"}
    assert {one.environments for one in found} == {()}


def test_who_protects_and_records_is_asked_whether_plans_are_approved(envs: Path) -> None:
    prod = envs / "prod.yaml"
    text = prod.read_text()
    prod.write_text(f"{text}\ndeployment:\n  ledger: our-ledger\n")
    environments, (hint,) = lint_settings(envs, PLATFORM)
    assert len(environments) == 3
    assert (hint.path, hint.severity, hint.environments) == (
        "envs/prod.yaml",
        "informational",
        ("prod",),
    )
    assert hint.message == (
        "deployment.approvals: a protected environment does not set how many people must approve "
        "its plans; set a number; 0 if plans need no approval"
    )
    prod.write_text(f"{text}\ndeployment:\n  ledger: our-ledger\n  approvals: 0\n")
    assert lint_settings(envs, PLATFORM)[1] == ()


def test_an_unknown_environment_is_wrong_usage(envs: Path) -> None:
    with pytest.raises(UsageError, match="dve"):
        lint_settings(envs, PLATFORM, ["dve"])
