from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tapgen.errors import TapgenError
from tapgen.payments.platform import PLATFORM
from tapgen.review.lint.rules.registry import rules_for
from tapgen.review.lint.rules.rule import Rule, Rules
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


def check(_: Any) -> Any:
    """Nothing is wrong."""
    yield from ()


RULES = {
    "SAME_ID": Rules(templates=(Rule("T001", "own-name", check),)),
    "SAME_NAME": Rules(stacks=(Rule("X001", "stack-quota", check),)),
    "TWICE": Rules(templates=(Rule("X1", "one", check), Rule("X1", "two", check))),
    "LOUD": Rules(templates=(Rule("X1", "Loud_Name", check),)),
    "BARE": Rules(templates=(check,)),  # type: ignore[arg-type]
    "SEVERE": Rules(templates=(Rule("X1", "one", check, "severe"),)),  # type: ignore[arg-type]
}
SAME_ID, SAME_NAME, TWICE, LOUD, BARE, SEVERE = RULES.values()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SAME_ID", "the rule T001 (own-name) of the platform has the id of another rule"),
        ("SAME_NAME", "the rule X001 (stack-quota) of the platform has the name of another rule"),
        ("TWICE", "the rule X1 (two) of the platform has the id of another rule"),
        ("LOUD", "the rule X1 is called 'Loud_Name'"),
        ("BARE", "among the rules of the platform, this is none: <function"),
        ("SEVERE", "among the rules of the platform, this is none: Rule(id='X1'"),
    ],
)
def test_rules_can_be_told_apart_and_accepted(name: str, told: str) -> None:
    with pytest.raises(TapgenError) as refused:
        rules_for(replace(PLATFORM, rules=f"{__name__}:{name}"))
    assert refused.value.message.startswith(told)
    assert refused.value.hint
