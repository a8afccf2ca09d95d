"""The secret header by which the API recognises its own CloudFront distribution.

CloudFormation generates the value and reads it through dynamic references, which it resolves only
when it writes to WAF and to CloudFront. So no template, parameter, output or change set contains
the value. Layers pass on its name.

Two secrets exist at any time, for the generation in `api.origin_secret_generation` and for the one
before, and the firewall accepts both. A rotation raises that number by 1. The secret with the same
parity as the new number is replaced: it is two generations old, and no longer used. CloudFront's
stack, which comes after the API's, then changes from the old to the new one. The secret that
CloudFront sends is therefore accepted at every moment, even if a deployment is interrupted in
between. The names contain the generation, because CloudFormation reads a secret again only if the
text of the reference has changed.
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
    OrStatement,
    RuleAction,
    SingleHeader,
    Statement,
    TextTransformation,
    WebACLRule,
)

from tapgen.model.limits import GLOBAL_REGION, Range
from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.limits import ORIGIN_SECRET_GENERATION
from tapgen.render.accepted import accepted, because
from tapgen.render.retained import regenerable

ORIGIN_HEADER: Final = "x-origin-verify"

_SETTING: Final = "api.origin_secret_generation"
_KEY: Final = "current"  # the secret is a JSON object with this one key
_CHARACTERS: Final = 64  # WAF searches for at most 200 bytes
# Next to the first generation, there is one that CloudFront never sends.
_EVEN: Final = Range(0, ORIGIN_SECRET_GENERATION.high)


def origin_secret_name(blueprint: Blueprint) -> Sub:
    """Name of the secret that CloudFront sends, the same in the API's region and in its replica."""
    blueprint.prefix()
    blueprint.number(
        "OriginGeneration",
        _SETTING,
        "Sent by CloudFront.",
        ORIGIN_SECRET_GENERATION,
    )
    return _name("OriginGeneration")


def origin_secret_value(secret: str) -> Sub:
    """The dynamic reference that CloudFormation replaces with the secret's value.

    `secret` is the logical id of the secret, or the parameter with its name.
    """
    return Sub(f"{{{{resolve:secretsmanager:${{{secret}}}:SecretString:{_KEY}}}}}")


def origin_secrets(blueprint: Blueprint, key_arn: Any) -> tuple[Secret, Secret]:
    """Add both generated secrets, with a replica for the CDN if that is in another region."""
    blueprint.prefix()
    away = blueprint.condition("IsAwayFromCdn", Not(Equals(Ref("AWS::Region"), GLOBAL_REGION)))
    # The data key exists in only one region, so the replicas use the service's key.
    replicas = If(away, [ReplicaRegion(Region=GLOBAL_REGION)], NoValue)

    def secret(logical_id: str, generation: str, part: str, bounds: Range) -> Secret:
        blueprint.number(generation, f"{_SETTING}.{part}", "Accepted by the API.", bounds)
        return blueprint.add(_secret(logical_id, _name(generation), key_arn, replicas))

    return (
        secret("OriginSecretOdd", "OriginGenerationOdd", "odd", ORIGIN_SECRET_GENERATION),
        secret("OriginSecretEven", "OriginGenerationEven", "even", _EVEN),
    )


def only_from_cloudfront(*secrets: Secret) -> WebACLRule:
    """Block every request whose header is not exactly the value of one of `secrets`."""
    header_is_right = OrStatement(Statements=[_matches(secret) for secret in secrets])
    return WebACLRule(
        Name="only-from-cloudfront",
        Action=RuleAction(Block=BlockAction()),
        Statement=Statement(
            NotStatement=NotStatement(Statement=Statement(OrStatement=header_is_right))
        ),
    )


def _name(generation: str) -> Sub:
    # After a slash: a dash and six characters at the end would look like the end of an ARN.
    return Sub(f"${{Prefix}}/origin-verify/${{{generation}}}")


def _secret(logical_id: str, name: Sub, key_arn: Any, replicas: Any) -> Secret:
    return Secret(
        logical_id,
        Name=name,
        Description="Header that CloudFront sends and the API requires.",
        GenerateSecretString=GenerateSecretString(
            SecretStringTemplate="{}",
            GenerateStringKey=_KEY,
            PasswordLength=_CHARACTERS,
            ExcludePunctuation=True,  # it must be a valid header value
        ),
        KmsKeyId=key_arn,
        ReplicaRegions=replicas,
        **regenerable(
            "Both of its readers receive the new value.",
            accepted(
                because(
                    f"Rotated by {_SETTING}, because its readers must be deployed.",
                    "SECRETSMANAGER_ROTATION_ENABLED_CHECK",
                )
            ),
        ),
    )


def _matches(secret: Secret) -> Statement:
    return Statement(
        ByteMatchStatement=ByteMatchStatement(
            FieldToMatch=FieldToMatch(SingleHeader=SingleHeader(Name=ORIGIN_HEADER)),
            PositionalConstraint="EXACTLY",
            SearchString=origin_secret_value(secret.title),
            TextTransformations=[TextTransformation(Priority=0, Type="NONE")],
        )
    )
