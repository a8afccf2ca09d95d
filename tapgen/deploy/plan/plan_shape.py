"""The structure of a plan file, checked before anything in it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class _ByKind:
    """An object whose field "kind" selects one of these shapes."""

    kinds: Mapping[str, Any]


@dataclass(frozen=True)
class _OrNull:
    shape: Any


# A shape is a type; a list of one shape for all members; a mapping from str to one shape for all
# values; any other mapping names the required fields (more are allowed).
_Texts = {str: str}
_DETAIL: Final = {
    **dict.fromkeys(("path", "attribute", "name", "kind", "recreation", "source", "cause"), str),
    **dict.fromkeys(("before", "after"), _OrNull(str)),
}
_CHANGE: Final = {
    **dict.fromkeys(
        ("action", "logical_id", "resource_type", "replacement", "policy_action", "physical_id"),
        str,
    ),
    "details": [_DETAIL],
}
_ADOPTION: Final = {
    **dict.fromkeys(("logical_id", "resource_type", "identifier_name", "identifier"), str),
    "properties": {str: object},
}
_ENTRY: Final = _ByKind(
    {
        "Planned": {
            **dict.fromkeys(("change_set_type", "change_set", "stack_id"), str),
            "parameters": _Texts,
            "adoptions": [_ADOPTION],
            "changes": [_CHANGE],
        },
        "Same": {"updated": _OrNull(str)},
        "Pending": {"needs": [str]},
        "Leftover": {"status": str},
        "Blocked": {**dict.fromkeys(("status", "reason", "hint"), str), "refused": bool},
    }
)
_STACK: Final = {
    **dict.fromkeys(("name", "account_id", "region", "template_sha256"), str),
    **dict.fromkeys(("parameters", "inputs", "tags"), _Texts),
    "protected": bool,
}
_PLAN: Final = {
    **dict.fromkeys(("author", "environment", "account_id", "code_sha256"), str),
    **{name: [str] for name in ("regions", "layers", "unprotects")},
    "hooks": {str: [str]},
    "rolls_back_to": _OrNull(int),
    "rollout": _OrNull(str),
    "stacks": {str: _ENTRY},
}
_WORDS: Final = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    dict: "an object",
    list: "a list",
}


def misfits(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield each part of a plan file that is missing or has the wrong type, with its path."""
    yield from _misfits(document, _PLAN, "")
    stacks = document.get("stacks")
    for layer, entry in stacks.items() if isinstance(stacks, dict) else ():
        if isinstance(entry, dict):
            yield from stack_misfits(entry.get("stack"), f"stacks.{layer}.stack")


def stack_misfits(record: Any, path: str) -> Iterator[str]:
    """The same for the record of a stack at `path`."""
    yield from _misfits(record, _STACK, path)


def _misfits(value: Any, shape: Any, path: str) -> Iterator[str]:
    match shape:
        case _OrNull():
            if value is not None:
                yield from _misfits(value, shape.shape, path)
        case _ByKind():
            yield from _of_kind(value, shape, path)
        case type():
            if not isinstance(value, shape):
                yield f"{path} is not {_WORDS[shape]}"
        case [member]:
            yield from _members(value, member, path)
        case _:
            yield from _fields(value, shape, path)


def _of_kind(value: Any, shape: _ByKind, path: str) -> Iterator[str]:
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in shape.kinds:
        yield f"{path}.kind is not one of {', '.join(shape.kinds)}"
    else:
        yield from _misfits(value, shape.kinds[kind], path)


def _members(value: Any, member: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path} is not {_WORDS[list]}"
        return
    for number, one in enumerate(value):
        yield from _misfits(one, member, f"{path}.{number}")


def _fields(value: Any, shape: Mapping[Any, Any], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is not {_WORDS[dict]}"
        return
    wanted = dict.fromkeys(value, shape[str]) if str in shape else shape
    for name, one in wanted.items():
        way = f"{path}.{name}".removeprefix(".")
        if name in value:
            yield from _misfits(value[name], one, way)
        else:
            yield f"{way} is missing"
