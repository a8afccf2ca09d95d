from __future__ import annotations

import pytest

from tapgen.render.rendering import Rendered
from tapgen.settings.fields import fields, may_vary


@pytest.mark.parametrize(
    ("setting", "varies"),
    [
        ("functions.memory_mb", True),
        ("functions.log_level", False),
        ("network.interface_endpoints.kms", False),
        ("name", True),
        ("prefix", True),
        ("code.key", False),
    ],
)
def test_what_fills_a_parameter_may_vary_or_not(setting: str, varies: bool) -> None:
    assert may_vary(setting) is varies


def test_every_setting_says_for_itself() -> None:
    assert {name: may_vary(name) for name in fields()} == {
        name: field.varies for name, field in fields().items()
    }


def test_every_parameter_of_the_templates_can_be_judged(rendered: Rendered) -> None:
    filled = {s for template in rendered.templates.values() for s in template.settings.values()}
    assert {"prefix", "code.key", "functions.log_level"} <= filled
    assert {setting for setting in filled if not may_vary(setting)} >= {"code.key", "project"}
