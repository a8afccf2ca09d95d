"""The role that a service assumes for one purpose, and the statements of its policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from awacs.aws import Allow, PolicyDocument, Statement
from troposphere.iam import Policy, Role

from tapgen.payments.layers.parts.iam.trust import trust
from tapgen.render.accepted import INLINE_POLICY, accepted, because


def service_role(
    title: str, service: str, purpose: str, statements: Sequence[Statement], unlimited: str
) -> Role:
    """A role of one AWS service ("lambda") with one policy, which is called like its purpose.

    `unlimited` is why some of its actions name no resource.
    """
    return Role(
        title,
        AssumeRolePolicyDocument=trust(service),
        Policies=[
            Policy(
                PolicyName=purpose,
                PolicyDocument=PolicyDocument(Version="2012-10-17", Statement=[*statements]),
            )
        ],
        Metadata=accepted(
            INLINE_POLICY, because(unlimited, "IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE")
        ),
    )


def allow(actions: list[Any], *resources: Any, **more: Any) -> Statement:
    """A statement that allows; `more` are its further parts, such as `Sid` or `Condition`."""
    return Statement(Effect=Allow, Action=actions, Resource=[*resources], **more)
