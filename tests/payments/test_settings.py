"""What the settings of the payments platform accept, and what the shipped environments say."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from tapgen.payments import limits
from tapgen.payments.platform import PLATFORM
from tapgen.payments.settings import PaymentsSettings
from tapgen.render.rendering import Rendered
from tapgen.settings.fields import fields, may_vary
from tapgen.settings.schema import json_schema, schema_text
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
    "functions.powertools_layer_version": (36, 36, 36),
    "retention.logs_days": (7, 30, 90),
    "retention.cloudwatch_days": (7, 30, 400),
    "api.throttle_rate": (250, 1000, 2500),
    "api.throttle_burst": (500, 2000, 5000),
}


@pytest.mark.parametrize("setting", TABLE)
def test_the_environments_are_sized_as_the_platform_says(shipped: Path, setting: str) -> None:
    environments = load_all(shipped, PLATFORM, ["dev", "staging", "prod"])
    assert tuple(environment.value(setting) for environment in environments) == TABLE[setting]


def test_environments_say_only_what_differs(shipped: Path) -> None:
    environments = load_all(shipped, PLATFORM)
    for setting in environments[0].sources:
        values = {environment.value(setting) for environment in environments}
        shared = environments[0].sources[setting].path.endswith("common.yaml")
        assert (len(values) == 1) == shared, setting


def test_alarms_warn_before_functions_time_out(shipped: Path) -> None:
    for environment in load_all(shipped, PLATFORM):
        settings = environment.settings
        assert isinstance(settings, PaymentsSettings)
        longest = settings.functions.timeout_seconds * 1000
        assert settings.alarms.function_duration_p99_ms < longest


def test_loading_three_environments_takes_few_calls(shipped: Path) -> None:
    load(shipped, PLATFORM, "dev")  # settings are looked up once
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    load_all(shipped, PLATFORM)
    sys.setprofile(before)
    assert calls <= 5_300  # 4,250, and a quarter of room


def test_the_committed_schema_is_current(shipped: Path) -> None:
    """Write it anew with `tapgen env schema > envs/settings.schema.json`."""
    assert (shipped / "settings.schema.json").read_text() == schema_text(PLATFORM)


@pytest.mark.parametrize("name", ["common", "dev", "staging", "prod"])
def test_editors_accept_the_shipped_files(shipped: Path, name: str) -> None:
    text = (shipped / f"{name}.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=settings.schema.json\n")
    jsonschema.validate(yaml.safe_load(text), json_schema(PLATFORM))


@pytest.mark.parametrize(
    ("setting", "accepted"),
    [
        ("network.nat", limits.NAT_MODES),
        ("network.interface_endpoints", limits.INTERFACE_ENDPOINTS),
        ("api.authorization", limits.AUTHORIZATIONS),
        ("api.execution_log_level", limits.EXECUTION_LOG_LEVELS),
        ("functions.log_level", limits.LOG_LEVELS),
        ("retention.cloudwatch_days", limits.LOG_RETENTION_DAYS),
        ("cdn.price_class", limits.PRICE_CLASSES),
    ],
)
def test_settings_accept_what_template_parameters_accept(
    setting: str, accepted: tuple[str | int, ...]
) -> None:
    """A Literal cannot be written from a constant, so the two are compared here."""
    assert set(fields(PLATFORM)[setting].choices) == set(accepted)


def test_a_setting_name_is_unique_enough_to_be_found_in_the_wrong_place() -> None:
    names = [setting.rpartition(".")[2] for setting in fields(PLATFORM)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)


def test_what_changes_behaviour_is_the_same_in_every_environment() -> None:
    """A new setting must be the same everywhere, unless it says that it may vary."""
    assert {name for name, field in fields(PLATFORM).items() if not field.varies} == {
        "api.authorization",
        "api.execution_log_level",
        "data.scaling_target_percent",
        "functions.idempotency_ttl_seconds",
        "functions.log_level",
        "functions.powertools_layer_version",
        "functions.session_ttl_seconds",
        "network.interface_endpoints",
        "project",
    }


def test_free_text_that_only_templates_need_may_be_read(rendered: Rendered) -> None:
    free = {name: field for name, field in fields(PLATFORM).items() if field.pattern}
    read = {name for name, field in fields(PLATFORM).items() if field.takes_elsewhere}
    assert read == {"alarms.email", "parent_zone_id"}
    filling = {s for template in rendered.templates.values() for s in template.settings.values()}
    assert read <= free.keys() & filling
    # Whoever adds a text setting either lets it be read, or says why not.
    assert [name for name, field in free.items() if field.own.startswith("its declaration")] == []


def test_every_parameter_of_the_templates_can_be_judged(rendered: Rendered) -> None:
    filled = {s for template in rendered.templates.values() for s in template.settings.values()}
    assert {"prefix", "code.key", "functions.log_level"} <= filled
    assert {setting for setting in filled if not may_vary(PLATFORM, setting)} >= {
        "code.key",
        "project",
    }
