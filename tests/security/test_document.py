"""docs/security.md says what is so: its words are looked up, and its generated parts are current.

TAPGEN_UPDATE_GOLDEN=1 writes the generated parts anew; look at the difference before committing it.
"""

from __future__ import annotations

import ast
import re

import pytest

from tapgen.render.rendering import Rendered
from tapgen.review.lint.acceptance import STALE_ID
from tests import generated_parts
from tests.paths import ROOT
from tests.security.controls import CONTROLS, REQUIREMENTS, Control
from tests.security.document import OWN_RULES, has_property, parts, resources_of

DOCUMENT = ROOT / "docs" / "security.md"
ALL = [control for controls in CONTROLS.values() for control in controls]
RULES = {rule.id for rule in OWN_RULES} | {STALE_ID}
each_control = pytest.mark.parametrize("control", ALL, ids=lambda control: control.title[:40])


def test_the_generated_parts_are_current(rendered: Rendered) -> None:
    generated_parts.check(DOCUMENT, parts(rendered))


@each_control
def test_what_a_control_names_is_in_the_templates(control: Control, rendered: Rendered) -> None:
    for place in control.places:
        names = resources_of(place, rendered.templates)
        assert names, place
        for name in names:
            resource = rendered.templates[place.layer].resources[name]
            assert has_property(resource, place.property_), (place, name)


def test_a_place_that_is_not_there_would_be_noticed(rendered: Rendered) -> None:
    resource = rendered.templates["data"].resources["SessionsTable"]
    assert has_property(resource, "SSESpecification.KMSMasterKeyId")
    assert not has_property(resource, "SSESpecification.KMSMasterKey")
    assert not has_property(resource, "TableName.KMSMasterKeyId")


@each_control
def test_a_control_is_somewhere_and_shown_by_something(control: Control) -> None:
    assert control.places or control.files
    assert control.checks
    assert all((ROOT / name).exists() for name in control.files)


@each_control
def test_the_rules_and_tests_that_show_it_exist(control: Control) -> None:
    for check in control.checks:
        if re.fullmatch(r"T\d{3}", check):
            assert check in RULES, check
            continue
        file, _, name = check.partition("::")
        tree = ast.parse((ROOT / "tests" / file).read_text())
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, check


def test_every_requirement_that_is_explained_is_served_and_the_other_way_round() -> None:
    served = {number for control in ALL for number in control.requirements}
    assert served == REQUIREMENTS.keys()
    assert all(re.fullmatch(r"\d{1,2}(\.\d{1,2}){2,3}", number) for number in served)
