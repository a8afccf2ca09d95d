"""The template as a whole: what reviewers see of the payments platform's, and what finds faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.bootstrap.placement import PLATFORM as BASELINE
from tapgen.deploy.bootstrap.placement import baseline_of, placed
from tapgen.payments.platform import PLATFORM
from tapgen.render.code.function_package import Code
from tapgen.render.rendering import Rendered
from tapgen.review.lint.lint import lint
from tapgen.review.lint.scanners.scanning import scan
from tapgen.settings.store import load
from tests import golden_files
from tests.conftest import ENVS
from tests.deploy.bootstrap.test_check import TOLD
from tests.render.bootstrap.conftest import GITHUB

if TYPE_CHECKING:
    from tapgen.model.templates.template import Template


@pytest.fixture(scope="module")
def whole(rendered: Rendered) -> Rendered:
    """The baseline of the payments platform, in all of its environments."""
    template = baseline_of(PLATFORM, rendered.stacks, GITHUB)
    stacks = {
        name: (placed(template, load(ENVS, PLATFORM, name), rendered.stacks[name], TOLD),)
        for name in rendered.stacks
    }
    return Rendered(BASELINE, {"bootstrap": template}, stacks, Code(()))


def test_it_is_the_one_that_was_reviewed(template: Template) -> None:
    golden_files.check("bootstrap/small.json", template.text)


def test_it_says_by_itself_which_it_is(template: Template) -> None:
    assert template.seal
    assert template.capabilities == ["CAPABILITY_NAMED_IAM"]


def test_records_are_named_only_where_policies_name_them(
    template: Template, whole: Rendered
) -> None:
    assert "RecordNames" not in template.parameters
    assert "RecordNames" in whole.templates["bootstrap"].parameters


def test_what_a_later_step_needs_is_given(template: Template) -> None:
    assert set(template.outputs) == {
        "ApprovalKeyArn",
        "ApproveRoleArn",
        "BoundaryName",
        "CloudFormationRoleArn",
        "DeployRoleArn",
        "IdentityProviderArn",
        "LedgerBucketName",
        "ReviewRoleArn",
    }
    assert template.document["Outputs"]["ApproveRoleArn"]["Condition"] == "HasApprovers"


@pytest.mark.slow
def test_cfn_lint_and_our_rules_find_nothing_but_its_size(whole: Rendered) -> None:
    """It is put into a bucket for CloudFormation, so it may be larger than what goes inline."""
    assert [(one.rule, one.message.partition(" ")[2]) for one in lint(whole)] == [
        ("T001", "bytes; CloudFormation accepts 51200")
    ]


@pytest.mark.slow
def test_the_scanner_finds_nothing(whole: Rendered) -> None:
    assert scan(whole, "templates_out", complete=False) == ()
