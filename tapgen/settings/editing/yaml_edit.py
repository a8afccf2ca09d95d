"""Changes of single settings in an environment file's text; everything else stays as written.

The text must be one that `parsing.yaml_tree.parse` accepts.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import yaml

from tapgen.errors import TapgenError

_INDENT: Final = "  "
# Text that needs no quotes in any place; other text is quoted, even if it would not be necessary.
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@-]*", re.ASCII)
_TEXT: Final = "tag:yaml.org,2002:str"

# The key and the value of each step on the way to a setting, the file as a whole first.
_Trail = list[tuple[Any, Any]]


def with_value(text: str, setting: str, value: str | bool) -> str:
    """Return the text with a dotted setting written into it.

    A comment after the old value is removed with it. Raises TapgenError if that part of the file
    is written in braces.
    """
    written = _scalar(value)
    section, _, leaf = setting.rpartition(".")
    trail = _trail(text, setting)
    _refuse_braces(trail, setting)
    if _leads_to(trail, setting):
        node = trail[-1][1]
        before = text[: node.start_mark.index]
        gap = " " if before.endswith(":") else ""  # nothing stood there
        return before + gap + written + text[_line_end(text, node) :]
    if section and not _leads_to(trail, section):
        return f"{text.rstrip()}\n\n{section}:\n{_INDENT}{leaf}: {written}\n"
    first, _ = trail[-1][1].value[0]
    if not section:  # below the account, which most files have of their own
        first = _after(trail[-1][1], "account_id") or first
    at, column = first.start_mark.index, first.start_mark.column
    return f"{text[:at]}{leaf}: {written}\n{' ' * column}{text[at:]}"


def without(text: str, setting: str) -> str:
    """Return the text without a dotted setting, and without a section that held only that.

    Raises TapgenError if that part of the file is written in braces.
    """
    trail = _trail(text, setting)
    if not _leads_to(trail, setting):
        return text
    _refuse_braces(trail, setting)
    value = trail[-1][1]
    while len(trail) > 2 and len(trail[-2][1].value) == 1:  # noqa: PLR2004 - the file and a section
        trail.pop()
    key = trail[-1][0]
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    rest = text[_line_end(text, value) + 1 :]
    before = text[:start]
    if before.endswith("\n\n"):
        rest = rest.removeprefix("\n")
    return before + rest


def with_heading(text: str, heading: str) -> str:
    """Return the text with `heading` in place of the comments that it begins with.

    What editors read there, such as the place of the schema, stays.
    """
    lines = text.splitlines(keepends=True)
    body = next(i for i, line in enumerate(lines) if line.strip() and not line.startswith("#"))
    kept = [line for line in lines[:body] if "$schema=" in line]
    return "".join([*kept, f"# {heading}\n", "\n", *lines[body:]])


def _trail(text: str, setting: str) -> _Trail:
    """As far as the way to the setting exists."""
    node: Any = yaml.compose(text, yaml.SafeLoader)
    trail: _Trail = [(None, node)]
    for step in setting.split("."):
        pair = next((pair for pair in node.value if pair[0].value == step), None)
        if pair is None:
            break
        trail.append(pair)
        node = pair[1]
    return trail


def _leads_to(trail: _Trail, setting: str) -> bool:
    return [key.value for key, _ in trail[1:]] == setting.split(".")


def _refuse_braces(trail: _Trail, setting: str) -> None:
    inner = trail[:-1] if _leads_to(trail, setting) else trail  # the value itself may be in braces
    if any(isinstance(node, yaml.MappingNode) and node.flow_style for _, node in inner):
        raise TapgenError(
            f"{setting} is written in braces, which tapgen does not edit",
            "Write one setting a line, indented below its section.",
        )


def _after(root: Any, name: str) -> Any:
    """The key that follows the one called `name`."""
    keys = [key for key, _ in root.value]
    names = [key.value for key in keys]
    at = names.index(name) + 1 if name in names else len(keys)
    return keys[at] if at < len(keys) else None


def _line_end(text: str, node: Any) -> int:
    """The end of the line on which the value ends, for a list or a mapping its last part."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    final = max(node.start_mark.index, node.end_mark.index - 1)
    end = text.find("\n", final)
    return end if end >= 0 else len(text)


def _scalar(value: str | bool) -> str:
    """The value as YAML that reads back as the same value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    # Digits alone are always quoted: YAML reads only some of them as a number.
    resolver: Any = yaml.SafeLoader("")
    plain = _PLAIN.fullmatch(value) and not value.isdigit()
    if plain and resolver.resolve(yaml.ScalarNode, value, (True, False)) == _TEXT:
        return value
    return json.dumps(value)  # a JSON string is also a YAML string
