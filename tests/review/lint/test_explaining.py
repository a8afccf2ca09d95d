"""Each rule is explained by a template that breaks it, and by one that does not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, cast

import pytest
import yaml

from tapgen.errors import UsageError
from tapgen.model.templates.template import Template
from tapgen.payments.platform import PLATFORM
from tapgen.review.lint.explaining import explanation, explanations, listed
from tapgen.review.lint.rules.registry import rules_for
from tapgen.review.lint.rules.rule import Placement, Problem, Rule, Rules
from tests.review.lint.rules.stubs import stack

KNOWN: Final = explanations(PLATFORM)
RULES: Final = rules_for(PLATFORM)
OF_TEMPLATES: Final = {rule.id: rule for rule in RULES.templates}
OF_STACKS: Final = {rule.id: rule for rule in RULES.stacks}
# Not about what a template says: its size, the name of the stack, other layers, settings, costs.
WITHOUT_A_TEMPLATE: Final = {"T000", "T001", "T002", "T031", "T032", "T040", "T051"}
# What settings give to the parameters of the examples.
VALUES: Final = {
    "data.read_capacity": "5",
    "deployment.permission_boundary": "",
    "name": "dev",
    "network.nat": "none",
    "prefix": "payments-dev",
    "retention.cloudwatch_days": "30",
    "stack.settled": "true",
}


def examples(rule: str) -> list[Template]:
    found = re.findall(r"^```yaml\n(.*?)^```$", KNOWN[rule].text, re.MULTILINE | re.DOTALL)
    return [Template("data", json.dumps(yaml.safe_load(text))) for text in found]


def problems(rule: str, template: Template) -> list[Problem]:
    if rule in OF_TEMPLATES:
        return [*OF_TEMPLATES[rule].check(template)]
    parameters = {name: VALUES[setting] for name, setting in template.settings.items()}
    placed = stack(template, protected=True, parameters=parameters)
    return [*OF_STACKS[rule].check(Placement(placed, {}))]


def test_every_rule_is_explained() -> None:
    assert [*KNOWN] == sorted({*OF_TEMPLATES, *OF_STACKS, "T000", "T040", "T051"})
    assert [one.id for one in KNOWN.values() if not (one.text and one.summary)] == []


@pytest.mark.parametrize("rule", sorted(KNOWN.keys() - WITHOUT_A_TEMPLATE))
def test_the_first_template_breaks_the_rule_and_the_second_does_not(rule: str) -> None:
    broken, mended = examples(rule)
    assert problems(rule, broken) != []
    assert problems(rule, mended) == []


@pytest.mark.parametrize("asked", ["T024", "t024", "tls-only"])
def test_a_rule_is_found_by_its_id_and_by_its_name(asked: str) -> None:
    assert explanation(PLATFORM, asked) == KNOWN["T024"]


def test_an_unknown_rule_is_wrong_usage() -> None:
    with pytest.raises(
        UsageError, match="neither tapgen nor the platform has a rule 'tls-onyl'"
    ) as raised:
        explanation(PLATFORM, "tls-onyl")
    hint = raised.value.hint
    assert hint.startswith("Did you mean tls-only? The rules are T000 to T027, T030 to T037, ")


@pytest.mark.parametrize("rule", ["E3002", "w2001", "CKV_AWS_18", "S3_BUCKET_LOGGING_ENABLED"])
def test_rules_of_other_tools_have_their_own_pages(rule: str) -> None:
    with pytest.raises(UsageError, match=f"{rule!r} is not a rule of tapgen or") as raised:
        explanation(PLATFORM, rule)
    assert raised.value.hint.startswith("`tapgen lint --format sarif` links each finding")


def test_ids_of_any_form_are_listed() -> None:
    ids = ["N001", "N002", "N4", "acme", "other", "T009", "T010"]
    assert listed(ids) == "N001 to N002, N4, acme, other, T009 to T010"


def nothing_odd(_: Template) -> Iterator[Problem]:
    """Nothing is odd."""
    yield from ()


# Without a text: beside this file there is none, and a function of Python's own has no file.
OWN: Final = Rules(
    templates=(Rule("T900", "odd", nothing_odd), Rule("T901", "no-file", cast("Any", len)))
)


def test_a_platform_explains_a_rule_beside_its_check_or_not_at_all() -> None:
    platform = replace(PLATFORM, rules=f"{__name__}:OWN")
    assert explanation(platform, "odd") == ("T900", "odd", "error", "Nothing is odd.", "")
    assert explanation(platform, "no-file").text == ""
    assert explanation(PLATFORM, "T011").text.startswith("How long logs and objects are kept")
