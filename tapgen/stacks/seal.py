"""The seal at the end of a template's description: a digest of all that the template decides.

DescribeStacks gives the description of every stack of a region, so one listing tells which stacks
have the very template that is rendered now. A stack tag would tell it as well, but CloudFormation
hands stack tags on to the resources: each deployment would change them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

_LENGTH: Final = 16  # hexadecimal digits: chance has one in 2**64
_SEAL: Final = re.compile(rf" \[tapgen ([0-9a-f]{{{_LENGTH}}})\]$")
# The template's own description; those of parameters and outputs stand further in.
_DESCRIPTION: Final = re.compile(r'^(  "Description": "(?:[^"\\]|\\.)*)"', re.MULTILINE)


def seal(text: str, policy: Mapping[str, Any]) -> str:
    """The seal of a template's text and the stack policy that goes with it, as descriptions end."""
    digest = sha256(f"{text}{json.dumps(policy, sort_keys=True)}".encode()).hexdigest()
    return f" [tapgen {digest[:_LENGTH]}]"


def sealed(text: str, mark: str) -> str:
    """The template's text with a seal at the end of its description."""
    return _DESCRIPTION.sub(rf'\1{mark}"', text, count=1)


def seal_of(description: str) -> str:
    """The digest that a description ends in; empty where it has none."""
    found = _SEAL.search(description)
    return found[1] if found else ""


def unsealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The template document with its description as it was written."""
    return {**document, "Description": _SEAL.sub("", str(document.get("Description", "")))}
