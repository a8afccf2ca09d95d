"""Templates that were deployed by other tools, as JSON like tapgen's own."""

from __future__ import annotations

from collections.abc import Iterable

from tapgen.errors import TapgenError
from tapgen.model.stack import Stack
from tapgen.model.templates.json_text import parsed, pretty


def as_json(text: str) -> str:
    """The text of a deployed template as JSON; unchanged if it cannot be read."""
    try:
        parsed(text)
    except ValueError:
        from tapgen.render.sources.reading import read  # only other tools' templates are YAML

        reading = read(text.encode(), "template.yaml")
        return text if reading.faults else pretty(reading.document)
    return text


def extensible(stack: Stack, text: str, added: Iterable[str]) -> str:
    """The text of the stack's template as JSON, to which an import adds resources.

    Raises `TapgenError` if none can be added: the result of a transform is known only after the
    import.
    """
    found = as_json(text)
    try:
        why = "it has a Transform" if "Transform" in parsed(found) else ""
    except ValueError:
        why = "it cannot be read"
    if why:
        names = ", ".join(added)
        raise TapgenError(
            f"the template of stack {stack.name} cannot take over {names}: {why}",
            f"Remove {names} from the layer {stack.layer} and repeat the command, which then takes "
            "over the stack with its own resources. Then declare them again and repeat it.",
        )
    return found
