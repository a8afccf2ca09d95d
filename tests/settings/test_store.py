from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tapgen.errors import UsageError
from tapgen.payments.platform import PLATFORM
from tapgen.settings.faults import EnvironmentFaults, Source
from tapgen.settings.fields import fields
from tapgen.settings.store import load, load_all

Edit = Callable[[str, str, str], None]
Faults = Callable[..., list[str]]


def test_the_environment_wins_over_common(envs: Path, edit: Edit) -> None:
    edit("prod", "name: prod", "name: prod\nproject: pay")
    prod = load(envs, PLATFORM, "prod")
    assert prod.settings.project == "pay"
    assert prod.sources["project"] == Source("envs/prod.yaml", 5, 10)
    assert load(envs, PLATFORM, "dev").sources["project"] == Source("envs/common.yaml", 5, 10)


def test_sections_are_merged_and_lists_replaced(envs: Path, edit: Edit) -> None:
    edit("prod", "  nat: per-az", "  nat: per-az\n  interface_endpoints: [sts]")
    prod = load(envs, PLATFORM, "prod")
    assert prod.value("network.interface_endpoints") == ("sts",)
    assert prod.value("network.cidr") == "10.30.0.0/16"
    assert prod.value("functions.log_level") == "INFO"


def test_null_unsets_what_common_sets(envs: Path, edit: Edit) -> None:
    edit("common", "alarms:\n", "alarms:\n  email: a@example.com\n")
    edit("dev", "alarms:\n", "alarms:\n  email: null\n")
    assert load(envs, PLATFORM, "prod").value("alarms.email") == "a@example.com"
    assert load(envs, PLATFORM, "dev").value("alarms.email") is None
    assert str(load(envs, PLATFORM, "dev").sources["alarms.email"]) == "envs/dev.yaml:36:10"


def test_all_faults_of_all_files_come_together_in_file_order(
    envs: Path, edit: Edit, fault_lines: Faults
) -> None:
    edit("prod", "memory_mb: 3008", "memory_mb: 20000")
    edit("dev", "account_id", "acount_id")
    edit("dev", "nat: none", "nat: nothing")
    edit("common", "log_level: INFO", "log_level: LOUD")
    edit("staging", "  cidr: 10.20.0.0/16\n", "")
    (envs / "qa.yaml").write_text("a: &x 1")
    assert [line.split(": ")[0] for line in fault_lines()] == [
        "envs/common.yaml:18:14",
        "envs/dev.yaml:5:1",
        "envs/dev.yaml:13:8",
        "envs/prod.yaml:23:14",
        "envs/qa.yaml:1:4",
        "envs/staging.yaml:10:1",
    ]


def test_a_loaded_environment_is_told_of_its_own_files_only(
    envs: Path, edit: Edit, fault_lines: Faults
) -> None:
    edit("staging", "memory_mb: 1024", "memory_mb: lots")
    (envs / "qa.yaml").write_text("a: [")
    assert fault_lines("dev") == []
    assert len(fault_lines("staging")) == 1
    edit("common", "log_level: INFO", "log_level: LOUD")
    assert len(fault_lines("dev")) == 1


def test_what_is_missing_is_described(edit: Edit, fault_lines: Faults) -> None:
    edit("dev", "cost_center: DEV-001\n", "")
    edit("dev", "  memory_mb: 512\n", "")
    edit("dev", "retention:\n  logs_days: 7\n  cloudwatch_days: 7\n", "")
    assert fault_lines("dev") == [
        "envs/dev.yaml:1:1: cost_center: is missing; CostCenter tag.",
        (
            "envs/dev.yaml:1:1: retention.logs_days: is missing; "
            "Days that current and noncurrent objects are kept in the log buckets."
        ),
        (
            "envs/dev.yaml:1:1: retention.cloudwatch_days: is missing; Days that CloudWatch keeps "
            "log events (PCI DSS 10.5.1 requires twelve months in production)."
        ),
        "envs/dev.yaml:21:1: functions.memory_mb: is missing; Memory of each function in MB.",
    ]


def test_file_and_name_must_agree(envs: Path, edit: Edit, fault_lines: Faults) -> None:
    edit("dev", "name: dev", "name: devel")
    assert fault_lines("dev") == [
        (
            'envs/dev.yaml:4:7: name: "devel" is not the name of the file; '
            "write dev, or rename the file"
        )
    ]
    edit("dev", "name: devel\n", "")
    assert fault_lines("dev") == ["envs/dev.yaml:1:1: name: is missing; write `name: dev`"]
    edit("dev", "protection: false", "protection: false\nname: no")
    assert fault_lines("dev") == [
        'envs/dev.yaml:7:7: name: no is a boolean to YAML; put it in quotes: "no"'
    ]


def test_common_names_no_environment(edit: Edit, fault_lines: Faults) -> None:
    edit("common", "project: payments", "project: payments\nname: dev")
    assert fault_lines() == [
        (
            "envs/common.yaml:6:7: name: is not shared by all environments; "
            "write it in the environment's own file"
        )
    ]


def test_common_is_optional(envs: Path, fault_lines: Faults) -> None:
    (envs / "common.yaml").unlink()
    (fault,) = fault_lines("dev")
    assert fault == (
        "envs/common.yaml:1:1: does not exist, and dev has no project, region, "
        "network.interface_endpoints and 22 more; put the settings that environments share "
        "into it, or write them in each environment's own file"
    )
    assert "does not exist, and dev, staging, prod has no project" in fault_lines()[0]


def test_where_hardly_anything_is_missing_no_common_is_asked_for(shared: Faults) -> None:
    assert shared("dev") == [
        f"envs/dev.yaml:1:1: region: is missing; {fields(PLATFORM)['region'].description}"
    ]


@pytest.fixture
def shared(envs: Path, fault_lines: Faults) -> Faults:
    """What all share stands in dev's own file, but for the region."""
    common = (envs / "common.yaml").read_text().replace("region: us-east-1\n", "")
    own = yaml.safe_load((envs / "dev.yaml").read_text())
    for key, value in yaml.safe_load(common).items():
        own[key] = {**value, **own.get(key, {})} if isinstance(value, dict) else value
    (envs / "common.yaml").unlink()
    (envs / "dev.yaml").write_text(yaml.safe_dump(own))
    return fault_lines


@pytest.mark.parametrize("content", ["", "a: ["])
def test_an_unreadable_common_is_one_fault(envs: Path, fault_lines: Faults, content: str) -> None:
    (envs / "common.yaml").write_text(content)
    (fault,) = fault_lines()
    assert fault.startswith("envs/common.yaml:")


def test_files_that_would_be_ignored_are_reported(envs: Path, fault_lines: Faults) -> None:
    (envs / "qa.yml").write_text("")
    (envs / "Prod.yaml").write_text("")
    (envs / "load_test.yaml").write_text("")
    (envs / "deployed.yaml").write_text("")
    (envs / "far-too-long-a-name.yaml").write_text("")
    (envs / ".draft.yaml").write_text("")
    hint = "call it <name>.yaml, a name of at most 12 lower-case letters, digits or hyphens"
    why = "`tapgen diff --against deployed` has another meaning; choose another name"
    assert fault_lines() == [
        (
            "envs/Prod.yaml:1:1: is not read, but prod.yaml is; remove it, or move its content "
            "into prod.yaml"
        ),
        f"envs/deployed.yaml:1:1: no environment may be called deployed; {why}",
        f"envs/far-too-long-a-name.yaml:1:1: is not named like an environment; {hint}",
        "envs/load_test.yaml:1:1: is not read, because of its name; rename it to load-test.yaml",
        "envs/qa.yml:1:1: is not read, because of its name; rename it to qa.yaml",
    ]
    assert fault_lines("dev") == []


def test_a_file_name_cannot_smuggle_escapes_into_the_terminal(
    envs: Path, fault_lines: Faults
) -> None:
    (envs / "\x1b[2J.yaml").write_text("")
    assert fault_lines()[0].startswith("envs/\\x1b[2J.yaml:1:1: is not named like an environment")


@pytest.mark.parametrize("name", ["../dev", "envs/dev", "/etc/passwd", "common", "dev.yaml", ""])
def test_a_name_that_leads_elsewhere_is_refused_before_any_file_is_opened(
    envs: Path, name: str
) -> None:
    (envs / "common.yaml").write_text("a: [")  # would be the error if it were opened
    refused = "is not the name of an environment|no environment may be called|is a file"
    with pytest.raises(UsageError, match=refused):
        load(envs, PLATFORM, name)


def test_a_link_out_of_the_directory_is_refused(envs: Path, fault_lines: Faults) -> None:
    (envs.parent / "secret.yaml").write_text("name: qa\n")
    (envs / "qa.yaml").symlink_to("../secret.yaml")
    assert fault_lines("qa") == [
        "envs/qa.yaml:1:1: is a link to a file outside the directory; copy the file"
    ]


def test_a_link_within_the_directory_is_followed(envs: Path, edit: Edit) -> None:
    (envs / "shared").mkdir()
    (envs / "dev.yaml").rename(envs / "shared" / "dev.yaml")
    (envs / "dev.yaml").symlink_to("shared/dev.yaml")
    assert load(envs, PLATFORM, "dev").name == "dev"


def test_a_link_to_itself_is_refused(envs: Path, fault_lines: Faults) -> None:
    (envs / "qa.yaml").symlink_to("qa.yaml")
    assert fault_lines("qa") == ["envs/qa.yaml:1:1: is not a file"]


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_not_a_file_is_refused(
    envs: Path, fault_lines: Faults, make: Callable[[Path], None]
) -> None:
    make(envs / "qa.yaml")
    assert fault_lines("qa") == ["envs/qa.yaml:1:1: is not a file"]


def test_a_dangling_common_is_not_taken_for_an_absent_one(envs: Path, fault_lines: Faults) -> None:
    (envs / "common.yaml").unlink()
    (envs / "common.yaml").symlink_to("nowhere.yaml")
    assert fault_lines("dev") == ["envs/common.yaml:1:1: is not a file"]


def test_a_file_that_cannot_be_opened_is_a_fault(
    envs: Path, fault_lines: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")  # root may open anything, so no chmod here

    monkeypatch.setattr(Path, "open", refuse)
    assert fault_lines("dev") == [
        "envs/common.yaml:1:1: cannot be read: Permission denied",
        "envs/dev.yaml:1:1: cannot be read: Permission denied",
    ]


def test_a_gigantic_file_is_refused(envs: Path, fault_lines: Faults) -> None:
    (envs / "qa.yaml").write_bytes(b"#" * (1 << 21))
    assert fault_lines("qa") == [
        "envs/qa.yaml:1:1: is larger than 1048576 bytes; this is not a settings file"
    ]


def test_without_environments_loading_all_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are no YAML files in"):
        load_all(tmp_path, PLATFORM)
    with pytest.raises(UsageError, match="there is no directory"):
        load_all(tmp_path / "nowhere", PLATFORM)


def test_environments_come_in_the_order_asked_for(envs: Path) -> None:
    assert [env.name for env in load_all(envs, PLATFORM)] == ["dev", "staging", "prod"]
    assert [env.name for env in load_all(envs, PLATFORM, ["prod", "dev"])] == ["prod", "dev"]


def test_sources_are_relative_where_that_is_possible(
    envs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert load(envs.resolve(), PLATFORM, "dev").sources["name"].path == "envs/dev.yaml"
    monkeypatch.chdir("/")
    monkeypatch.chdir(tmp_path / "envs")
    assert load(tmp_path / "envs", PLATFORM, "dev").sources["name"].path == "dev.yaml"
    assert load(Path("../envs"), PLATFORM, "dev").sources["name"].path == "../envs/dev.yaml"


def test_the_error_says_what_to_do_next(envs: Path, edit: Edit) -> None:
    edit("dev", "nat: none", "nat: nothing")
    with pytest.raises(EnvironmentFaults) as caught:
        load(envs, PLATFORM, "dev")
    assert caught.value.exit_code == 1
    assert "tapgen env schema" in caught.value.hint
    (fault,) = caught.value.faults
    assert (fault.source, fault.setting) == (Source("envs/dev.yaml", 13, 8), "network.nat")
