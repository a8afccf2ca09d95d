"""A platform's code is named as people find it."""

from __future__ import annotations

import json
from functools import partial, wraps
from pathlib import Path
from typing import Any

import pytest

import tapgen
from tapgen.errors import TapgenError
from tapgen.model.parts.places import in_project, place_in, place_of, spelled
from tests.paths import ROOT

HERE = "tests/model/parts/test_places.py"


def function() -> None:
    raise ValueError("ouch")


def decorated() -> Any:
    @wraps(function)
    def around() -> None:
        function()

    return around


class Called:
    def __call__(self) -> None:
        """Nothing."""


def line(text: str) -> int:
    lines = Path(__file__).read_text().splitlines()
    return next(number for number, one in enumerate(lines, start=1) if one.startswith(text))


def test_a_path_is_spelled_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert spelled(ROOT / "tapgen" / "cli") == "tapgen/cli"
    assert spelled("tapgen/cli") == "tapgen/cli"
    monkeypatch.chdir(tmp_path)
    assert spelled(ROOT / "tapgen") == f"{ROOT}/tapgen"
    assert in_project(str(ROOT / "shop.py"), "shop.py") == f"{ROOT}/shop.py"
    engine = str(Path(tapgen.__file__).parent / "payments" / "rules.py")
    assert in_project(engine, "tapgen/payments/rules.py") == "tapgen/payments/rules.py"


@pytest.mark.parametrize("made", [function, partial(partial(function)), decorated()])
def test_a_function_is_where_it_is_defined(made: Any) -> None:
    assert place_of(made) == f"{HERE}:{line('def function')}"


def test_so_are_classes_and_objects_that_can_be_called() -> None:
    assert place_of(Called) == place_of(Called()) == f"{HERE}:{line('class Called')}"
    assert place_of(print) == ""


def test_an_error_is_where_the_platform_led_to_it() -> None:
    with pytest.raises(ValueError, match="ouch") as caught:
        function()
    assert place_in(caught.value) == f"{HERE}:{line('def function') + 1}"
    with pytest.raises(json.JSONDecodeError) as of_library:
        json.loads("{")
    assert place_in(of_library.value).startswith(f"{HERE}:")


def test_a_function_that_was_never_entered_is_named_by_itself() -> None:
    assert place_in(TapgenError("raised nowhere"), function) == f"{HERE}:{line('def function')}"
    error = SyntaxError("bad", ("shop/rules.py", 7, 1, "x ="))
    assert place_in(error) == "shop/rules.py:7"
