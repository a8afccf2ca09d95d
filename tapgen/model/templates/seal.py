"""The seal: an output of each template with a digest of everything that the template decides.

DescribeStacks returns the outputs of all stacks in a region, so one listing shows which stacks have
exactly the rendered template. The value differs with each change of the template, so CloudFormation
also accepts a new template that changes no resource, instead of reporting that there is nothing to
update: a change set that changes only outputs can be executed. A stack tag would show the same, but
CloudFormation copies stack tags to the resources: each deployment would change them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from tapgen.errors import TapgenError

OUTPUT: Final = "TapgenSeal"
_LENGTH: Final = 16  # hexadecimal digits: two texts have the same with a chance of 1 in 2**64
_BLANK: Final = "0" * _LENGTH
_VALUE: Final = re.compile(rf'("{OUTPUT}": {{[^{{}}]*"Value": "){_BLANK}"')
_DIGEST: Final = re.compile(rf"[0-9a-f]{{{_LENGTH}}}")


def sealable(layer: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The layer's template document with a blank seal.

    Raises `TapgenError` if the layer has an output with that name.
    """
    others = document.get("Outputs", {})
    if OUTPUT in others:
        raise TapgenError(
            f"layer {layer}: the output {OUTPUT} is reserved: tapgen adds one to every template",
            f"Rename it in {layer}.py, the layer's builder.",
        )
    output = {"Description": "Digest of this template and its stack policy.", "Value": _BLANK}
    return {**document, "Outputs": {**others, OUTPUT: output}}


def sealed(text: str, policy: Mapping[str, Any]) -> tuple[str, str]:
    """The text of a sealable template with its seal, and the seal.

    The digest covers the text with the blank seal, and the stack policy of its stacks.
    """
    digest = sha256(f"{text}{json.dumps(policy, sort_keys=True)}".encode()).hexdigest()[:_LENGTH]
    return _VALUE.sub(rf'\g<1>{digest}"', text, count=1), digest


def parted(document: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """A template document without its seal, and the seal; empty if it has none.

    An output with that name that is not a seal stays, and a document that is not a template is
    returned as it is.
    """
    outputs = document.get("Outputs") if isinstance(document, dict) else None
    found = outputs.get(OUTPUT) if isinstance(outputs, dict) else None
    seal = str(found.get("Value")) if isinstance(found, dict) else ""
    if not isinstance(outputs, dict) or not is_seal(seal):
        return document, ""
    others = {name: output for name, output in outputs.items() if name != OUTPUT}
    rest = {name: part for name, part in document.items() if name != "Outputs"}
    return {**rest, "Outputs": others} if others else rest, seal


def is_seal(value: str) -> bool:
    """True if the value of an output named `OUTPUT` can be a seal."""
    return bool(_DIGEST.fullmatch(value))
