from __future__ import annotations

import re
from typing import Any

import pytest
from troposphere import Ref
from troposphere.awslambda import Code, Function

from tapgen.payments.functions import telemetry
from tapgen.payments.layers.parts.functions.published import fingerprint

KEY_ARN = "arn:aws:kms:eu-west-1:111111111111:key/11111111-2222-3333-4444-555555555555"
FUNCTIONS = {
    "PaymentProcessor": "payment-processor",
    "SessionManager": "session-manager",
}
TABLE_ACTIONS = {
    "PaymentProcessor": {
        "payments-dev-transactions": {"GetItem", "PutItem", "Query"},
        "payments-dev-idempotency": {"DeleteItem", "PutItem", "UpdateItem"},
    },
    "SessionManager": {"payments-dev-sessions": {"DeleteItem", "GetItem", "PutItem"}},
}
both = pytest.mark.parametrize("title", FUNCTIONS)


def properties(see: Any, logical_id: str, environment: str = "dev", **parameters: str) -> Any:
    return see("compute", environment, **parameters).resources[logical_id]["Properties"]


def statements(see: Any, title: str) -> dict[str, Any]:
    (policy,) = properties(see, f"{title}Role")["Policies"]
    return {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}


@both
def test_code_from_the_artifacts_bucket_under_its_hash(see: Any, title: str) -> None:
    function = properties(see, f"{title}Function")
    assert function["Code"] == {
        "S3Bucket": "payments-dev-artifacts-111111111111-eu-west-1",
        "S3Key": f"functions/{'c0de' * 16}.zip",
    }
    module = FUNCTIONS[title].replace("-", "_")
    assert function["Handler"] == f"functions.{module}.handler"


@both
def test_current_runtime_on_arm64_with_powertools(see: Any, title: str) -> None:
    function = properties(see, f"{title}Function")
    assert function["Runtime"] == "python3.14"
    assert function["Architectures"] == ["arm64"]
    assert function["Layers"] == [
        "arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python314-arm64:36"
    ]


@both
def test_private_subnets_tracing_and_key(see: Any, title: str) -> None:
    function = properties(see, f"{title}Function")
    assert function["VpcConfig"] == {
        "SecurityGroupIds": ["sg-0123456789abcdef0"],
        "SubnetIds": [f"subnet-0123456789abcdef{n}" for n in range(3)],
    }
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert function["KmsKeyArn"] == KEY_ARN
    assert str(function["Role"]) == f"{{{title}Role.Arn}}"


def test_reserved_concurrency_is_off_by_default(see: Any) -> None:
    assert "ReservedConcurrentExecutions" not in properties(see, "SessionManagerFunction", "prod")
    reserved = properties(see, "SessionManagerFunction", ReservedConcurrency="20")
    assert reserved["ReservedConcurrentExecutions"] == "20"


def test_each_function_is_told_what_it_needs(see: Any) -> None:
    common = {
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "POWERTOOLS_METRICS_NAMESPACE": "payments-dev",
    }
    payment = properties(see, "PaymentProcessorFunction")["Environment"]["Variables"]
    assert payment == {
        **common,
        "POWERTOOLS_SERVICE_NAME": "payment-processor",
        "TRANSACTIONS_TABLE": "payments-dev-transactions",
        "IDEMPOTENCY_TABLE": "payments-dev-idempotency",
        "IDEMPOTENCY_TTL_SECONDS": "86400",
    }
    session = properties(see, "SessionManagerFunction")["Environment"]["Variables"]
    assert session == {
        **common,
        "POWERTOOLS_SERVICE_NAME": "session-manager",
        "SESSIONS_TABLE": "payments-dev-sessions",
        "SESSION_TTL_SECONDS": "3600",
    }


@both
def test_json_logs_in_a_group_of_its_own(see: Any, template: Any, title: str) -> None:
    logging = properties(see, f"{title}Function")["LoggingConfig"]
    assert str(logging.pop("LogGroup")) == f"{{{title}LogGroup}}"
    assert logging == {
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
    }
    group = properties(see, f"{title}LogGroup", "prod")
    assert group["LogGroupName"] == f"/aws/lambda/payments-prod-{FUNCTIONS[title]}"
    assert group["KmsKeyId"] == KEY_ARN
    assert group["DeletionProtectionEnabled"] is True
    assert properties(see, f"{title}LogGroup")["DeletionProtectionEnabled"] is False
    resource = template("compute")["Resources"][f"{title}LogGroup"]
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"


@pytest.mark.parametrize(
    ("setting", "filtered"),
    [("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARNING", "INFO"), ("ERROR", "INFO")],
)
def test_lambda_never_filters_metrics_out(see: Any, setting: str, filtered: str) -> None:
    function = properties(see, "PaymentProcessorFunction", LogLevel=setting)
    assert function["LoggingConfig"]["ApplicationLogLevel"] == filtered
    assert function["Environment"]["Variables"]["POWERTOOLS_LOG_LEVEL"] == setting


@both
def test_dead_letter_queue(see: Any, template: Any, title: str) -> None:
    queue = properties(see, f"{title}Dlq")
    assert queue["QueueName"] == f"payments-dev-{FUNCTIONS[title]}-dlq"
    assert queue["KmsMasterKeyId"] == KEY_ARN
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    resource = template("compute")["Resources"][f"{title}Dlq"]
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    target = properties(see, f"{title}Function")["DeadLetterConfig"]["TargetArn"]
    assert str(target) == f"{{{title}Dlq.Arn}}"
    (denial,) = properties(see, f"{title}DlqPolicy")["PolicyDocument"]["Statement"]
    assert denial["Effect"] == "Deny"
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@both
def test_role_has_no_managed_policy_and_trusts_lambda_only(see: Any, title: str) -> None:
    role = properties(see, f"{title}Role")
    assert "ManagedPolicyArns" not in role
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


@both
def test_role_allows_exactly_the_calls_on_the_functions_own_tables(see: Any, title: str) -> None:
    on_tables = {
        one["Resource"][0].rpartition("/")[2]: {action.split(":")[1] for action in one["Action"]}
        for one in statements(see, title).values()
        if one["Action"][0].startswith("dynamodb:")
    }
    assert on_tables == TABLE_ACTIONS[title]


@both
def test_role_has_no_wildcard_action_and_only_named_resources(see: Any, title: str) -> None:
    anywhere = set()
    for sid, one in statements(see, title).items():
        if one["Effect"] == "Allow":
            assert all("*" not in action for action in one["Action"]), sid
        if one["Effect"] == "Allow" and "*" in one["Resource"]:
            anywhere.add(sid)
    assert anywhere == {"SeeNetworkInterfaces", "WriteTraces"}


@both
def test_network_interfaces_are_for_lambda_and_not_for_code(see: Any, title: str) -> None:
    found = statements(see, title)
    assert found["CreateNetworkInterfaces"]["Resource"] == [
        "arn:aws:ec2:eu-west-1:111111111111:network-interface/*",
        "arn:aws:ec2:eu-west-1:111111111111:subnet/*",
        "arn:aws:ec2:eu-west-1:111111111111:security-group/sg-0123456789abcdef0",
    ]
    # Lambda refuses a role that may change only `network-interface/*`.
    assert found["ChangeNetworkInterfaces"]["Resource"] == [
        "arn:aws:ec2:eu-west-1:111111111111:*/*"
    ]
    denial = found["DenyNetworkInterfacesToCode"]
    assert denial["Action"] == ["ec2:*"]
    name = f"payments-dev-{FUNCTIONS[title]}"
    assert denial["Condition"] == {
        "ArnEquals": {
            "lambda:SourceFunctionArn": f"arn:aws:lambda:eu-west-1:111111111111:function:{name}"
        }
    }


@both
def test_key_is_used_through_services_only(see: Any, title: str) -> None:
    on_key = {
        sid: one for sid, one in statements(see, title).items() if one["Resource"] == [KEY_ARN]
    }
    conditions = {
        sid: one["Condition"]["StringEquals"]["kms:ViaService"] for sid, one in on_key.items()
    }
    assert conditions == {
        "DecryptTablesAndEnvironment": [
            "dynamodb.eu-west-1.amazonaws.com",
            "lambda.eu-west-1.amazonaws.com",
        ],
        "EncryptDeadLetters": ["sqs.eu-west-1.amazonaws.com"],
    }


@both
def test_own_log_group_and_queue_only(see: Any, title: str) -> None:
    found = statements(see, title)
    assert [str(one) for one in found["WriteLogs"]["Resource"]] == [f"{{{title}LogGroup.Arn}}"]
    assert [str(one) for one in found["SendDeadLetters"]["Resource"]] == [f"{{{title}Dlq.Arn}}"]


@both
def test_alias_live_points_to_a_published_version(see: Any, template: Any, title: str) -> None:
    alias = properties(see, f"{title}Alias")
    assert alias["Name"] == "live"
    assert str(alias["FunctionVersion"]) == f"{{{title}Version.Version}}"
    version = template("compute")["Resources"][f"{title}Version"]
    assert version["DeletionPolicy"] == "Delete"
    assert version["UpdateReplacePolicy"] == "Retain"
    asynchronous = template("compute")["Resources"][f"{title}EventInvokeConfig"]
    assert asynchronous["DependsOn"] == f"{title}Alias"
    assert asynchronous["Properties"]["Qualifier"] == "live"
    assert asynchronous["Properties"]["MaximumRetryAttempts"] == 2


WAYS = {
    "all-at-once": "CodeDeployDefault.LambdaAllAtOnce",
    "canary-10-5": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    "canary-10-15": "CodeDeployDefault.LambdaCanary10Percent15Minutes",
    "linear-10-1": "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
    "linear-10-3": "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes",
}


@both
@pytest.mark.parametrize("way", WAYS)
def test_code_deploy_moves_the_alias_unless_all_at_once(see: Any, title: str, way: str) -> None:
    resources = see("compute", Rollout=way).resources
    group = resources[f"{title}Rollout"]["Properties"]
    assert group["DeploymentConfigName"] == WAYS[way]
    alias = resources[f"{title}Alias"]
    if way == "all-at-once":
        assert "UpdatePolicy" not in alias
        return
    policy = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert {name: str(value) for name, value in policy.items()} == {
        "ApplicationName": "{Rollouts}",
        "DeploymentGroupName": f"{{{title}Rollout}}",
        "BeforeAllowTrafficHook": "{RolloutCheckFunction}",
    }


@both
def test_an_alarm_of_a_minute_gives_callers_back(see: Any, title: str) -> None:
    group = properties(see, f"{title}Rollout", "prod")
    assert group["AlarmConfiguration"]["Enabled"] is True
    watched = [str(alarm["Name"]) for alarm in group["AlarmConfiguration"]["Alarms"]]
    assert watched == [f"{{{title}RolloutAlarm}}"]
    assert group["AutoRollbackConfiguration"]["Enabled"] is True
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    assert group["DeploymentStyle"] == {
        "DeploymentOption": "WITH_TRAFFIC_CONTROL",
        "DeploymentType": "BLUE_GREEN",
    }
    alarm = properties(see, f"{title}RolloutAlarm", "prod")
    assert alarm["AlarmName"] == f"payments-prod-{FUNCTIONS[title]}-rollout"
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == ("1", "notBreaching")
    total, *stats = alarm["Metrics"]
    assert total["Expression"] == "FILL(m0, 0) + FILL(m1, 0)"
    assert {one["MetricStat"]["Period"] for one in stats} == {60}
    assert {one["MetricStat"]["Stat"] for one in stats} == {"Sum"}
    errors, failures = (one["MetricStat"]["Metric"] for one in stats)
    assert (errors["Namespace"], errors["MetricName"]) == ("AWS/Lambda", "Errors")
    dimensions = {one["Name"]: str(one["Value"]) for one in errors["Dimensions"]}
    function = f"{{{title}Function}}"
    assert dimensions == {"FunctionName": function, "Resource": f"{{{function}:live}}"}
    counted = telemetry.Metric.FAILURES.value
    assert (failures["Namespace"], failures["MetricName"]) == ("payments-prod", counted)
    assert failures["Dimensions"] == [{"Name": "service", "Value": FUNCTIONS[title]}]


ARN = "{arn:aws:lambda:eu-west-1:111111111111:function:"


def allowed(role: Any) -> dict[tuple[str, ...], list[str]]:
    """Actions of a role -> the resources on which it may do them."""
    (policy,) = role["Policies"]
    return {
        tuple(one["Action"]): [str(arn) for arn in one["Resource"]]
        for one in policy["PolicyDocument"]["Statement"]
    }


def test_code_deploy_moves_these_aliases_and_calls_the_check(see: Any) -> None:
    role = properties(see, "RolloutRole")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "codedeploy.amazonaws.com"}
    assert allowed(role) == {
        ("lambda:GetAlias", "lambda:InvokeFunction", "lambda:UpdateAlias"): [
            "arn:aws:lambda:eu-west-1:111111111111:function:payments-dev-*"
        ],
        ("cloudwatch:DescribeAlarms",): ["*"],
    }


def test_the_check_is_told_the_new_versions_and_calls_nothing_else(see: Any) -> None:
    check = properties(see, "RolloutCheckFunction")
    assert check["Handler"] == "functions.rollout_check.handler"
    assert "VpcConfig" not in check
    variables = check["Environment"]["Variables"]
    told = {name: str(value) for name, value in variables.items() if name.endswith("_VERSION")}
    assert told == {
        "PAYMENT_PROCESSOR_VERSION": "{PaymentProcessorVersion}",
        "SESSION_MANAGER_VERSION": "{SessionManagerVersion}",
    }
    assert allowed(properties(see, "RolloutCheckRole")) == {
        ("logs:CreateLogStream", "logs:PutLogEvents"): ["{RolloutCheckLogGroup.Arn}"],
        ("lambda:GetFunctionConfiguration", "lambda:InvokeFunction"): [
            f"{ARN}{{PaymentProcessorFunction}}:*}}",
            f"{ARN}{{SessionManagerFunction}}:*}}",
        ],
        (
            "codedeploy:PutLifecycleEventHookExecutionStatus",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ): ["*"],
        ("kms:Decrypt",): [KEY_ARN],
    }


CHANGES = {
    "CodeKey": f"functions/{'f' * 64}.zip",
    "MemoryMb": "640",
    "TimeoutSeconds": "11",
    "LogLevel": "ERROR",
    "PowertoolsLayerVersion": "28",
    "KeyArn": KEY_ARN.replace("5555", "6666"),
    "LambdaSecurityGroupId": "sg-0fffffffffffffff0",
    "PrivateSubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
}


@both
@pytest.mark.parametrize("parameter", CHANGES)
def test_changed_code_or_configuration_is_a_new_version(
    see: Any, title: str, parameter: str
) -> None:
    before = properties(see, f"{title}Version")["Description"]
    after = properties(see, f"{title}Version", **{parameter: CHANGES[parameter]})["Description"]
    assert before != after


@pytest.mark.parametrize(
    ("parameter", "title"),
    [("IdempotencyTtlSeconds", "PaymentProcessor"), ("SessionTtlSeconds", "SessionManager")],
)
def test_a_changed_lifetime_is_a_new_version_of_its_function(
    see: Any, parameter: str, title: str
) -> None:
    changed = {
        name
        for name in FUNCTIONS
        if properties(see, f"{name}Version")
        != properties(see, f"{name}Version", **{parameter: "7200"})
    }
    assert changed == {title}


@both
def test_what_no_version_holds_makes_no_new_version(see: Any, title: str) -> None:
    before = properties(see, f"{title}Version")
    assert before == properties(see, f"{title}Version", ReservedConcurrency="5")
    assert before == properties(see, f"{title}Version", CostCenter="OTHER-1")


@both
def test_every_parameter_of_the_function_is_in_the_fingerprint(template: Any, title: str) -> None:
    function = template("compute")["Resources"][f"{title}Function"]["Properties"]
    without = {"Description", "ReservedConcurrentExecutions", "Tags"}
    held = str({name: value for name, value in function.items() if name not in without})
    used = set(re.findall(r"'Ref': '(\w+)'|\$\{(\w+)\}", held))
    parameters = template("compute")["Parameters"].keys()
    names = {name for pair in used for name in pair if name in parameters}
    # Constant as long as the function is the same one: they follow from its name or its table's.
    names -= {"ArtifactsBucketName", "Prefix"} | {n for n in names if n.endswith("TableName")}
    assert names == set(re.findall(r"'Ref': '(\w+)'", str(function["Description"])))


@both
def test_lambda_publishes_because_the_function_changes_with_its_version(
    see: Any, title: str
) -> None:
    version, function = properties(see, f"{title}Version"), properties(see, f"{title}Function")
    assert version["Description"] == function["Description"]


@both
def test_the_longest_fingerprint_fits(see: Any, title: str) -> None:
    version = properties(
        see,
        f"{title}Version",
        MemoryMb="10240",
        LogLevel="WARNING",
        IdempotencyTtlSeconds="604800",
        SessionTtlSeconds="86400",
        PowertoolsLayerVersion="10000",
    )
    assert len(version["Description"]) <= 256  # Lambda quota


def test_the_fingerprint_follows_the_template() -> None:
    def digest(handler: str, names: list[str]) -> Any:
        function = Function(
            "F", Code=Code(S3Bucket="b", S3Key="k"), Handler=handler, Role="r", Runtime="python3.14"
        )
        return fingerprint(function, [Ref("A")], names).to_dict()["Fn::Join"][1]

    first = digest("a.handler", ["one", "two"])
    assert first == digest("a.handler", ["two", "one"])
    assert first[1:] == [{"Ref": "A"}]
    assert first != digest("b.handler", ["one", "two"])
    assert first != digest("a.handler", ["one"])
