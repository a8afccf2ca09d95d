"""The seal: an output of each template with a digest of all that the template decides.

DescribeStacks gives the outputs of every stack of a region, so one listing tells which stacks have
the very template that is rendered now. As its value differs with each change of the template,
CloudFormation also takes a template over that changes no resource of an environment, where it would
say that there is nothing to update: a change set for the sake of outputs can be executed. A stack
tag would tell the same, but CloudFormation hands stack tags on to the resources: each deployment
would change them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from tapgen.errors import TapgenError

OUTPUT: Final = "TapgenSeal"
_LENGTH: Final = 16  # hexadecimal digits: chance has one in 2**64
_BLANK: Final = "0" * _LENGTH
_VALUE: Final = re.compile(rf'("{OUTPUT}": {{[^{{}}]*"Value": "){_BLANK}"')
_DIGEST: Final = re.compile(rf"[0-9a-f]{{{_LENGTH}}}")


def sealable(layer: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The layer's template document with a seal that is still blank.

    Raises `TapgenError` where the layer has an output of that name.
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

    The digest is that of the text with the blank seal and of the stack policy that goes with it.
    """
    digest = sha256(f"{text}{json.dumps(policy, sort_keys=True)}".encode()).hexdigest()[:_LENGTH]
    return _VALUE.sub(rf'\g<1>{digest}"', text, count=1), digest


def parted(document: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """A template document as it was before it was sealed, and its seal; empty where it has none.

    An output of that name which is no seal is somebody else's and stays, as does what is no
    template.
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
    """Whether the value of an output called `OUTPUT` can be a seal."""
    return bool(_DIGEST.fullmatch(value))
