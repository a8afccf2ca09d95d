"""Templates that somebody else has deployed, in the form in which tapgen reads its own."""

from __future__ import annotations

from collections.abc import Iterable

from tapgen.errors import TapgenError
from tapgen.model.stack import Stack
from tapgen.model.templates.json_text import parsed, pretty


def as_json(text: str) -> str:
    """The text of a deployed template as JSON; as it is where it cannot be read."""
    try:
        parsed(text)
    except ValueError:
        from tapgen.render.sources.reading import read  # only what others write is YAML

        reading = read(text.encode(), "template.yaml")
        return text if reading.faults else pretty(reading.document)
    return text


def extensible(stack: Stack, text: str, added: Iterable[str]) -> str:
    """The text of the stack's template as JSON, to which an import adds resources.

    Raises `TapgenError` where it may have none added: AWS says what a transform makes of it only
    afterwards.
    """
    found = as_json(text)
    try:
        why = "it has a Transform" if "Transform" in parsed(found) else ""
    except ValueError:
        why = "nobody can read it"
    if why:
        names = ", ".join(added)
        raise TapgenError(
            f"the template of stack {stack.name} cannot take over {names}: {why}",
            f"Leave {names} out of the layer {stack.layer} and repeat the command, which then "
            "takes over the stack with what it has; declare them again and repeat it once more.",
        )
    return found
