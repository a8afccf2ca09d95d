"""Who may take the roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.render.bootstrap.template import bootstrap_template
from tapgen.render.bootstrap.trust import Ci
from tests.render.bootstrap.conftest import SMALL

if TYPE_CHECKING:
    from tapgen.model.templates.template import Template

HOST = "token.actions.githubusercontent.com"
GITLAB = Ci(
    "gitlab.com",
    "https://gitlab.com",
    "project_path:{repository}:ref_type:branch:ref:{env}",
    "project_path:{repository}:*",
)


def trusts(template: Template, role: str) -> Any:
    return template.resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]


def trust(template: Template, role: str) -> Any:
    (statement,) = trusts(template, role)
    return statement


def test_only_the_environments_own_jobs_deploy(template: Template) -> None:
    statement = trust(template, "DeployRole")
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    assert statement["Condition"] == {
        "StringEquals": {
            f"{HOST}:aud": "sts.amazonaws.com",
            f"{HOST}:sub": {"Fn::Sub": "repo:${Repository}:environment:${EnvironmentName}"},
        }
    }


def test_whatever_runs_in_the_repository_may_look(template: Template) -> None:
    assert trust(template, "ReviewRole")["Condition"] == {
        "StringEquals": {f"{HOST}:aud": "sts.amazonaws.com"},
        "StringLike": {f"{HOST}:sub": {"Fn::Sub": "repo:${Repository}:*"}},
    }


def test_the_provider_is_made_only_where_there_is_none_and_outlives_the_stack(
    template: Template,
) -> None:
    provider = template.resources["IdentityProvider"]
    assert provider["Condition"] == "MakesProvider"
    assert template.document["Conditions"]["MakesProvider"] == {
        "Fn::Not": [{"Condition": "HasProviderArn"}]
    }
    assert (provider["DeletionPolicy"], provider["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert provider["Properties"]["Url"] == f"https://{HOST}"
    known = {"Fn::If": ["HasProviderArn", {"Ref": "ProviderArn"}, {"Ref": "IdentityProvider"}]}
    for role in ("DeployRole", "ReviewRole"):
        assert trust(template, role)["Principal"] == {"Federated": known}


def test_approvers_are_patterns_within_their_accounts(template: Template) -> None:
    named = {"ArnLike": {"aws:PrincipalArn": {"Ref": "Approvers"}}}
    own_names = [
        {"StringLike": {"aws:userid": "*:${sts:RoleSessionName}"}},
        {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}},
    ]
    statements = trusts(template, "ApproveRole")
    assert [one["Condition"] for one in statements] == [named | own for own in own_names]
    for statement in statements:
        assert statement["Principal"] == {"AWS": {"Ref": "ApproverAccounts"}}
    assert template.resources["ApproveRole"]["Condition"] == "HasApprovers"


def test_cloudformation_alone_takes_its_role(template: Template) -> None:
    statement = trust(template, "CloudFormationRole")
    assert statement["Principal"] == {"Service": "cloudformation.amazonaws.com"}


def test_another_ci_is_known_by_its_own_words() -> None:
    template = bootstrap_template(GITLAB, SMALL, with_records=False)
    assert trust(template, "DeployRole")["Condition"] == {
        "StringEquals": {
            "gitlab.com:aud": "https://gitlab.com",
            "gitlab.com:sub": {
                "Fn::Sub": "project_path:${Repository}:ref_type:branch:ref:${EnvironmentName}"
            },
        }
    }
