"""Words and values that several forms of a difference share."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from tapgen.model.changes.differences import ABSENT
from tapgen.model.templates.intrinsics import Unknown
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import Cause, EnvironmentDiff, LayerDiff, Refactor, ResourceChange
from tapgen.settings.faults import printable

_LONGEST: Final = 60  # characters of a value on one line; json holds it whole
BAD: Final = "red"
COLOURS: Final = {
    Effect.DATA_LOSS: BAD,
    Effect.REMOVAL_DATA_LOSS: BAD,
    Effect.UNPROTECTED: BAD,
    Effect.REPLACEMENT: BAD,
    Effect.DEPENDS: "yellow",
    Effect.RETAINED: "yellow",
    Effect.REMOVAL: "yellow",
    Effect.INTERRUPTION: "yellow",
    Effect.MOVE: "cyan",
    Effect.ADDITION: "green",
}


def value(found: Any, longest: int = _LONGEST) -> str:
    """A resolved value on one line, cut in the middle where it is long."""
    if found is ABSENT:
        return "(none)"
    text = found if isinstance(found, str | Unknown) else json.dumps(found, default=str)
    line = printable(str(text)) or '""'
    if len(line) <= longest:
        return line
    half = (longest - 3) // 2
    return f"{line[:half]}...{line[-half:]}"


def change(before: Any, after: Any) -> str:
    """Both values on one line, see `pair`."""
    old, new = pair(before, after)
    return f"{old} -> {new}"


def pair(before: Any, after: Any) -> tuple[str, str]:
    """Both values, shortened around what they have in common so that the difference shows."""
    if isinstance(before, str | Unknown) and isinstance(after, str | Unknown):
        old, new = str(before), str(after)
        if max(len(old), len(new)) > _LONGEST:
            start = _common(old, new)
            end = _common(old[start:][::-1], new[start:][::-1])
            head, tail = max(0, start - 12), max(0, end - 8)
            before, after = (_cut(text, head, tail) for text in (old, new))
    return value(before), value(after)


def _cut(text: str, head: int, tail: int) -> str:
    return ("..." if head else "") + text[head : len(text) - tail] + ("..." if tail else "")


def _common(one: str, other: str) -> int:
    """How many letters both begin with."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def cause(found: Cause) -> str:
    """Why, in a few words: `functions.memory_mb (envs/prod.yaml:23:14)`."""
    place = str(found.place) if found.place else ""
    if found.kind == "setting":
        return f"{found.name} ({place})" if place else found.name
    if found.kind == "upstream":
        return f"follows {found.name}" if found.certain else f"may follow {found.name}"
    if found.kind == "creation":
        return "the stack is past its creation"
    return place or "its removal from the template"


def causes(found: Iterable[Cause]) -> str:
    """All of them, separated by commas."""
    return ", ".join(map(cause, found))


def subject(changed: ResourceChange) -> str:
    """The resource, and where it was before a move."""
    origin = f"{changed.moved_from} -> " if changed.moved_from else ""
    return f"{origin}{changed.name}"


def listed(diff: EnvironmentDiff) -> list[ResourceChange]:
    """The changes to tell one by one: worst first, then what is refused, then what explains others.

    A stack that comes or goes as a whole is told as one, but for what would be lost with it.
    """
    whole = {layer.layer for layer in diff.layers if layer.kind != "changed"}
    single = [one for one in diff.resources if one.layer not in whole or one.effect.loses]
    return sorted(single, key=lambda one: (one.effect.rank, not one.refused, _follows(one)))


def _follows(one: ResourceChange) -> bool:
    """Whether others are the cause: what comes by itself explains the rest."""
    return bool(one.causes) and all(cause.kind == "upstream" for cause in one.causes)


def counts(changes: Iterable[ResourceChange]) -> str:
    """`1 replacement, data loss; 3 in place`, worst first."""
    found = Counter(changed.effect for changed in changes)
    return "; ".join(f"{found[effect]} {effect.label}" for effect in Effect if found[effect])


def layer_word(layer: LayerDiff) -> str:
    """What becomes of the stack, by its worst effect."""
    if layer.kind in {"added", "removed"}:
        return f"stack {layer.kind}"
    if layer.effect is not None:
        return layer.effect.label
    return "outputs only" if layer.outputs else "no resource touched"


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
