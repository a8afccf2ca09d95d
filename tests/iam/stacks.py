"""Stacks of other platforms than the one that comes with tapgen."""

from __future__ import annotations

import json
from typing import Any

from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template

TAGS = {"Environment": "dev", "Project": "acme"}


def stack(
    layer: str = "a", region: str = "eu-west-1", outputs: Any = None, **resources: Any
) -> Stack:
    """A stack of resources, each given by its type or with properties."""
    document = {
        "Resources": {
            name: {"Type": body} if isinstance(body, str) else body
            for name, body in resources.items()
        },
        "Outputs": outputs or {},
    }
    of = Template(layer, json.dumps(document))
    name = f"acme-dev-{layer}"
    return Stack("dev", layer, name, "111111111111", region, of, {}, {}, TAGS, protected=False)
