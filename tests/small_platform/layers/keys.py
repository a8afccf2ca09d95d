from __future__ import annotations

from troposphere import GetAtt, Sub
from troposphere.kms import Alias, Key

from tapgen.render.blueprint import Blueprint
from tapgen.render.retained import RETAINED


def build() -> Blueprint:
    blueprint = Blueprint("keys", "The key of everything.")
    blueprint.prefix()
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
        "Action": [
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GetKeyPolicy",
            "kms:PutKeyPolicy",
            "kms:ScheduleKeyDeletion",
            "kms:TagResource",
            "kms:UntagResource",
        ],
        "Resource": "*",
    }
    blueprint.add(
        Key(
            "Key",
            EnableKeyRotation=True,
            KeyPolicy={"Version": "2012-10-17", "Statement": [statement]},
            **RETAINED,
        )
    )
    blueprint.add(
        Alias(
            "Alias",
            AliasName=Sub("alias/${Prefix}"),
            TargetKeyId=GetAtt("Key", "Arn"),
            **RETAINED,
        )
    )
    blueprint.output("KeyArn", GetAtt("Key", "Arn"), "Key of everything.")
    return blueprint.finish()
