"""The values of the environments that the repository ships, against the table of the platform."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tapgen.settings.store import load, load_all

TABLE = {
    "name": ("dev", "staging", "prod"),
    "account_id": ("111111111111", "222222222222", "333333333333"),
    "region": ("us-east-1", "us-east-1", "us-east-1"),
    "domain": ("dev.api.example.com", "staging.api.example.com", "api.example.com"),
    "protection": (False, True, True),
    "cost_center": ("DEV-001", "STG-001", "PROD-001"),
    "network.cidr": ("10.10.0.0/16", "10.20.0.0/16", "10.30.0.0/16"),
    "network.nat": ("none", "single", "per-az"),
    "network.availability_zones": (2, 2, 3),
    "data.read_capacity": (5, 25, 100),
    "data.write_capacity": (5, 25, 100),
    "data.point_in_time_recovery": (False, True, True),
    "functions.memory_mb": (512, 1024, 3008),
    "functions.timeout_seconds": (10, 15, 25),
    "functions.powertools_layer_version": (27, 27, 27),
    "retention.logs_days": (7, 30, 90),
    "retention.cloudwatch_days": (7, 30, 400),
    "api.throttle_rate": (250, 1000, 2500),
    "api.throttle_burst": (500, 2000, 5000),
}


@pytest.mark.parametrize("setting", TABLE)
def test_the_environments_are_sized_as_the_platform_says(shipped: Path, setting: str) -> None:
    environments = load_all(shipped, ["dev", "staging", "prod"])
    assert tuple(environment.value(setting) for environment in environments) == TABLE[setting]


def test_environments_say_only_what_differs(shipped: Path) -> None:
    environments = load_all(shipped)
    for setting in environments[0].sources:
        values = {environment.value(setting) for environment in environments}
        shared = environments[0].sources[setting].path.endswith("common.yaml")
        assert (len(values) == 1) == shared, setting


def test_alarms_warn_before_functions_time_out(shipped: Path) -> None:
    for environment in load_all(shipped):
        alarms, functions = environment.settings.alarms, environment.settings.functions
        assert alarms.function_duration_p99_ms < functions.timeout_seconds * 1000


def test_loading_three_environments_takes_few_calls(shipped: Path) -> None:
    load(shipped, "dev")  # settings are looked up once
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    load_all(shipped)
    sys.setprofile(before)
    assert calls <= 5_300  # 4,250, and a quarter of room
