"""Resources that moved from one stack to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tapgen.review.diff.report import Refactor
from tapgen.review.diff.requirements import names
from tapgen.review.diff.snapshot import Snapshot
from tapgen.review.schemas import resource_schema

Resource = Mapping[str, Any]
Place = tuple[str, str]  # layer, logical id
_DELETES_FIRST: Final = "delete_then_create"
_TAGS: Final = frozenset({"Tags", "HostedZoneTags"})  # they name the layer


def moves(removed: Mapping[Place, Resource], added: Mapping[Place, Resource]) -> dict[Place, Place]:
    """Added -> removed, if both are the same resource.

    They are if they have the same name; or, in another layer, if they have the same properties
    except tags, and the same logical id is preferred. Without a name, another logical id in the
    same layer means a new resource: a template requests one in this way.
    """
    pairs = [
        (new, old)
        for new, resource in added.items()
        for old, other in removed.items()
        if _same(old, other, new, resource)
    ]
    pairs.sort(key=lambda pair: pair[0][1] != pair[1][1])
    found: dict[Place, Place] = {}
    taken: set[Place] = set()
    for new, old in pairs:
        if new not in found and old not in taken:
            found[new] = old
            taken.add(old)
    return found


def _same(old: Place, before: Resource, new: Place, after: Resource) -> bool:
    if before["Type"] != after["Type"]:
        return False
    name = physical_name(before)
    if name is not None or physical_name(after) is not None:
        return name == physical_name(after)
    essence = _essence(before)
    telling = bool(essence) or old[1] == new[1]
    return old[0] != new[0] and telling and essence == _essence(after)


def physical_name(resource: Resource) -> tuple[Any, ...] | None:
    """The values that identify the resource; None if AWS assigns its name."""
    properties = resource.get("Properties", {})
    values = tuple(properties.get(name, "") for name in names(resource["Type"]))
    return values if any(values) and all(isinstance(value, str) for value in values) else None


def name_in_the_way(resource: Resource) -> str | None:
    """The name that a replacement cannot have, because the old resource still has it.

    None if AWS assigns the name, or if the old one is deleted first.
    """
    name = physical_name(resource)
    in_turn = resource_schema(resource["Type"]).get("replacementStrategy") == _DELETES_FIRST
    return "/".join(filter(None, name)) if name and not in_turn else None


def _essence(resource: Resource) -> dict[str, Any]:
    return {k: v for k, v in resource.get("Properties", {}).items() if k not in _TAGS}


def refactors(
    found: Mapping[Place, Place],
    before: Mapping[str, Snapshot],
    after: Mapping[str, Snapshot],
    folder: str,
) -> tuple[Refactor, ...]:
    """The stack refactors that carry out the moves, one for each pair of stacks.

    A refactor stays within one account and region; other moves are left out. `folder` is the
    beginning of templates' paths.
    """
    pairs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for (to_layer, to_id), (from_layer, from_id) in found.items():
        source, target = before[from_layer], after[to_layer]
        if source.place[:2] == target.place[:2]:
            pairs.setdefault((from_layer, to_layer), []).append((from_id, to_id))
    return tuple(
        Refactor(
            source=before[old].stack.name,
            target=after[new].stack.name,
            region=after[new].stack.region,
            mappings=tuple(sorted(mappings)),
            templates=(f"{folder}{old}.json", f"{folder}{new}.json"),
            creates_target=new not in before,
        )
        for (old, new), mappings in pairs.items()
    )
