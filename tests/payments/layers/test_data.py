from __future__ import annotations

from typing import Any

import pytest

TABLES = ("TransactionsTable", "SessionsTable", "IdempotencyTable")
SCALED = {
    "TransactionsTable": "table/{TransactionsTable}",
    "TransactionsCustomerIndex": "table/{TransactionsTable}/index/CustomerIndex",
    "SessionsTable": "table/{SessionsTable}",
    "IdempotencyTable": "table/{IdempotencyTable}",
}
ROOT = {"AWS": ["arn:aws:iam::111111111111:root"]}


def keys(schema: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(key["AttributeName"], key["KeyType"]) for key in schema]


def statements(see: Any) -> dict[str, Any]:
    policy = see("data").resources["Key"]["Properties"]["KeyPolicy"]
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def test_transactions_table(see: Any) -> None:
    table = see("data").resources["TransactionsTable"]["Properties"]
    assert table["TableName"] == "payments-dev-transactions"
    assert keys(table["KeySchema"]) == [("transactionId", "HASH"), ("timestamp", "RANGE")]
    assert {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]} == {
        "transactionId": "S",
        "timestamp": "N",
        "customerId": "S",
    }
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "CustomerIndex"
    assert keys(index["KeySchema"]) == [("customerId", "HASH"), ("timestamp", "RANGE")]
    assert index["Projection"] == {"ProjectionType": "ALL"}
    assert index["ProvisionedThroughput"] == table["ProvisionedThroughput"]
    assert "TimeToLiveSpecification" not in table


@pytest.mark.parametrize(
    ("title", "name", "key", "expires_at"),
    [
        ("SessionsTable", "payments-dev-sessions", "sessionId", "expiresAt"),
        ("IdempotencyTable", "payments-dev-idempotency", "id", "expiration"),
    ],
)
def test_tables_that_expire(see: Any, title: str, name: str, key: str, expires_at: str) -> None:
    table = see("data").resources[title]["Properties"]
    assert table["TableName"] == name
    assert keys(table["KeySchema"]) == [(key, "HASH")]
    assert table["AttributeDefinitions"] == [{"AttributeName": key, "AttributeType": "S"}]
    assert table["TimeToLiveSpecification"] == {"AttributeName": expires_at, "Enabled": True}
    assert "GlobalSecondaryIndexes" not in table


@pytest.mark.parametrize("title", SCALED)
@pytest.mark.parametrize("direction", ["Read", "Write"])
def test_autoscaling_of_tables_and_index(see: Any, title: str, direction: str) -> None:
    resources = see("data", "staging", ReadCapacityMax="200", WriteCapacityMax="200").resources
    target = resources[f"{title}{direction}Target"]["Properties"]
    kind = "index" if "Index" in title else "table"
    assert target["ServiceNamespace"] == "dynamodb"
    assert target["ScalableDimension"] == f"dynamodb:{kind}:{direction}CapacityUnits"
    assert str(target["ResourceId"]) == f"{{{SCALED[title]}}}"
    assert (target["MinCapacity"], target["MaxCapacity"]) == ("25", "200")
    assert "RoleARN" not in target  # the service-linked one, which nobody has to pass
    policy = resources[f"{title}{direction}Policy"]["Properties"]
    assert policy["PolicyType"] == "TargetTrackingScaling"
    assert str(policy["ScalingTargetId"]) == f"{{{title}{direction}Target}}"
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == "70"
    metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert metric == f"DynamoDB{direction}CapacityUtilization"


def test_nothing_but_the_capacity_setting_can_reset_autoscaled_capacity(
    template: Any,
) -> None:  # twelve things, 7
    throughput = {
        "ReadCapacityUnits": {"Ref": "ReadCapacity"},
        "WriteCapacityUnits": {"Ref": "WriteCapacity"},
    }
    document = template("data")
    for title in TABLES:
        table = document["Resources"][title]["Properties"]
        assert table["ProvisionedThroughput"] == throughput
    settings = document["Metadata"]["tapgen"]["Settings"]
    assert settings["ReadCapacity"] == "data.read_capacity"
    assert settings["WriteCapacity"] == "data.write_capacity"


def test_the_key_rotates_and_has_an_alias(see: Any) -> None:
    resources = see("data").resources
    key = resources["Key"]["Properties"]
    assert key["EnableKeyRotation"] is True
    assert key["PendingWindowInDays"] == 30
    assert resources["KeyAlias"]["Properties"]["AliasName"] == "alias/payments-dev"


def test_administration_does_not_include_use(see: Any) -> None:
    administration = statements(see)["AdministerThroughIam"]
    assert administration["Principal"] == ROOT
    assert {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"}.isdisjoint(
        administration["Action"]
    )
    assert "kms:PutKeyPolicy" in administration["Action"]


def test_roles_use_the_key_through_services_of_this_region(see: Any) -> None:
    use = statements(see)["UseThroughServices"]
    assert use["Principal"] == ROOT
    condition = use["Condition"]["StringEquals"]
    assert condition["kms:CallerAccount"] == "111111111111"
    assert condition["kms:ViaService"] == [
        f"{service}.eu-west-1.amazonaws.com"
        for service in ("dynamodb", "firehose", "lambda", "s3", "secretsmanager", "sns", "sqs")
    ]


@pytest.mark.parametrize(
    ("sid", "service", "source"),
    [
        (
            "EncryptDeliveredLogs",
            "delivery.logs.amazonaws.com",
            "arn:aws:logs:us-east-1:111111111111:delivery-source:*",
        ),
        (
            "PublishAlarms",
            "cloudwatch.amazonaws.com",
            "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:*",
        ),
    ],
)
def test_services_use_the_key_for_this_account_only(
    see: Any, sid: str, service: str, source: str
) -> None:
    statement = statements(see)[sid]
    assert statement["Principal"] == {"Service": [service]}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "ArnLike": {"aws:SourceArn": source},
    }
    assert "kms:GenerateDataKey" in statement["Action"]


def test_api_gateway_writes_access_logs_with_the_key_as_the_role_that_it_makes_itself(
    see: Any,
) -> None:
    statement = statements(see)["EncryptAccessLogs"]
    assert statement["Principal"] == {"AWS": ["*"]}
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statement["Condition"] == {
        "ArnEquals": {
            "aws:PrincipalArn": "arn:aws:iam::111111111111:role/aws-service-role/"
            "ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"
        },
        "StringEquals": {
            "kms:CallerAccount": "111111111111",
            "kms:ViaService": ["firehose.eu-west-1.amazonaws.com"],
        },
    }


def test_cloudwatch_logs_uses_the_key_for_log_groups(see: Any) -> None:
    statement = statements(see)["EncryptLogGroups"]
    assert statement["Principal"] == {"Service": ["logs.eu-west-1.amazonaws.com"]}
    assert statement["Condition"] == {
        "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111111111111:log-group:*"
        }
    }


def test_only_services_get_grants(see: Any) -> None:
    statement = statements(see)["DenyGrantsExceptForServices"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", ["kms:CreateGrant"])
    assert statement["Principal"] == {"AWS": ["*"]}
    # Both have to hold: a service that asks by itself is let through as well.
    assert statement["Condition"] == {
        "Bool": {"kms:GrantIsForAWSResource": "false", "aws:PrincipalIsAWSService": "false"}
    }
