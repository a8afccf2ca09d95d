from __future__ import annotations

from typing import Final

from tapgen.model.layer import Layer, in_package, outputs_of
from tapgen.model.platform import Platform

SMALL: Final = Platform(
    name="small",
    layers=in_package(
        "tests.small_platform.layers",
        Layer("keys", "The key of everything"),
        Layer("inbox", "A queue", inputs=outputs_of("keys", "KeyArn")),
    ),
)
