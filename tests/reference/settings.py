"""Every setting of the payments platform: what it takes, and what of the templates it changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from msgspec import inspect

from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.template import Template
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import Rendered
from tapgen.settings import fields as declared
from tapgen.settings.fields import Field, fields
from tapgen.settings.kinds import settings_of
from tests.reference.markdown import GENERATED, anchor, code, codes, prose, table

# The derived setting that parameters with a part of a name are filled by, and what it is made of.
_PREFIX: Final = "prefix"
_OF_PREFIX: Final = frozenset({"name", "project", "stack_prefix"})
_INTRO: Final = """\
# Settings

Every setting of the payments platform, as `tapgen env schema` describes it to editors. Your own
platform has the settings that it declares, and those of every platform: `deployment`,
`timeout_minutes`, `cost`, and the names, places and tags at the top.

- **May vary**: whether environments may have different values. All other settings are the same
  everywhere.
- **Fills**: the parameters of templates that take the value, as `layer.Parameter`.
- **Changes**: the resources that use those parameters, or conditions on them. `tapgen diff` shows
  what another value would do to each of them.
"""


def page(rendered: Rendered) -> str:
    defaults = _defaults()
    parts = [GENERATED, _INTRO, _contents()]
    section = None
    for field in fields(PLATFORM).values():
        name = field.setting.rpartition(".")[0]
        if name != section:
            section = name
            parts.append(f"## {name or 'General'}\n")
        parts += [
            f"### {field.setting}\n",
            f"{prose(field.description)}\n",
            table(["", ""], _rows(field, defaults.get(field.setting), rendered)),
        ]
    return "\n".join(parts)


def _contents() -> str:
    """A link to every setting, a line for each section."""
    sections: dict[str, list[str]] = {}
    for name in fields(PLATFORM):
        link = f"[{name}](#{anchor(name)})"
        sections.setdefault(name.rpartition(".")[0], []).append(link)
    return "".join(f"- {', '.join(links)}\n" for links in sections.values())


def _rows(field: Field, default: Any, rendered: Rendered) -> Iterator[list[str]]:
    yield ["takes", _accepted(field)]
    if field.required:
        yield ["by default", "nothing: it has to be set"]
    else:
        yield ["by default", "nothing: it may be left out" if default is None else _shown(default)]
    yield ["may vary", "yes" if field.varies else "no"]
    yield [
        "may be read from elsewhere",
        "yes: `{output: env.layer.Name}` or `{ssm: /name}`"
        if not field.own
        else f"no: {field.own}",
    ]
    layers = [layer.name for layer in PLATFORM.layers if layer.enabled_by == field.setting]
    if layers:
        yield ["decides about", f"the layers {codes(layers)}: without it they are left out"]
    tags = [tag for tag, setting in PLATFORM.tags.items() if setting == field.setting]
    if tags:
        yield ["is the tag", f"{codes(tags)} of every stack and its resources"]
    filled = {
        layer: names
        for layer, template in rendered.templates.items()
        if (names := _filled(template, field.setting))
    }
    if filled:
        every = [f"{layer}.{name}" for layer, names in filled.items() for name in names]
        yield ["fills", codes(every)]
        yield ["changes", "; ".join(_changed(rendered.templates, filled))]


def _accepted(field: Field) -> str:
    match field.kind:
        case "flag":
            return "`true` or `false`"
        case "secret":
            return "the name of a secret"
        case _ if field.choices:
            several = "a list of any of " if field.kind == "list" else "one of "
            return several + codes(map(str, field.choices))
        case "whole":
            return f"a whole number from {field.low} to {field.high}"
    assert field.form, field.setting
    return f"{field.form.words}, such as {code(field.form.example)}"


def _shown(value: Any) -> str:
    match value:
        case bool():
            return code(str(value).lower())
        case ():
            return "an empty list"
        case tuple():
            return codes(map(str, value))
    return code(str(value))


def _defaults() -> dict[str, Any]:
    """Setting -> its value where no file has one."""
    found: dict[str, Any] = {}
    info: Any = inspect.type_info(settings_of(PLATFORM))
    for member in info.fields:
        default = declared._default(member)
        if isinstance(member.type, inspect.StructType):
            for inner in member.type.fields:
                found[f"{member.name}.{inner.name}"] = declared._default(inner)
        else:
            found[member.name] = default
    return found


def _filled(template: Template, setting: str) -> list[str]:
    """The parameters that a setting fills, by itself or as a part."""
    names = {setting, _PREFIX} if setting in _OF_PREFIX else {setting}
    return [
        name
        for name, filler in template.settings.items()
        if filler in names or filler.rpartition(".")[0] == setting
    ]


def _changed(
    templates: Mapping[str, Template], filled: Mapping[str, Iterable[str]]
) -> Iterator[str]:
    """Layer and resources that use any of the parameters, or a condition on them."""
    for layer, names in filled.items():
        document = templates[layer].document
        used = _with_conditions({*names}, document.get("Conditions", {}))
        found = [
            name for name, resource in document["Resources"].items() if used & references(resource)
        ]
        if len(found) == len(document["Resources"]) > 1:
            yield f"{layer}: all"
        elif found:
            yield f"{layer}: {codes(found)}"
        else:
            yield f"{layer}: outputs only"


def _with_conditions(names: set[str], conditions: Mapping[str, Any]) -> set[str]:
    known = -1
    while known != len(names):
        known = len(names)
        names |= {name for name, condition in conditions.items() if names & references(condition)}
    return names
