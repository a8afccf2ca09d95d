from __future__ import annotations

import re
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


def none() -> Any:
    """Nothing is asked."""


RULES = Rules(
    templates=(
        Rule("T001", "own-name", check),
        Rule("X1", "one", check),
        Rule("X1", "two", check, "severe"),  # type: ignore[arg-type]
        check,
    ),
    stacks=(
        Rule("X2", "stack-quota", check),
        Rule("X3", "Loud", check),
        Rule("", "four", none),  # type: ignore[arg-type]
    ),
)


def test_rules_can_be_told_apart_and_accepted() -> None:
    with pytest.raises(TapgenError) as refused:
        rules_for(replace(PLATFORM, rules=f"{__name__}:RULES"))
    text = re.sub(r" at 0x\w+>", ">", refused.value.message)
    text = re.sub(r"tests/review/lint/rules/test_registry\.py:\d+: ", "HERE ", text)
    told = """\
HERE the rule T001 (own-name) has the id of another rule
HERE the rule X1 (two): `severity` is 'severe', but must be one of error, warning, informational
HERE the rule X1 (two) has the id of another rule
`templates` has <function check>, which is not a Rule
HERE the rule X2 (stack-quota) has the name of another rule
HERE the rule X3 (Loud): `name` is 'Loud', but must be lower-case words with hyphens between
HERE the rule  (four): `id` is '', but must be a text that is not empty
HERE the rule  (four): `check` is <function none>, but must be a function of 1 argument
"""
    assert text.replace("rules of the platform: ", "") == told.rstrip()
    assert refused.value.hint.startswith("Write each as Rule(id, name, check, severity)")
