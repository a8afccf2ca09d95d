"""The approval key: who signs, who looks, who administers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tapgen.model.templates.template import Template


@pytest.fixture
def statements(template: Template) -> dict[str, Any]:
    policy = template.resources["ApprovalKey"]["Properties"]["KeyPolicy"]
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def test_it_signs_and_does_nothing_else(template: Template) -> None:
    properties = template.resources["ApprovalKey"]["Properties"]
    assert (properties["KeySpec"], properties["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert template.resources["ApprovalKey"]["DeletionPolicy"] == "RetainExceptOnCreate"


def test_only_the_approving_role_signs(statements: dict[str, Any]) -> None:
    signing = [sid for sid, one in statements.items() if "kms:Sign" in one["Action"]]
    assert signing == ["Sign"]
    assert statements["Sign"]["Action"] == ["kms:Sign"]
    signer = statements["Sign"]["Condition"]["ArnEquals"]["aws:PrincipalArn"]["Fn::Sub"]
    assert signer.endswith(":role/tapgen-${Prefix}-approve")


def test_no_role_of_the_environment_administers_it(statements: dict[str, Any]) -> None:
    found = statements["AdministerButNotByThoseWhoDeploy"]
    assert "kms:PutKeyPolicy" in found["Action"]
    excluded = found["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    assert [one["Fn::Sub"].partition("role/")[2] for one in excluded] == [
        "${Prefix}-*",
        "tapgen-${Prefix}-approve",
        "tapgen-${Prefix}-cloudformation",
        "tapgen-${Prefix}-deploy",
        "tapgen-${Prefix}-review",
    ]


def test_no_statement_allows_everything(statements: dict[str, Any]) -> None:
    actions = {action for one in statements.values() for action in one["Action"]}
    assert not [action for action in actions if "*" in action]
    assert "kms:CreateGrant" not in actions  # it would hand signing on
