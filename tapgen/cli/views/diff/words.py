"""Words that several formats of a difference share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from tapgen.cli.views.text import listed
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import Cause, Comparison, LayerDiff, Refactor, ResourceChange

BAD: Final = "red"
COLOURS: Final = {
    Effect.DATA_LOSS: BAD,
    Effect.REMOVAL_DATA_LOSS: BAD,
    Effect.UNPROTECTED: BAD,
    Effect.FAILS: BAD,
    Effect.REPLACEMENT: BAD,
    Effect.DEPENDS: "yellow",
    Effect.RETAINED: "yellow",
    Effect.REMOVAL: "yellow",
    Effect.INTERRUPTION: "yellow",
    Effect.MOVE: "cyan",
    Effect.ADDITION: "green",
}


def causes(found: Iterable[Cause], most: int | None = None) -> str:
    """Why, in a few words: `functions.memory_mb (envs/prod.yaml:23:14)`.

    Each setting is named once, with its place in at most `most` files.
    """
    places: dict[str, list[str]] = {}
    for one in found:
        places.setdefault(_why(one), []).extend([str(one.place)] if one.place else [])
    return ", ".join(
        why if not where or why in where else f"{why} ({listed(where, most)})"
        for why, where in places.items()
    )


def _why(one: Cause) -> str:
    match one.kind:
        case "setting":
            return one.name
        case "upstream":
            return f"follows {one.name}" if one.certain else f"may follow {one.name}"
        case "creation":
            return "the stack's creation is complete"
    return str(one.place) if one.place else "its removal from the template"


def subject(changed: ResourceChange) -> str:
    """The resource, and its previous place if it moves."""
    origin = f"{changed.moved_from} -> " if changed.moved_from else ""
    return f"{origin}{changed.name}"


def counts(changes: Iterable[ResourceChange]) -> str:
    """`1 replacement, data loss; 3 in place`, worst first."""
    found = Counter(changed.effect for changed in changes)
    return "; ".join(f"{found[effect]} {effect.label}" for effect in Effect if found[effect])


def layer_word(layer: LayerDiff) -> str:
    """The change to the stack in words, by its worst effect."""
    if layer.kind in {"added", "removed"}:
        return f"stack {layer.kind}"
    if layer.effect is not None:
        return layer.effect.label
    return "outputs only" if layer.outputs else "no resource touched"


def unchanged(comparison: Comparison, most: int | None) -> list[str]:
    """The layers that do not differ, once for environments with the same list."""
    found: dict[str, list[str]] = {}
    for diff in comparison.environments.values():
        same = [layer.layer for layer in diff.layers if layer.kind == "same"]
        words = "as a whole" if len(same) == len(diff.layers) else ", ".join(same)
        if same:
            found.setdefault(words, []).append(diff.environment)
    return [f"{listed(environments, most)} {words}" for words, environments in found.items()]


def refactor_command(refactor: Refactor) -> str:
    """The AWS CLI command that moves the resources (AWS CLI reference, create-stack-refactor)."""
    create = " \\\n  --enable-stack-creation" if refactor.creates_target else ""
    names = (refactor.source, refactor.target)
    # Within one stack (another logical id) the stack is named once.
    stacks = dict(zip(names, refactor.templates, strict=True))
    definitions = [
        f"StackName={name},TemplateBody@=file://{template}" for name, template in stacks.items()
    ]
    mappings = [
        f"Source={{StackName={refactor.source},LogicalResourceId={old}}},"
        f"Destination={{StackName={refactor.target},LogicalResourceId={new}}}"
        for old, new in refactor.mappings
    ]
    lines = [
        f"aws cloudformation create-stack-refactor --region {refactor.region}{create}",
        "--stack-definitions",
        *(f"  {definition}" for definition in definitions),
        "--resource-mappings",
        *(f"  '{mapping}'" for mapping in mappings),
    ]
    return " \\\n  ".join(lines)
