"""Every JSON output, field by field, from its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from tapgen.cli.schemas import SCHEMAS, schema_text
from tests.reference.markdown import GENERATED, code, codes, prose, table

_INTRO: Final = """\
# JSON

The output of commands with `--format json`, field by field. `tapgen schema NAME` prints the JSON
Schema (draft 2020-12); the tests validate every output against it.
[Command line conventions](../commands.md#json) explains what may change, and when `version`
increases.

`<name>` stands for any key of an object, `[]` for each item of a list. A field is always present
unless it is optional.
"""


def page() -> str:
    parts = [GENERATED, _INTRO]
    for name, commands in SCHEMAS.items():
        schema = json.loads(schema_text(name))
        source = f"[{name}.json](../../tapgen/cli/schemas/{name}.json)"
        of = codes(f"tapgen {one}" for one in commands)
        by = f"Printed by {of}. " if of else ""
        title = "" if schema["title"].startswith("tapgen") else f"{prose(schema['title'])}. "
        parts += [f"## {name}\n", f"{title}{by}Schema: {source}.\n"]
        if "oneOf" in schema:
            parts.append("Each line is one of these:\n")
            for one in schema["oneOf"]:
                shape = _resolved(one, schema)
                event = shape["properties"].get("event", {}).get("const")
                parts += [f"### {event or 'error'}\n", f"{shape['description']}\n"]
                parts.append(_fields(shape, schema))
        else:
            parts.append(_fields(schema, schema))
    return "\n".join(parts)


def _fields(shape: dict[str, Any], root: dict[str, Any]) -> str:
    rows = [[code(path), prose(kind), prose(text)] for path, kind, text in rows_of(shape, root)]
    return table(["field", "type", "description"], rows)


def rows_of(shape: dict[str, Any], root: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Path, type and description of every field below a shape."""
    return _rows(shape, root, "", ())


def _rows(
    shape: dict[str, Any], root: dict[str, Any], path: str, within: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    """The rows below `path`. A definition within itself is not expanded again."""
    required = shape.get("required", [])
    for name, declared in shape.get("properties", {}).items():
        optional = "" if name in required else ", optional"
        yield from _field(declared, root, f"{path}{name}", within, optional)
    if isinstance(more := shape.get("additionalProperties"), dict):
        yield from _field(more, root, f"{path}<name>", within, "")


def _field(
    declared: dict[str, Any], root: dict[str, Any], path: str, within: tuple[str, ...], more: str
) -> Iterator[tuple[str, str, str]]:
    name = declared.get("$ref", "").rpartition("/")[2]
    shape = _resolved(declared, root)
    yield path, _kind(shape, root) + more, shape.get("description", "")
    if name and name in within:
        return
    inside = (*within, name) if name else within
    for one in (shape, *(_resolved(each, root) for each in _alternatives(shape))):
        yield from _rows(one, root, f"{path}.", inside)
        if isinstance(items := one.get("items"), dict):
            members = _resolved(items, root)
            of = items.get("$ref", "").rpartition("/")[2]
            if not (of and of in inside):
                yield from _rows(members, root, f"{path}[].", (*inside, of) if of else inside)


def _alternatives(shape: dict[str, Any]) -> list[dict[str, Any]]:
    return [*shape.get("anyOf", []), *shape.get("oneOf", [])]


def _resolved(shape: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in shape:
        return shape
    found: dict[str, Any] = root["$defs"][shape["$ref"].rpartition("/")[2]]
    return {**found, **{key: value for key, value in shape.items() if key != "$ref"}}


def _kind(shape: dict[str, Any], root: dict[str, Any]) -> str:
    if "const" in shape:
        return code(json.dumps(shape["const"]))
    if "enum" in shape:
        return ", ".join(code(json.dumps(one)) for one in shape["enum"])
    if alternatives := _alternatives(shape):
        kinds = dict.fromkeys(_kind(_resolved(one, root), root) for one in alternatives)
        return " or ".join(kinds)
    match shape.get("type"):
        case "array" if isinstance(shape.get("items"), dict):
            return f"list of {_kind(_resolved(shape['items'], root), root)}"
        case list(several):
            return " or ".join(several)
        case None:
            return "anything"
        case kind:
            return str(kind)
