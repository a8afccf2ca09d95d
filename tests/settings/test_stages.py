from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tapgen.payments.platform import PLATFORM
from tapgen.settings.stages import stages
from tapgen.settings.store import load_all

Edit = Callable[[str, str, str], None]
ORDER = ("dev", "staging", "prod")


def names(envs: Path, order: tuple[str, ...]) -> list[list[str]]:
    return [[one.name for one in them] for them in stages(load_all(envs, PLATFORM), order)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ORDER, [["dev"], ["staging"], ["prod"]]),
        (("dev", "prod"), [["dev", "staging"], ["prod"]]),
        (("elsewhere", "staging"), [["dev", "prod"], ["staging"]]),
        ((), [["dev", "staging", "prod"]]),
    ],
)
def test_the_order_says_which_stage(
    envs: Path, order: tuple[str, ...], expected: list[list[str]]
) -> None:
    assert names(envs, order) == expected


def test_a_promotion_comes_after_its_source_whatever_the_order_says(envs: Path, edit: Edit) -> None:
    edit("dev", "protection", "deployment:\n  promoted_from: prod\nprotection")
    edit("prod", "protection", "deployment:\n  promoted_from: staging\nprotection")
    assert names(envs, ()) == [["staging"], ["prod"], ["dev"]]
    assert names(envs, ORDER) == [["staging"], ["prod"], ["dev"]]


def test_without_environments_there_is_no_stage() -> None:
    assert stages((), ORDER) == ()
