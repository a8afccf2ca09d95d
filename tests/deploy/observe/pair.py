"""A stack that gives an output, and one that takes it."""

from __future__ import annotations

from typing import Any

from tapgen.model.layer import OutputRef
from tapgen.model.stack import Stack
from tests.lab import Lab

VALUE = OutputRef("data", "Value")


def source(lab: Lab, value: str = "one") -> Stack:
    return lab.stack(
        "data",
        {"Note": lab.note({"Ref": "Text"})},
        outputs={"Value": {"Fn::GetAtt": "Note.Value"}},
        parameters={"Text": value},
    )


def taker(lab: Lab, **more: Any) -> Stack:
    return lab.stack("api", {"Note": lab.note({"Ref": "Input"})}, inputs={"Input": VALUE}, **more)
