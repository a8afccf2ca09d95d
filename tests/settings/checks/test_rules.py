from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import boto3
import cfnlint.helpers
import pytest

from tapgen.model.limits import REGION, REGIONS

Edit = Callable[[str, str, str], None]
Faults = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("name", "project"),
    [
        ("quality-test", "payments-api"),  # 12 + 1 + 12 characters, the limit is 23
        ("quality-", "payments"),
    ],
)
def test_project_and_name_must_make_a_prefix(
    envs: Path, edit: Edit, fault_lines: Faults, name: str, project: str
) -> None:
    (envs / "dev.yaml").rename(envs / f"{name}.yaml")
    edit(name, "name: dev", f"name: {name}\nproject: {project}")
    assert fault_lines(name) == [
        (
            f"envs/{name}.yaml:4:7: name: the stack prefix {project}-{name} is longer than 23 "
            "characters or ends in a hyphen; shorten name or project, or set stack_prefix"
        )
    ]
    edit(name, "domain:", "stack_prefix: short\ndomain:")
    assert fault_lines(name) == []


def test_a_region_that_does_not_exist_is_refused(edit: Edit, fault_lines: Faults) -> None:
    edit("dev", "name: dev", "name: dev\nregion: us-east-9")
    (fault,) = fault_lines("dev")
    assert fault.startswith(
        "envs/dev.yaml:5:9: region: there is no region us-east-9; did you mean us-east-2? there "
        "are af-south-1, ap-east-1, "
    )
    edit("dev", "us-east-9", "af-north-9")
    assert "there is no region af-north-9" in fault_lines("dev")[0]


def test_the_regions_are_those_that_libraries_know() -> None:
    known = boto3.session.Session().get_available_regions("cloudformation")
    assert set(known) == REGIONS
    assert set(cfnlint.helpers.REGIONS) >= REGIONS
    assert all(re.search(REGION, region) for region in REGIONS)


def test_a_faulty_setting_is_not_judged_a_second_time(edit: Edit, fault_lines: Faults) -> None:
    edit("dev", "read_capacity: 5\n", "read_capacity: many\n")
    assert fault_lines("dev") == [
        (
            'envs/dev.yaml:16:18: data.read_capacity: "many" is not a whole number in plain '
            "digits; write a whole number from 1 to 1000 without quotes"
        )
    ]


def test_express_is_for_environments_without_protection(envs: Path, fault_lines: Faults) -> None:
    prod = envs / "prod.yaml"
    prod.write_text(prod.read_text() + "\ndeployment:\n  express: true\n")
    (fault,) = fault_lines("prod")
    assert "deployment.express: must be off where protection is on" in fault
    dev = envs / "dev.yaml"
    dev.write_text(dev.read_text() + "\ndeployment:\n  express: true\n")
    assert fault_lines("dev") == []
