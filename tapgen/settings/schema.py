"""JSON Schema of the environment files, for editors (`envs/settings.schema.json`) and reviewers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tapgen.model.platform import Platform
from tapgen.settings.base import VARIES_KEY, Elsewhere, SecretReference
from tapgen.settings.fields import fields
from tapgen.settings.kinds import settings_of

_DESCRIPTION: Final = (
    "One environment, complete: `envs/common.yaml` with `envs/<name>.yaml` merged over it."
)


def json_schema(platform: Platform) -> dict[str, Any]:
    """Return the schema of one of the platform's files (JSON Schema 2020-12).

    No setting is required in it, because `common.yaml` and the environment's file complete each
    other; `tapgen lint` reports missing settings and applies the rules between settings. `x-varies`
    of each setting says whether environments may have different values.
    """
    (reference,), definitions = msgspec.json.schema_components(
        [settings_of(platform)], ref_template="#/$defs/{name}"
    )
    for name, definition in definitions.items():
        if name == Elsewhere.__name__:
            definition.update(minProperties=1, maxProperties=1)
        if name != SecretReference.__name__:
            definition.pop("required", None)
        for declared in definition["properties"].values():
            declared.pop("default", None)  # null stands for "left out", and is not to be written
            if "anyOf" in declared:  # these are about the whole; editors show the description
                for key in ("description", VARIES_KEY):
                    if key in declared["anyOf"][0]:  # not beside a `$ref`, see `_describe_secrets`
                        declared[key] = declared["anyOf"][0].pop(key)
    root = definitions.pop(reference["$ref"].rpartition("/")[2])
    if SecretReference.__name__ in definitions:
        _describe_secrets(platform, root["properties"], definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **root,
        "title": "Settings of a tapgen environment",
        "description": _DESCRIPTION,
        "$defs": definitions,
    }


def _describe_secrets(
    platform: Platform, properties: Mapping[str, Any], definitions: Mapping[str, Any]
) -> None:
    """Add what msgspec leaves out of a struct's place in another."""
    for setting, field in fields(platform).items():
        if field.kind == "secret":
            section, _, leaf = setting.rpartition(".")
            where: Any = properties
            if section:
                name = properties[section]["$ref"].rpartition("/")[2]
                where = definitions[name]["properties"]
            where[leaf] |= {"description": field.description, VARIES_KEY: field.varies}


def schema_text(platform: Platform) -> str:
    """Return the schema as the committed file holds it, the same bytes every time."""
    return json.dumps(json_schema(platform), indent=2, sort_keys=True) + "\n"
