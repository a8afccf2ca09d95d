from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tapgen.model import limits
from tapgen.settings.fields import fields, sections
from tapgen.settings.schema import json_schema, schema_text


def properties(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every setting of the schema, dotted."""
    found: dict[str, dict[str, Any]] = {}
    for name, declared in schema["properties"].items():
        if "$ref" in declared:
            section = schema["$defs"][declared["$ref"].rpartition("/")[2]]
            found |= {f"{name}.{leaf}": value for leaf, value in section["properties"].items()}
        else:
            found[name] = declared
    return found


def test_the_committed_schema_is_current(shipped: Path) -> None:
    """Write it anew with `tapgen env schema > envs/settings.schema.json`."""
    assert (shipped / "settings.schema.json").read_text() == schema_text()


def test_the_schema_is_valid_and_the_same_every_time() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert schema_text() == schema_text()
    assert schema_text().endswith("}\n")


def test_every_setting_is_described() -> None:
    declared = properties(json_schema())
    assert set(declared) == set(fields())
    assert all(
        value["description"] == fields()[name].description for name, value in declared.items()
    )


def test_nothing_is_required_and_nothing_unknown_is_allowed() -> None:
    schema = json_schema()
    for name, section in (("", schema), *schema["$defs"].items()):
        assert section.get("required") == (["output"] if name == "OutputReference" else None)
        assert section["additionalProperties"] is False


@pytest.mark.parametrize("name", ["common", "dev", "staging", "prod"])
def test_editors_accept_the_shipped_files(shipped: Path, name: str) -> None:
    text = (shipped / f"{name}.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=settings.schema.json\n")
    jsonschema.validate(yaml.safe_load(text), json_schema())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"acount_id": "1"}, "Additional properties are not allowed"),
        ({"account_id": 111111111111}, "is not of type 'string'"),
        ({"data": {"read_capacity": 5000}}, "is greater than the maximum of 1000"),
        ({"network": {"nat": "nothing"}}, "is not one of"),
        ({"network": {"interface_endpoints": ["logs", "logs"]}}, "non-unique"),
        ({"protection": None}, "is not of type 'boolean'"),
    ],
)
def test_editors_refuse_what_loading_refuses(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(jsonschema.ValidationError, match=message):
        jsonschema.validate(settings, json_schema())


def test_an_optional_setting_may_be_unset() -> None:
    editor = jsonschema.Draft202012Validator(json_schema())
    assert editor.is_valid({"domain": None, "alarms": {"email": None}})
    assert not editor.is_valid({"domain": None, "alarms": None})


@pytest.mark.parametrize(
    ("setting", "accepted"),
    [
        ("network.nat", limits.NAT_MODES),
        ("network.interface_endpoints", limits.INTERFACE_ENDPOINTS),
        ("functions.log_level", limits.LOG_LEVELS),
        ("retention.cloudwatch_days", limits.LOG_RETENTION_DAYS),
        ("cdn.price_class", limits.PRICE_CLASSES),
    ],
)
def test_settings_accept_what_template_parameters_accept(
    setting: str, accepted: tuple[str | int, ...]
) -> None:
    """A Literal cannot be written from a constant, so the two are compared here."""
    assert set(fields()[setting].choices) == set(accepted)


def test_a_setting_name_is_unique_enough_to_be_found_in_the_wrong_place() -> None:
    names = [setting.rpartition(".")[2] for setting in fields()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)


def test_sections_hold_their_settings() -> None:
    assert sections()["certificate"] == ("wait_minutes",)
    assert sections()[""][-2:] == ("deployment", "timeout_minutes")


def test_what_changes_behaviour_is_the_same_in_every_environment() -> None:
    """A new setting must be the same everywhere, unless it says that it may vary."""
    declared = {name: value["x-varies"] for name, value in properties(json_schema()).items()}
    assert declared == {name: field.varies for name, field in fields().items()}
    assert {name for name, varies in declared.items() if not varies} == {
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


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("Z1", True),
        (None, True),
        ({"output": "prod.zone.HostedZoneId"}, True),
        ({"output": "zone.HostedZoneId"}, False),
        ({"output": "prod.zone.HostedZoneId", "more": 1}, False),
        ({}, False),
    ],
)
def test_editors_know_outputs_of_other_environments(value: Any, accepted: bool) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    assert validator.is_valid({"parent_zone_id": value}) is accepted
    assert not validator.is_valid({"domain": {"output": "prod.zone.HostedZoneId"}})
