from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tapgen.payments.platform import PLATFORM
from tapgen.settings.fields import fields
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


def test_the_schema_is_valid_and_the_same_every_time() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema(PLATFORM))
    assert schema_text(PLATFORM) == schema_text(PLATFORM)
    assert schema_text(PLATFORM).endswith("}\n")


def test_every_setting_is_described() -> None:
    declared = properties(json_schema(PLATFORM))
    assert set(declared) == set(fields(PLATFORM))
    assert all(
        value["description"] == fields(PLATFORM)[name].description
        for name, value in declared.items()
    )


def test_nothing_is_required_and_nothing_unknown_is_allowed() -> None:
    schema = json_schema(PLATFORM)
    for section in (schema, *schema["$defs"].values()):
        assert "required" not in section
        assert section["additionalProperties"] is False


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
        jsonschema.validate(settings, json_schema(PLATFORM))


def test_an_optional_setting_may_be_unset() -> None:
    editor = jsonschema.Draft202012Validator(json_schema(PLATFORM))
    assert editor.is_valid({"domain": None, "alarms": {"email": None}})
    assert not editor.is_valid({"domain": None, "alarms": None})


def test_the_schema_tells_what_may_vary() -> None:
    declared = properties(json_schema(PLATFORM))
    assert {name: value["x-varies"] for name, value in declared.items()} == {
        name: field.varies for name, field in fields(PLATFORM).items()
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
    validator = jsonschema.Draft202012Validator(json_schema(PLATFORM))
    assert validator.is_valid({"parent_zone_id": value}) is accepted
    assert not validator.is_valid({"domain": {"output": "prod.zone.HostedZoneId"}})
