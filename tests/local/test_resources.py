"""Deployed resources read back as they were declared, and follow an update."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.local import client
from tests.behaviour.templates import ATTACHING

if TYPE_CHECKING:
    from tests.local.conftest import Account

KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}
KEY = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": KEY_POLICY, "EnableKeyRotation": True}}


def tagged(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def own(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags if not tag["Key"].startswith("aws:")}


def table(**properties: Any) -> dict[str, Any]:
    throughput = {"ReadCapacityUnits": "5", "WriteCapacityUnits": {"Ref": "Writes"}}
    return {
        "Key": KEY,
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "transactions",
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [
                    {"AttributeName": "id", "AttributeType": "S"},
                    {"AttributeName": "customer", "AttributeType": "S"},
                ],
                "ProvisionedThroughput": throughput,
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "Customer",
                        "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "ALL"},
                        "ProvisionedThroughput": throughput,
                    }
                ],
                "SSESpecification": {
                    "SSEEnabled": "true",
                    "SSEType": "KMS",
                    "KMSMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
                },
                **properties,
            },
        },
    }


def test_a_table_keeps_its_settings_and_its_protection(account: Account) -> None:
    dynamodb = account.client("dynamodb")
    on = table(
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": "true"},
        TimeToLiveSpecification={"AttributeName": "expiresAt", "Enabled": "true"},
        DeletionProtectionEnabled="true",
    )
    assert account.deploy("data", on, parameters={"Writes": "5"})["StackStatus"] == (
        "CREATE_COMPLETE"
    )

    def described() -> tuple[Any, ...]:
        found = dynamodb.describe_table(TableName="transactions")["Table"]
        recovery = dynamodb.describe_continuous_backups(TableName="transactions")
        expiry = dynamodb.describe_time_to_live(TableName="transactions")
        return (
            found["ProvisionedThroughput"]["WriteCapacityUnits"],
            found["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"],
            found["SSEDescription"]["SSEType"],
            found["DeletionProtectionEnabled"],
            recovery["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"][
                "PointInTimeRecoveryStatus"
            ],
            expiry["TimeToLiveDescription"]["TimeToLiveStatus"],
        )

    assert described() == (5, 5, "KMS", True, "ENABLED", "ENABLED")
    assert account.delete("data")["StackStatus"] == "DELETE_FAILED"
    assert "protect" in account.reasons("data")["Table"]


def test_a_table_follows_an_update_and_a_new_one_starts_clean(account: Account) -> None:
    on = table(
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        TimeToLiveSpecification={"AttributeName": "expiresAt", "Enabled": True},
    )
    account.deploy("data", on, parameters={"Writes": "5"})
    dynamodb = account.client("dynamodb")
    dynamodb.put_item(TableName="transactions", Item={"id": {"S": "1"}, "customer": {"S": "c"}})
    account.deploy("data", table(), parameters={"Writes": "9"})
    found = dynamodb.describe_table(TableName="transactions")["Table"]
    recovery = dynamodb.describe_continuous_backups(TableName="transactions")
    expiry = dynamodb.describe_time_to_live(TableName="transactions")
    assert found["ProvisionedThroughput"]["WriteCapacityUnits"] == 9
    assert "DISABLED" in json.dumps(recovery, default=str)
    assert expiry["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED"
    assert dynamodb.scan(TableName="transactions")["Count"] == 1
    assert account.delete("data")["StackStatus"] == "DELETE_COMPLETE"


def bucket(**properties: Any) -> dict[str, Any]:
    return {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"BucketName": {"Fn::Sub": "logs-${AWS::AccountId}"}, **properties},
        }
    }


def test_a_bucket_keeps_its_settings_loses_them_and_is_deleted_only_when_empty(
    account: Account,
) -> None:
    s3, name = account.client("s3"), f"logs-{account.id}"
    rules = [
        {
            "Id": "expire",
            "Status": "Enabled",
            "ExpirationInDays": "7",
            "NoncurrentVersionExpiration": {"NoncurrentDays": "3"},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": "1"},
            "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": "5"}],
        },
        {"Status": "Disabled", "Prefix": "x/", "NoncurrentVersionExpirationInDays": 2},
    ]
    account.deploy(
        "storage",
        bucket(
            BucketEncryption={
                "ServerSideEncryptionConfiguration": [
                    {
                        "BucketKeyEnabled": "true",
                        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"},
                    }
                ]
            },
            LifecycleConfiguration={"Rules": rules},
            LoggingConfiguration={"DestinationBucketName": name, "LogFilePrefix": "s3/"},
            OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            VersioningConfiguration={"Status": "Enabled"},
            Tags=tagged(CostCenter="DEV-001"),
        ),
    )
    encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    first, second = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert encryption["Rules"][0]["BucketKeyEnabled"] is True
    assert first["Expiration"] == {"Days": 7}
    assert first["NoncurrentVersionExpiration"] == {"NoncurrentDays": 3}
    assert first["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert first["Transitions"] == [{"StorageClass": "GLACIER", "Days": 5}]
    assert second["NoncurrentVersionExpiration"] == {"NoncurrentDays": 2}
    assert s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]["TargetPrefix"] == "s3/"
    controls = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]
    assert controls["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert own(s3.get_bucket_tagging(Bucket=name)["TagSet"]) == {"CostCenter": "DEV-001"}

    s3.put_object(Bucket=name, Key="a", Body=b"1")
    account.deploy("storage", bucket())
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Suspended"
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)
    for read in (s3.get_bucket_lifecycle_configuration, s3.get_bucket_ownership_controls):
        with pytest.raises(ClientError):
            read(Bucket=name)

    assert account.delete("storage")["StackStatus"] == "DELETE_FAILED"
    assert "not empty" in account.reasons("storage")["Bucket"]
    for version in s3.list_object_versions(Bucket=name).get("Versions", []):
        s3.delete_object(Bucket=name, Key="a", VersionId=version["VersionId"])
    assert account.delete("storage")["StackStatus"] == "DELETE_COMPLETE"


def test_a_create_that_fails_half_way_leaves_nothing_behind(account: Account) -> None:
    rule = {"Status": "Enabled", "Transitions": [{"StorageClass": "NO", "TransitionInDays": "x"}]}
    broken = bucket(LifecycleConfiguration={"Rules": [rule]})
    assert account.deploy("storage", broken)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert account.client("s3").list_buckets()["Buckets"] == []


def function(**properties: Any) -> dict[str, Any]:
    role = {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        },
        "ManagedPolicyArns": [ATTACHING],
    }
    return {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "processor",
                "Code": {"ZipFile": "def handler(event, context):\n    return 1\n"},
                "Handler": "index.handler",
                "Runtime": "python3.14",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                **properties,
            },
        },
    }


def test_a_function_keeps_its_settings_and_loses_them(account: Account) -> None:
    aws_lambda = account.client("lambda")
    network = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    account.deploy(
        "compute",
        function(
            VpcConfig=network,
            DeadLetterConfig={"TargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
            ReservedConcurrentExecutions="7",
            MemorySize="512",
            TracingConfig={"Mode": "Active"},
            LoggingConfig={"LogFormat": "JSON", "LogGroup": "/app"},
        ),
    )
    found = aws_lambda.get_function_configuration(FunctionName="processor")
    reserved = aws_lambda.get_function_concurrency(FunctionName="processor")
    assert found["VpcConfig"]["SubnetIds"] == ["subnet-1"]
    assert found["DeadLetterConfig"]["TargetArn"].startswith("arn:aws:sqs:")
    assert (found["MemorySize"], found["TracingConfig"]["Mode"]) == (512, "Active")
    assert found["LoggingConfig"]["LogFormat"] == "JSON"
    assert reserved["ReservedConcurrentExecutions"] == 7

    assert account.deploy("compute", function())["StackStatus"] == "UPDATE_COMPLETE"
    found = aws_lambda.get_function_configuration(FunctionName="processor")
    reserved = aws_lambda.get_function_concurrency(FunctionName="processor")
    assert found.get("VpcConfig", {}).get("SubnetIds", []) == []
    assert not found.get("DeadLetterConfig", {}).get("TargetArn")
    assert "ReservedConcurrentExecutions" not in reserved


def test_a_function_without_its_code_fails_like_on_aws(account: Account) -> None:
    account.client("s3").create_bucket(Bucket=f"code-{account.id}")
    code = {"S3Bucket": f"code-{account.id}", "S3Key": "missing.zip"}
    assert account.deploy("compute", function(Code=code))["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "NoSuchKey" in account.reasons("compute")["Function"]


def test_scaling_is_kept_and_read_back(account: Account) -> None:
    scaling = account.client("application-autoscaling")
    dimension = "dynamodb:table:WriteCapacityUnits"

    def resources(maximum: str) -> dict[str, Any]:
        return {
            **table(),
            "Target": {
                "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
                "Properties": {
                    "ServiceNamespace": "dynamodb",
                    "ResourceId": {"Fn::Sub": "table/${Table}"},
                    "ScalableDimension": dimension,
                    "MinCapacity": "5",
                    "MaxCapacity": maximum,
                },
            },
            "Policy": {
                "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
                "Properties": {
                    "PolicyName": "writes",
                    "PolicyType": "TargetTrackingScaling",
                    "ScalingTargetId": {"Ref": "Target"},
                    "TargetTrackingScalingPolicyConfiguration": {
                        "TargetValue": "70" if maximum == "10" else "80",
                        "PredefinedMetricSpecification": {
                            "PredefinedMetricType": "DynamoDBWriteCapacityUtilization"
                        },
                    },
                },
            },
        }

    writes = {"parameters": {"Writes": "5"}}
    first = account.deploy("data", resources("10"), outputs={"Id": {"Ref": "Target"}}, **writes)
    assert first["Outputs"]["Id"] == f"table/transactions|{dimension}|dynamodb"
    account.deploy("data", resources("20"), outputs={"Id": {"Ref": "Target"}}, **writes)
    (target,) = scaling.describe_scalable_targets(
        ServiceNamespace="dynamodb", ResourceIds=["table/transactions"]
    )["ScalableTargets"]
    (policy,) = scaling.describe_scaling_policies(
        ServiceNamespace="dynamodb", PolicyNames=["writes"]
    )["ScalingPolicies"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (5, 20)
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 80
    arn = target["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"a": "1", "b": "2"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    tags = scaling.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert {key: value for key, value in tags.items() if not key.startswith("aws:")} == {"b": "2"}
    assert (
        scaling.describe_scaling_activities(ServiceNamespace="dynamodb")["ScalingActivities"] == []
    )
    assert account.delete("data")["StackStatus"] == "DELETE_COMPLETE"
    assert scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"] == []


TARGET = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/t",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}


@pytest.mark.parametrize(
    ("operation", "parameters", "message"),
    [
        ("register_scalable_target", {**TARGET, "MinCapacity": 1}, "MaxCapacity must be"),
        (
            "register_scalable_target",
            {**TARGET, "MinCapacity": 9, "MaxCapacity": 1},
            "cannot be greater",
        ),
        ("deregister_scalable_target", TARGET, "No scalable target registered"),
        ("put_scaling_policy", {**TARGET, "PolicyName": "p"}, "No scalable target registered"),
        ("delete_scaling_policy", {**TARGET, "PolicyName": "p"}, "No scaling policy found"),
        ("list_tags_for_resource", {"ResourceARN": "arn:aws:x"}, "No such resource"),
        ("describe_scheduled_actions", {"ServiceNamespace": "dynamodb"}, "not served locally"),
    ],
)
def test_scaling_refuses_what_aws_refuses(
    account: Account, operation: str, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        getattr(account.client("application-autoscaling"), operation)(**parameters)


def test_a_target_takes_its_policies_with_it_and_can_name_the_target_in_parts(
    account: Account,
) -> None:
    scaling = account.client("application-autoscaling")
    scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2)
    properties = {**TARGET, "PolicyName": "p", "PolicyType": "TargetTrackingScaling"}
    policy = {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": properties}
    assert account.deploy("s", {"Policy": policy})["StackStatus"] == "CREATE_COMPLETE"
    scaling.deregister_scalable_target(**TARGET)
    assert scaling.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"] == []
    # Gone already: the stack is deleted all the same.
    assert account.delete("s")["StackStatus"] == "DELETE_COMPLETE"


def test_capacity_of_other_services_scales_too_and_targets_have_tags_of_their_own(
    account: Account,
) -> None:
    function = {
        "ServiceNamespace": "lambda",
        "ResourceId": "function:processor:live",
        "ScalableDimension": "lambda:function:ProvisionedConcurrency",
    }
    resource = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {**function, "MinCapacity": 1, "MaxCapacity": 2, "Tags": tagged(a="1")},
    }
    scaling = account.client("application-autoscaling")
    table_arn = scaling.register_scalable_target(
        **TARGET, MinCapacity=1, MaxCapacity=2, Tags={"a": "2"}
    )["ScalableTargetARN"]
    assert account.deploy("s", {"Target": resource})["StackStatus"] == "CREATE_COMPLETE"
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="lambda")["ScalableTargets"]
    tags = {
        arn: scaling.list_tags_for_resource(ResourceARN=arn)["Tags"]["a"]
        for arn in (table_arn, target["ScalableTargetARN"])
    }
    assert list(tags.values()) == ["2", "1"]


def secret(**properties: Any) -> dict[str, Any]:
    return {"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": properties}}


def test_a_generated_secret_obeys_its_rules_and_can_be_referred_to(account: Account) -> None:
    secrets = account.client("secretsmanager")
    rules = {"PasswordLength": "40", "ExcludePunctuation": "true"}
    resources = {
        **secret(Name="origin", GenerateSecretString=rules, Tags=tagged(a="1", b="1")),
        "Copy": {
            "Type": "AWS::SSM::Parameter",
            "DependsOn": "Secret",
            "Properties": {"Type": "String", "Value": "{{resolve:secretsmanager:origin}}"},
        },
    }
    outputs = {"Arn": {"Ref": "Secret"}, "Copy": {"Ref": "Copy"}}
    first = account.deploy("api", resources, outputs=outputs)["Outputs"]
    value = secrets.get_secret_value(SecretId=first["Arn"])["SecretString"]
    assert value.isalnum()
    assert len(value) == 40
    copy = account.client("ssm").get_parameter(Name=first["Copy"])
    assert copy["Parameter"]["Value"] == value

    resources.update(secret(Name="origin", GenerateSecretString=rules, Tags=tagged(a="2")))
    assert account.deploy("api", resources, outputs=outputs)["Outputs"] == first
    described = secrets.describe_secret(SecretId="origin")
    assert own(described["Tags"]) == {"a": "2"}
    assert secrets.get_secret_value(SecretId="origin")["SecretString"] == value


def test_a_secret_from_a_template_of_its_own_is_replaced_when_the_rules_change(
    account: Account,
) -> None:
    secrets = account.client("secretsmanager")
    rules = {"SecretStringTemplate": '{"user": "app"}', "GenerateStringKey": "password"}
    arn = account.deploy(
        "s", secret(GenerateSecretString=rules), outputs={"Arn": {"Ref": "Secret"}}
    )["Outputs"]["Arn"]
    first = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
    assert (first["user"], len(first["password"])) == ("app", 32)
    account.deploy("s", secret(SecretString="plain"), outputs={"Arn": {"Ref": "Secret"}})
    assert secrets.get_secret_value(SecretId=arn)["SecretString"] == "plain"
    account.delete("s")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        secrets.describe_secret(SecretId=arn)


def test_a_role_is_bounded_and_freed(account: Account) -> None:
    iam = account.client("iam")
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = iam.create_policy(PolicyName="bound", PolicyDocument=document)
    arn = made["Policy"]["Arn"]

    def boundary(description: str, **properties: Any) -> Any:
        trust: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
        role = {"AssumeRolePolicyDocument": trust, "Description": description, **properties}
        account.deploy("s", {"Role": {"Type": "AWS::IAM::Role", "Properties": role}})
        (found,) = (one for one in iam.list_roles()["Roles"] if one["RoleName"].startswith("s-"))
        role = iam.get_role(RoleName=found["RoleName"])["Role"]
        return role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")

    assert boundary("bounded", PermissionsBoundary=arn) == arn
    assert boundary("as before", PermissionsBoundary=arn) == arn
    assert boundary("free") is None


def test_a_topic_keeps_its_key(account: Account) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": {"Ref": "Key"}}}
    outputs = {"Arn": {"Ref": "Topic"}, "Key": {"Ref": "Key"}}
    made = account.deploy("s", {"Key": KEY, "Topic": topic}, outputs=outputs)["Outputs"]
    attributes = account.client("sns").get_topic_attributes(TopicArn=made["Arn"])["Attributes"]
    assert attributes["KmsMasterKeyId"] == made["Key"]
    assert attributes["DisplayName"] == ""


@pytest.mark.slow
def test_retained_resources_are_imported_with_their_data_and_then_updated(account: Account) -> None:
    def resources(writes: str) -> dict[str, Any]:
        found = table()
        found["Table"]["Properties"]["ProvisionedThroughput"] = {
            "ReadCapacityUnits": "5",
            "WriteCapacityUnits": writes,
        }
        del found["Table"]["Properties"]["GlobalSecondaryIndexes"]
        found["Table"]["Properties"]["AttributeDefinitions"].pop()
        kept = {
            **found,
            **bucket(),
            **secret(Name="origin", SecretString="x"),
            "Alias": {
                "Type": "AWS::KMS::Alias",
                "Properties": {"AliasName": "alias/data", "TargetKeyId": {"Ref": "Key"}},
            },
            "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/app"}},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dead"}},
        }
        return {name: {**body, "DeletionPolicy": "Retain"} for name, body in kept.items()}

    outputs = {"Key": {"Ref": "Key"}, "Queue": {"Ref": "Queue"}, "Secret": {"Ref": "Secret"}}
    made = account.deploy("data", resources("5"), outputs=outputs)["Outputs"]
    dynamodb, s3 = account.client("dynamodb"), account.client("s3")
    dynamodb.put_item(TableName="transactions", Item={"id": {"S": "1"}})
    s3.put_object(Bucket=f"logs-{account.id}", Key="a", Body=b"1")
    assert account.delete("data")["StackStatus"] == "DELETE_COMPLETE"

    identifiers = {
        "Key": {"KeyId": made["Key"]},
        "Alias": {"AliasName": "alias/data"},
        "Table": {"TableName": "transactions"},
        "Bucket": {"BucketName": f"logs-{account.id}"},
        "Group": {"LogGroupName": "/app"},
        "Queue": {"QueueUrl": made["Queue"]},
        "Secret": {"Id": made["Secret"]},
    }

    def importing(**changed: dict[str, str]) -> dict[str, Any]:
        return {
            "ChangeSetType": "IMPORT",
            "ResourcesToImport": [
                {
                    "ResourceType": resources("5")[name]["Type"],
                    "LogicalResourceId": name,
                    "ResourceIdentifier": identifier,
                }
                for name, identifier in {**identifiers, **changed}.items()
            ],
        }

    for name, absent in (
        ("Table", {"TableName": "absent"}),
        ("Secret", {"Id": f"{made['Secret']}x"}),
    ):
        refused = account.change_set("data", resources("5"), **importing(**{name: absent}))
        assert refused["Status"] == "FAILED"
    adopted = account.deploy("data", resources("5"), **importing())
    assert adopted["StackStatus"] == "IMPORT_COMPLETE", account.reasons("data")
    updated = account.deploy("data", resources("7"))
    assert updated["StackStatus"] == "UPDATE_COMPLETE", account.reasons("data")
    assert dynamodb.scan(TableName="transactions")["Count"] == 1
    assert s3.list_objects_v2(Bucket=f"logs-{account.id}")["KeyCount"] == 1


def test_a_request_validator_is_enforced(account: Account) -> None:
    schema = {
        "type": "object",
        "required": ["amount"],
        "additionalProperties": False,
        "properties": {"amount": {"type": "integer", "minimum": 1}},
    }
    api = {"Ref": "Api"}
    resources: dict[str, Any] = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api"}},
        "Model": {
            "Type": "AWS::ApiGateway::Model",
            "Properties": {
                "RestApiId": api,
                "Name": "Payment",
                "ContentType": "application/json",
                "Schema": schema,
            },
        },
        "Validator": {
            "Type": "AWS::ApiGateway::RequestValidator",
            "Properties": {
                "RestApiId": api,
                "Name": "all",
                "ValidateRequestBody": True,
                "ValidateRequestParameters": True,
            },
        },
        "Bad": {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Properties": {
                "RestApiId": api,
                "ResponseType": "BAD_REQUEST_BODY",
                "StatusCode": "400",
                "ResponseTemplates": {"application/json": '{"title": "Bad body"}'},
            },
        },
        "Post": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": {
                "RestApiId": api,
                "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                "HttpMethod": "POST",
                "AuthorizationType": "NONE",
                "RequestValidatorId": {"Ref": "Validator"},
                "RequestModels": {"application/json": {"Ref": "Model"}},
                "RequestParameters": {"method.request.header.Idempotency-Key": True},
                "Integration": {
                    "Type": "MOCK",
                    "RequestTemplates": {"application/json": '{"statusCode": 200}'},
                    "IntegrationResponses": [{"StatusCode": "200"}],
                },
            },
        },
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": ["Post", "Bad"],
            "Properties": {"RestApiId": api, "StageName": "v1"},
        },
    }
    url = {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/v1/"}
    made = account.deploy("api", resources, outputs={"Url": url})
    where, _ = client.api_url(account.local, made["Outputs"]["Url"])

    def post(body: str, **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(  # noqa: S310 - loopback
            where,
            data=body.encode(),
            headers={"Content-Type": "application/json", **headers},
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
                return answer.status, ""
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    key = {"Idempotency-Key": "1"}
    assert post('{"amount": 1}', **key)[0] == 200
    for bad in ("{}", '{"amount": 0}', '{"amount": 1, "x": 1}', "not json"):
        assert post(bad, **key) == (400, '{"title": "Bad body"}')
    assert post('{"amount": 1}')[0] == 400

    resources["Post"]["Properties"]["OperationName"] = "pay"
    account.deploy("api", resources, outputs={"Url": url})
    assert post("{}", **key)[0] == 400
    resources["Validator"]["Properties"]["ValidateRequestBody"] = False
    account.deploy("api", resources, outputs={"Url": url})
    assert post("{}", **key)[0] == 400  # the stage shows the deployment that it had
    resources["NextDeployment"] = resources.pop("Deployment")
    account.deploy("api", resources, outputs={"Url": url})
    assert post("{}", **key)[0] == 200
    assert account.delete("api")["StackStatus"] == "DELETE_COMPLETE"
