from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tapgen.payments.platform import PLATFORM
from tapgen.review.lint.rules.registry import rules_for
from tapgen.review.lint.rules.rule import Rule
from tests.paths import ROOT
from tests.small_platform.platform import SMALL

ALL: list[Rule[Any]] = [*rules_for(PLATFORM).templates, *rules_for(PLATFORM).stacks]


def test_ids_and_names_are_unique_and_every_rule_says_what_it_asks_for() -> None:
    assert len({rule.id for rule in ALL}) == len(ALL) == len({rule.name for rule in ALL})
    assert all(rule.summary.endswith(".") for rule in ALL)
    assert {rule.id for rule in rules_for(PLATFORM).stacks} == {
        rule.id for rule in ALL if "T030" <= rule.id < "T040"
    }


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_a_rule_is_called_like_its_function_which_has_a_test(rule: Rule[Any]) -> None:
    check = rule.check.func if isinstance(rule.check, partial) else rule.check
    assert rule.name == check.__name__.replace("_", "-")
    *package, module = check.__module__.split(".")
    test = ROOT.joinpath("tests", *package[1:], f"test_{module}.py").read_text()
    assert rule.name in test or check.__name__ in test


def test_a_platform_brings_rules_of_its_own() -> None:
    own = {rule.id for rule in PLATFORM.part("rules").templates}
    assert own == {"T011", "T019", "T027", "T044"}
    assert {rule.id for rule in rules_for(PLATFORM).templates} - own == {
        rule.id for rule in rules_for(SMALL).templates
    }
    assert rules_for(replace(PLATFORM, rules="")).templates[-1].id == "T050"
