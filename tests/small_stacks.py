"""Small templates and stacks, beside the real ones of the fixture `rendered`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template

MakeTemplate = Callable[..., Template]
MakeStack = Callable[..., Stack]


@pytest.fixture
def make_template() -> MakeTemplate:
    """`make_template(Table="AWS::DynamoDB::Table")`; other sections by their names."""

    def make(layer: str = "data", /, **parts: Any) -> Template:
        sections = {"Parameters", "Conditions", "Outputs"}
        document: dict[str, Any] = {
            "Metadata": {"tapgen": {"Layer": layer, "Settings": parts.pop("Settings", {})}},
            **{name: parts.pop(name) for name in sections & parts.keys()},
        }
        document["Resources"] = {
            name: {"Type": body} if isinstance(body, str) else body for name, body in parts.items()
        }
        return Template(layer, json.dumps(document))

    return make


@pytest.fixture
def make_stack(make_template: MakeTemplate) -> MakeStack:
    """A stack of the layer `data` in `dev`, with the given fields changed."""

    def make(**changed: Any) -> Stack:
        fields: dict[str, Any] = {
            "environment": "dev",
            "layer": "data",
            "name": "payments-dev-data",
            "account_id": "111111111111",
            "region": "eu-west-1",
            "template": make_template(Table="AWS::DynamoDB::Table", Topic="AWS::SNS::Topic"),
            "parameters": {},
            "inputs": {},
            "tags": {},
            "protected": False,
        }
        return Stack(**{**fields, **changed})

    return make
