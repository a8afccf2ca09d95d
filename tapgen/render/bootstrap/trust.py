"""Who may assume the roles: the CI of one repository, approvers, and CloudFormation."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from awacs import sts
from awacs.aws import (
    Allow,
    ArnLike,
    Condition,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
    StringLike,
)
from troposphere import Condition as If_
from troposphere import Equals, If, Join, Not, Ref, Sub
from troposphere.iam import OIDCProvider

from tapgen.model.limits import ACCOUNT_ID, CALLER_ARN, PROVIDER_ARN, REPOSITORY, or_empty
from tapgen.render.accepted import accepted, because
from tapgen.render.blueprint import Blueprint

_TAKEN_OVER: Final = because(
    "A later stack uses the existing provider, by the parameter ProviderArn.", "lost-track"
)
HAS_APPROVERS: Final = "HasApprovers"
"""The condition that there are approvers."""
_SESSION_NAME: Final = "sts:RoleSessionName"


class Ci(NamedTuple):
    """How AWS recognizes the project's CI.

    - `issuer`: the identity provider's address without "https://".
    - `audience`: the audience of its tokens.
    - `deploying`, `reviewing`: the subjects of its tokens, as in the configuration: "{repository}"
      and "{env}" stand for those of the environment, and "*" in the second for any text.
    """

    issuer: str
    audience: str
    deploying: str
    reviewing: str


def add_provider(blueprint: Blueprint, ci: Ci) -> None:
    """Add the identity provider unless the account has it: only one per address is possible.

    It needs no thumbprint if its certificate is from a public authority, like GitHub's and GitLab's
    (IAM user guide, "Obtain the thumbprint for an OpenID Connect identity provider"). Others in the
    account may depend on it, so it outlives the stack.
    """
    blueprint.text(
        "Repository",
        "bootstrap.repository",
        "Repository whose CI is trusted.",
        pattern=REPOSITORY,
    )
    blueprint.optional_text(
        "ProviderArn",
        "bootstrap.provider",
        "Existing identity provider of the account; if empty, one is created.",
        pattern=PROVIDER_ARN,
    )
    blueprint.add(
        OIDCProvider(
            "IdentityProvider",
            ClientIdList=[ci.audience],
            Condition=blueprint.condition("MakesProvider", Not(If_("HasProviderArn"))),
            DeletionPolicy="Retain",
            Metadata=accepted(_TAKEN_OVER),
            UpdateReplacePolicy="Retain",
            Url=f"https://{ci.issuer}",
        )
    )
    blueprint.output("IdentityProviderArn", _provider(), "Identity provider of the CI.")


def by_ci_environment(ci: Ci) -> PolicyDocument:
    """Trust in the jobs of the repository's CI that run in the CI environment with this name."""
    same = {f"{ci.issuer}:aud": ci.audience, f"{ci.issuer}:sub": _subject(ci.deploying)}
    return _by_ci([StringEquals(same)])


def by_ci(ci: Ci) -> PolicyDocument:
    """Trust in all jobs of the repository's CI, including those of pull requests."""
    audience = StringEquals(f"{ci.issuer}:aud", ci.audience)
    return _by_ci([audience, StringLike(f"{ci.issuer}:sub", _subject(ci.reviewing))])


def by_approvers(blueprint: Blueprint) -> PolicyDocument:
    """Trust in the approvers; also declares the condition `HAS_APPROVERS`.

    Each is a pattern of ARNs, and the principal is its account: the name of a role of IAM Identity
    Center ends in an id that changes if it is created again (its user guide, "Referencing
    permission sets in resource policies, Amazon EKS Cluster config maps, and AWS KMS key
    policies").

    They assume the role under their own name: the name of their session, with which `aws:userid`
    ends, or of their user. So nobody approves under two names, or under another person's name.
    """
    approvers = blueprint.several(
        "Approvers",
        "bootstrap.approvers",
        "Who may approve: patterns of ARNs; empty if nobody.",
        pattern=or_empty(CALLER_ARN),
    )
    accounts = blueprint.several(
        "ApproverAccounts",
        "bootstrap.approver_accounts",
        "The accounts of the approvers.",
        pattern=or_empty(ACCOUNT_ID),
    )
    blueprint.condition(HAS_APPROVERS, Not(Equals(Join(",", approvers), "")))
    named = ArnLike("aws:PrincipalArn", approvers)
    own_names = (
        StringLike("aws:userid", f"*:${{{_SESSION_NAME}}}"),
        StringEquals(_SESSION_NAME, "${aws:username}"),
    )
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[
            _trusting(Principal("AWS", accounts), sts.AssumeRole, [named, own_name])
            for own_name in own_names
        ],
    )


def by_cloudformation() -> PolicyDocument:
    """Trust in CloudFormation, for callers that may pass it the role."""
    return _trust(Principal("Service", "cloudformation.amazonaws.com"), sts.AssumeRole, [])


def _provider() -> If:
    """The ARN of the identity provider, whether it existed or not."""
    return If("HasProviderArn", Ref("ProviderArn"), Ref("IdentityProvider"))


def _subject(pattern: str) -> Sub:
    return Sub(
        pattern.replace("{repository}", "${Repository}").replace("{env}", "${EnvironmentName}")
    )


def _by_ci(conditions: list[Any]) -> PolicyDocument:
    principal = Principal("Federated", _provider())
    return _trust(principal, sts.AssumeRoleWithWebIdentity, conditions)


def _trust(principal: Principal, action: Any, conditions: list[Any]) -> PolicyDocument:
    statement = _trusting(principal, action, conditions)
    return PolicyDocument(Version="2012-10-17", Statement=[statement])


def _trusting(principal: Principal, action: Any, conditions: list[Any]) -> Statement:
    extra = {"Condition": Condition(conditions)} if conditions else {}
    return Statement(Effect=Allow, Principal=principal, Action=[action], **extra)
