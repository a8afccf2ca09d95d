"""The secret header by which the API recognises its own CloudFront distribution.

CloudFormation generates the value and CloudFormation reads it, through dynamic references that it
resolves only when it writes to WAF and to CloudFront. So no template, parameter, output or change
set holds the value; layers pass on its name.
"""

from __future__ import annotations

from typing import Any, Final

from troposphere import Equals, If, Not, NoValue, Ref, Sub
from troposphere.secretsmanager import GenerateSecretString, ReplicaRegion, Secret
from troposphere.wafv2 import (
    BlockAction,
    ByteMatchStatement,
    FieldToMatch,
    NotStatement,
    RuleAction,
    SingleHeader,
    Statement,
    TextTransformation,
    WebACLRule,
)

from tapgen.layers.blueprint import Blueprint
from tapgen.layers.parts.accepted import accepted, because
from tapgen.layers.parts.retained import RETAINED
from tapgen.layers.registry import GLOBAL_REGION

ORIGIN_HEADER: Final = "x-origin-verify"

_KEY: Final = "current"  # the secret is a JSON object with this one key
_CHARACTERS: Final = 64  # WAF searches for at most 200 bytes


def origin_secret_name(blueprint: Blueprint) -> Sub:
    """The secret's name, the same in the environment's region and in its replica."""
    blueprint.prefix()
    return Sub("${Prefix}/origin-verify")


def origin_secret_value(secret: str) -> Sub:
    """The dynamic reference that CloudFormation replaces by the secret's value.

    `secret` is the logical id of the secret, or the parameter that holds its name.
    """
    return Sub(f"{{{{resolve:secretsmanager:${{{secret}}}:SecretString:{_KEY}}}}}")


def origin_secret(blueprint: Blueprint, key_arn: Any) -> Secret:
    """Add the generated secret, with a replica for the CDN where that is another region."""
    away = blueprint.condition("IsAwayFromCdn", Not(Equals(Ref("AWS::Region"), GLOBAL_REGION)))
    return blueprint.add(
        Secret(
            "OriginSecret",
            Name=origin_secret_name(blueprint),
            Description="Header value that CloudFront adds and the API's firewall asks for.",
            GenerateSecretString=GenerateSecretString(
                SecretStringTemplate="{}",
                GenerateStringKey=_KEY,
                PasswordLength=_CHARACTERS,
                ExcludePunctuation=True,  # it has to be a valid header value
            ),
            KmsKeyId=key_arn,
            # The data key exists in one region only, so the replica uses the service's own.
            ReplicaRegions=If(away, [ReplicaRegion(Region=GLOBAL_REGION)], NoValue),
            Metadata=accepted(
                because(
                    "WAF and CloudFront would have to change at the same moment, or requests are "
                    "refused in between; a rotation is a deployment.",
                    "SECRETSMANAGER_ROTATION_ENABLED_CHECK",
                )
            ),
            **RETAINED,
        )
    )


def only_from_cloudfront(secret: Secret) -> WebACLRule:
    """Block every request whose header is not exactly the value of `secret`."""
    header_is_right = ByteMatchStatement(
        FieldToMatch=FieldToMatch(SingleHeader=SingleHeader(Name=ORIGIN_HEADER)),
        PositionalConstraint="EXACTLY",
        SearchString=origin_secret_value(secret.title),
        TextTransformations=[TextTransformation(Priority=0, Type="NONE")],
    )
    return WebACLRule(
        Name="only-from-cloudfront",
        Action=RuleAction(Block=BlockAction()),
        Statement=Statement(
            NotStatement=NotStatement(Statement=Statement(ByteMatchStatement=header_is_right))
        ),
    )
