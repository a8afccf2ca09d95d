"""The data layer: the platform's KMS key and its DynamoDB tables.

One key encrypts everything that the platform stores in its region. Its policy lists for each
service what the other layers encrypt with it: tables, buckets, functions and their environment,
dead-letter queues, topics, secrets, delivery streams and log groups.

Tables have provisioned capacity that target tracking changes, for tables and indexes. A deployment
does not reset autoscaled capacity: CloudFormation calls UpdateTable with the throughput only if
`ProvisionedThroughput` differs from the previous template, whatever the table has now. The setting
is the minimum of autoscaling, so changing it moves a table to the new minimum at once, and target
tracking raises it again within minutes. With `protection: true`, tapgen refuses that while a table
has more (`tapgen.payments.guards.capacity`).

No resource here is ever deleted to be replaced, see `RETAINED`.
"""

from __future__ import annotations

from typing import Any, Final

from troposphere import GetAtt, Ref, Sub
from troposphere.dynamodb import (
    AttributeDefinition,
    GlobalSecondaryIndex,
    KeySchema,
    PointInTimeRecoverySpecification,
    Projection,
    ProvisionedThroughput,
    SSESpecification,
    Table,
    TimeToLiveSpecification,
)

from tapgen.model.limits import GLOBAL_REGION
from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.data.autoscaling import Autoscaling, Capacity
from tapgen.payments.layers.parts.data.keys import (
    add_key,
    use_by_alarms,
    use_by_api_gateway,
    use_by_cloudwatch_logs,
    use_by_log_delivery,
    use_through,
)
from tapgen.payments.layers.parts.data.tables import TABLES
from tapgen.payments.layers.parts.iam.arns import arn
from tapgen.render.accepted import accepted, because
from tapgen.render.retained import RETAINED

INDEX_NAME: Final = "CustomerIndex"

# The services that encrypt with the key on behalf of the account's own roles, and for which layer:
# dynamodb here, s3 and firehose for api and storage, lambda and sqs for compute, secretsmanager for
# api, sns for observability.
_SERVICES: Final = ("dynamodb", "firehose", "lambda", "s3", "secretsmanager", "sns", "sqs")


def build() -> Blueprint:
    """Key, three tables, and autoscaling of each table and index."""
    blueprint = Blueprint("data", "KMS key and DynamoDB tables of the payments platform.")
    key_arn = _add_key(blueprint)
    tables = _Tables(blueprint, key_arn)
    tables.add(
        "Transactions",
        key={"transactionId": "S", "timestamp": "N"},
        index={"customerId": "S", "timestamp": "N"},
    )
    tables.add("Sessions", key={"sessionId": "S"}, expires_at="expiresAt")
    tables.add("Idempotency", key={"id": "S"}, expires_at="expiration")
    blueprint.output("KeyArn", key_arn, "ARN of the KMS key that encrypts all data.")
    blueprint.output("KeyAliasName", Ref("KeyAlias"), "Alias of the KMS key.")
    return blueprint.finish()


def _add_key(blueprint: Blueprint) -> GetAtt:
    return add_key(
        blueprint,
        "Encrypts the payments platform's tables, buckets, queues, topics, secrets and logs.",
        "${Prefix}",
        [
            use_through(*_SERVICES),
            use_by_cloudwatch_logs(),
            # CloudFront's logs are delivered from us-east-1, whatever the bucket's region.
            use_by_log_delivery(arn("logs", "delivery-source:*", region=GLOBAL_REGION)),
            use_by_alarms(),
            use_by_api_gateway(),
        ],
        because(
            "The conditions name the only caller, API Gateway's own role in this account; as a "
            "principal it would have to exist before the key.",
            "CKV_AWS_33",
        ),
    )


class _Tables:
    """Adds tables that share capacity, recovery, protection and key."""

    def __init__(self, blueprint: Blueprint, key_arn: GetAtt) -> None:
        self._blueprint = blueprint
        self._capacity = Capacity.of(blueprint)
        self._autoscaling = Autoscaling(blueprint, self._capacity)
        blueprint.flag(
            "PointInTimeRecovery",
            "data.point_in_time_recovery",
            "Whether tables can be restored to any second of the last 35 days.",
        )
        self._encryption = SSESpecification(SSEEnabled=True, SSEType="KMS", KMSMasterKeyId=key_arn)

    def add(
        self,
        title: str,
        *,
        key: dict[str, str],
        index: dict[str, str] | None = None,
        expires_at: str = "",
    ) -> None:
        """Add a table. `key` and `index` are hash and range attributes with their types."""
        optional: dict[str, Any] = {}
        if index:
            optional["GlobalSecondaryIndexes"] = [self._index(index)]
        if expires_at:
            optional["TimeToLiveSpecification"] = TimeToLiveSpecification(
                AttributeName=expires_at, Enabled=True
            )
        table = self._blueprint.add(
            Table(
                f"{title}Table",
                TableName=Sub(f"${{Prefix}}-{TABLES[title]}"),
                AttributeDefinitions=[
                    AttributeDefinition(AttributeName=name, AttributeType=type_)
                    for name, type_ in {**key, **(index or {})}.items()
                ],
                KeySchema=_key_schema(key),
                BillingMode="PROVISIONED",
                ProvisionedThroughput=self._throughput(),
                SSESpecification=self._encryption,
                PointInTimeRecoverySpecification=PointInTimeRecoverySpecification(
                    PointInTimeRecoveryEnabled=self._blueprint.when("PointInTimeRecovery")
                ),
                Metadata=accepted(
                    because(
                        "Set per environment; it must be on where data is protected.",
                        "DYNAMODB_PITR_ENABLED",
                        "CKV_AWS_28",
                    )
                ),
                DeletionProtectionEnabled=self._blueprint.protected(),
                **optional,
                **RETAINED,
            )
        )
        self._autoscaling.add_table(title, Ref(table))
        if index:
            self._autoscaling.add_index(title, Ref(table), INDEX_NAME)
        self._blueprint.output(f"{title}TableName", Ref(table), f"Name of the {title} table.")
        self._blueprint.output(
            f"{title}TableArn", GetAtt(table, "Arn"), f"ARN of the {title} table."
        )

    def _index(self, index: dict[str, str]) -> GlobalSecondaryIndex:
        return GlobalSecondaryIndex(
            IndexName=INDEX_NAME,
            KeySchema=_key_schema(index),
            Projection=Projection(ProjectionType="ALL"),
            ProvisionedThroughput=self._throughput(),
        )

    def _throughput(self) -> ProvisionedThroughput:
        return ProvisionedThroughput(
            ReadCapacityUnits=self._capacity.read.low, WriteCapacityUnits=self._capacity.write.low
        )


def _key_schema(key: dict[str, str]) -> list[KeySchema]:
    return [
        KeySchema(AttributeName=name, KeyType=type_)
        for name, type_ in zip(key, ("HASH", "RANGE"), strict=False)
    ]
