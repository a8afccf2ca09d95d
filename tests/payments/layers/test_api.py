import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from tapgen.model.templates.snapshots import frozen_properties
from tapgen.payments.live.authorization import OPERATIONS
from tapgen.payments.platform import PLATFORM
from tapgen.payments.settings import PaymentsSettings
from tapgen.settings.environment import Environment
from tapgen.settings.store import load
from tests.conftest import ENVS

Template = dict[str, Any]


@pytest.fixture
def api(template: Callable[[str], Template]) -> Template:
    return template("api")


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {
        title: resource
        for title, resource in template["Resources"].items()
        if resource["Type"] == f"AWS::{kind}"
    }


def path_of(template: Template, reference: dict[str, Any]) -> str:
    if "Fn::GetAtt" in reference:
        return ""
    resource = template["Resources"][reference["Ref"]]["Properties"]
    return f"{path_of(template, resource['ParentId'])}/{resource['PathPart']}"


def methods_by_operation(template: Template) -> dict[str, dict[str, Any]]:
    return {
        f"{method['Properties']['HttpMethod']} "
        f"{path_of(template, method['Properties']['ResourceId'])}": method["Properties"]
        for method in of_type(template, "ApiGateway::Method").values()
    }


# --- operations -----------------------------------------------------------------------------


def test_the_api_is_regional_and_takes_no_old_tls(api: Template) -> None:
    properties = api["Resources"]["RestApi"]["Properties"]
    assert properties["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert properties["SecurityPolicy"] == "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
    assert properties["EndpointAccessMode"] == "STRICT"
    assert properties["Name"] == {"Fn::Sub": "${Prefix}-api"}


@pytest.mark.parametrize(
    ("operation", "alias", "required", "model"),
    [
        (
            "POST /transactions",
            "PaymentProcessorAliasArn",
            {"header.Idempotency-Key"},
            "TransactionModel",
        ),
        (
            "GET /transactions/{transactionId}",
            "PaymentProcessorAliasArn",
            {"path.transactionId"},
            None,
        ),
        ("POST /sessions", "SessionManagerAliasArn", set(), "SessionModel"),
        ("GET /sessions", "SessionManagerAliasArn", {"header.X-Session-Id"}, None),
        ("DELETE /sessions", "SessionManagerAliasArn", {"header.X-Session-Id"}, None),
        ("GET /health", "PaymentProcessorAliasArn", set(), None),
    ],
)
def test_an_operation_is_checked_and_handed_to_its_functions_alias(
    api: Template, operation: str, alias: str, required: set[str], model: str | None
) -> None:
    method = methods_by_operation(api)[operation]
    assert method["Integration"]["Type"] == "AWS_PROXY"
    assert method["Integration"]["IntegrationHttpMethod"] == "POST"
    assert method["Integration"]["Uri"] == {
        "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/"
        "functions/arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
        f"${{!stageVariables.{alias.removesuffix('Arn')}}}/invocations"
    }
    assert method["RequestParameters"] == {f"method.request.{name}": True for name in required}
    validator = api["Resources"][method["RequestValidatorId"]["Ref"]]["Properties"]
    assert validator["ValidateRequestParameters"] is True
    assert validator["ValidateRequestBody"] is (model is not None)
    assert method.get("RequestModels") == ({"application/json": {"Ref": model}} if model else None)


def test_there_are_exactly_these_operations(api: Template) -> None:
    assert len(methods_by_operation(api)) == 6


def test_an_open_method_is_accepted_with_a_reason(api: Template) -> None:
    methods = of_type(api, "ApiGateway::Method")
    opened = {
        title: method
        for title, method in methods.items()
        if method["Properties"]["AuthorizationType"] == "NONE"
    }
    assert list(opened) == ["GetHealth"]
    assert opened["GetHealth"]["Metadata"]["tapgen"]["Accepted"]["CKV_AWS_59"]


# --- who may call ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "scope"),
    [
        ("POST /transactions", "payments/write"),
        ("GET /transactions/{transactionId}", "payments/read"),
        ("POST /sessions", "sessions/manage"),
        ("GET /sessions", "sessions/manage"),
        ("DELETE /sessions", "sessions/manage"),
    ],
)
def test_an_operation_needs_a_token_with_its_scope(
    api: Template, operation: str, scope: str
) -> None:
    method = methods_by_operation(api)[operation]
    nothing = {"Ref": "AWS::NoValue"}
    assert method["AuthorizationType"] == {"Fn::If": ["AsksForToken", "COGNITO_USER_POOLS", "NONE"]}
    assert method["AuthorizerId"] == {"Fn::If": ["AsksForToken", {"Ref": "Authorizer"}, nothing]}
    assert method["AuthorizationScopes"] == {"Fn::If": ["AsksForToken", [scope], nothing]}


def test_verify_tries_every_operation_with_the_scope_it_needs(api: Template) -> None:
    declared = {
        operation.partition("{")[0].rstrip("/"): method["AuthorizationScopes"]["Fn::If"][1]
        for operation, method in methods_by_operation(api).items()
        if "AuthorizationScopes" in method
    }
    assert declared == {
        " ".join((method, f"/{path.split('/')[1]}")): [scope]
        for (method, path), scope in OPERATIONS.items()
    }


def test_the_authorizer_knows_the_user_pool_that_the_stage_names(api: Template) -> None:
    authorizer = api["Resources"]["Authorizer"]
    assert authorizer["Condition"] == "AsksForToken"
    assert authorizer["Properties"] == {
        "IdentitySource": "method.request.header.Authorization",
        "Name": "callers",
        "ProviderARNs": [
            {
                "Fn::Sub": "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:"
                "userpool/${!stageVariables.UserPool}"
            }
        ],
        "RestApiId": {"Ref": "RestApi"},
        "Type": "COGNITO_USER_POOLS",
    }


POOL = "arn:aws:cognito-idp:eu-west-1:111111111111:userpool/eu-west-1_AbCdEf123"


FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function"


def test_what_other_layers_give_is_in_the_stage_and_in_no_snapshot(see: Callable[..., Any]) -> None:
    """Other values leave the deployment as it is: callers see what the stage says."""

    def seen(pool: str, **aliases: str) -> tuple[Any, str]:
        arns = {f"{name}AliasArn": f"{FUNCTION}:{alias}" for name, alias in aliases.items()}
        resources = see("api", Authorization="cognito", UserPoolArn=pool, **arns).resources
        stage = resources.pop("Stage")["Properties"]
        frozen = {title: frozen_properties(one) for title, one in resources.items()}
        return stage.pop("Variables"), json.dumps([stage, frozen], default=str)

    one, snapshot = seen(POOL, PaymentProcessor="a:live", SessionManager="b:live")
    other, again = seen(f"{POOL}x", PaymentProcessor="c:live", SessionManager="d:new")
    assert one == {
        "PaymentProcessorAlias": "a:live",
        "SessionManagerAlias": "b:live",
        "UserPool": "eu-west-1_AbCdEf123",
    }
    assert other == {
        "PaymentProcessorAlias": "c:live",
        "SessionManagerAlias": "d:new",
        "UserPool": "eu-west-1_AbCdEf123x",
    }
    assert snapshot == again


@pytest.mark.parametrize(
    ("authorization", "pool", "asks"),
    [("cognito", POOL, True), ("cognito", "", True), ("none", POOL, True), ("none", "", False)],
)
def test_the_api_is_open_only_where_both_setting_and_input_say_so(
    see: Callable[..., Any], authorization: str, pool: str, asks: bool
) -> None:
    resources = see("api", Authorization=authorization, UserPoolArn=pool).resources
    methods = [
        one["Properties"] for one in resources.values() if one["Type"] == "AWS::ApiGateway::Method"
    ]
    guarded = [one for one in methods if one["AuthorizationType"] == "COGNITO_USER_POOLS"]
    assert len(guarded) == (5 if asks else 0)
    assert all(one["AuthorizationScopes"] for one in guarded)
    assert ("Authorizer" in resources) is asks
    # The one deployment that is there is the one that the stage shows.
    (deployment,) = [
        title for title, one in resources.items() if one["Type"] == "AWS::ApiGateway::Deployment"
    ]
    assert deployment.startswith("Deployment" if asks else "OpenDeployment")
    assert deployment in str(resources["Stage"]["Properties"]["DeploymentId"])


@pytest.mark.parametrize(
    ("title", "alias", "source"),
    [
        ("PostTransactions", "PaymentProcessorAliasArn", "POST/transactions"),
        ("GetTransactionsTransactionId", "PaymentProcessorAliasArn", "GET/transactions/*"),
        ("PostSessions", "SessionManagerAliasArn", "POST/sessions"),
        ("GetSessions", "SessionManagerAliasArn", "GET/sessions"),
        ("DeleteSessions", "SessionManagerAliasArn", "DELETE/sessions"),
        ("GetHealth", "PaymentProcessorAliasArn", "GET/health"),
    ],
)
def test_a_permission_covers_one_method_of_one_stage_and_one_alias(
    api: Template, title: str, alias: str, source: str
) -> None:
    assert api["Resources"][f"{title}Permission"]["Properties"] == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": alias},
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {
            "Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"
            f"${{RestApi}}/v1/{source}"
        },
    }


PAYMENT = {"amount": 1250, "currency": "EUR", "customerId": "c-1", "paymentToken": "tok_12345"}


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"reference": "order 7"}, True),
        ({"amount": 0}, False),
        ({"amount": 10**12 - 1}, True),
        ({"amount": 10**12}, False),  # as long as a card number
        ({"amount": 12.5}, False),
        ({"amount": "1250"}, False),
        ({"currency": "eur"}, False),
        ({"currency": "EURO"}, False),
        ({"customerId": ""}, False),
        ({"paymentToken": None}, False),
        ({"cardNumber": "4111111111111111"}, False),
    ],
)
def test_the_transaction_model(api: Template, change: dict[str, Any], fits: bool) -> None:
    model = api["Resources"]["TransactionModel"]["Properties"]
    assert model["ContentType"] == "application/json"
    jsonschema.Draft4Validator.check_schema(json.loads(model["Schema"]))
    assert (
        jsonschema.Draft4Validator(json.loads(model["Schema"])).is_valid({**PAYMENT, **change})
        is fits
    )


@pytest.mark.parametrize("missing", sorted(PAYMENT))
def test_the_transaction_model_misses_what_is_missing(api: Template, missing: str) -> None:
    schema = json.loads(api["Resources"]["TransactionModel"]["Properties"]["Schema"])
    body = {name: value for name, value in PAYMENT.items() if name != missing}
    assert not jsonschema.Draft4Validator(schema).is_valid(body)


@pytest.mark.parametrize(
    ("body", "fits"),
    [({"customerId": "c-1"}, True), ({}, False), ({"customerId": "c-1", "admin": True}, False)],
)
def test_the_session_model(api: Template, body: dict[str, Any], fits: bool) -> None:
    schema = json.loads(api["Resources"]["SessionModel"]["Properties"]["Schema"])
    jsonschema.Draft4Validator.check_schema(schema)
    assert jsonschema.Draft4Validator(schema).is_valid(body) is fits


# --- API Gateway's own errors -----------------------------------------------------------------


def test_gateway_errors_are_problem_documents(api: Template) -> None:
    responses = {
        response["Properties"]["ResponseType"]: response["Properties"]
        for response in of_type(api, "ApiGateway::GatewayResponse").values()
    }
    assert set(responses) == {
        "DEFAULT_4XX", "DEFAULT_5XX", "BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS",
        "MISSING_AUTHENTICATION_TOKEN", "REQUEST_TOO_LARGE", "THROTTLED", "UNSUPPORTED_MEDIA_TYPE",
        "UNAUTHORIZED", "ACCESS_DENIED",
    }  # fmt: skip
    for response in responses.values():
        content_type = response["ResponseParameters"]["gatewayresponse.header.Content-Type"]
        assert content_type == "'application/problem+json'"
        document = json.loads(response["ResponseTemplates"]["application/json"])
        assert {"type", "title", "detail", "instance"} <= set(document)
        assert str(document.get("status")) == response.get("StatusCode", "None")
        # The validator's own message quotes the body.
        assert "validationErrorString" not in response["ResponseTemplates"]["application/json"]


def test_unknown_paths_are_not_found_rather_than_forbidden(api: Template) -> None:
    response = api["Resources"]["MissingAuthenticationTokenResponse"]["Properties"]
    assert response["StatusCode"] == "404"


def test_who_is_not_let_in_learns_how_to_get_in(api: Template) -> None:
    refused = api["Resources"]["UnauthorizedResponse"]["Properties"]
    assert refused["StatusCode"] == "401"
    # RFC 9110 asks for it in every 401.
    challenge = refused["ResponseParameters"]["gatewayresponse.header.WWW-Authenticate"]
    assert challenge == "'Bearer'"
    assert api["Resources"]["AccessDeniedResponse"]["Properties"]["StatusCode"] == "403"


def test_a_throttled_client_learns_when_to_come_back(api: Template) -> None:
    response = api["Resources"]["ThrottledResponse"]["Properties"]
    assert response["StatusCode"] == "429"
    assert response["ResponseParameters"]["gatewayresponse.header.Retry-After"] == "'1'"


# --- stage ----------------------------------------------------------------------------------


def test_the_stage_throttles_measures_and_traces_but_never_logs_bodies(api: Template) -> None:
    stage = api["Resources"]["Stage"]["Properties"]
    assert stage["StageName"] == "v1"
    assert stage["TracingEnabled"] is True
    (setting,) = stage["MethodSettings"]
    assert {name: value for name, value in setting.items() if name != "LoggingLevel"} == {
        "HttpMethod": "*",
        "ResourcePath": "/*",
        "MetricsEnabled": True,
        "DataTraceEnabled": False,
        "ThrottlingRateLimit": {"Ref": "ThrottleRate"},
        "ThrottlingBurstLimit": {"Ref": "ThrottleBurst"},
    }
    # The reference to the account makes the stage wait for it, where this stack has it.
    assert setting["LoggingLevel"] == {
        "Fn::If": [
            "IsManageAccountLogging",
            {"Fn::Select": [0, [{"Ref": "ExecutionLogLevel"}, {"Ref": "ApiGatewayAccount"}]]},
            {"Ref": "ExecutionLogLevel"},
        ]
    }


def test_what_sizes_the_stage_comes_from_settings(api: Template) -> None:
    settings = api["Metadata"]["tapgen"]["Settings"]
    assert settings["ThrottleRate"] == "api.throttle_rate"
    assert settings["ThrottleBurst"] == "api.throttle_burst"
    assert settings["ExecutionLogLevel"] == "api.execution_log_level"
    assert api["Parameters"]["ExecutionLogLevel"]["AllowedValues"] == ["OFF", "ERROR"]
    assert api["Parameters"]["ThrottleRate"]["MaxValue"] == 10000


def test_the_account_wide_logging_role_is_opt_in(api: Template) -> None:
    assert api["Metadata"]["tapgen"]["Settings"]["ManageAccountLogging"] == (
        "api.manage_account_logging"
    )
    account = api["Resources"]["ApiGatewayAccount"]
    role = api["Resources"]["ApiGatewayLoggingRole"]
    assert account["Condition"] == role["Condition"] == "IsManageAccountLogging"
    assert account["Properties"]["CloudWatchRoleArn"] == {
        "Fn::GetAtt": ["ApiGatewayLoggingRole", "Arn"]
    }
    assert role["Properties"]["ManagedPolicyArns"] == [
        {
            "Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/"
            "AmazonAPIGatewayPushToCloudWatchLogs"
        }
    ]
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "apigateway.amazonaws.com"}


def test_the_execution_log_exists_before_the_stage_would_make_its_own(api: Template) -> None:
    assert "ExecutionLog" in api["Resources"]["Stage"]["DependsOn"]
    name = api["Resources"]["ExecutionLog"]["Properties"]["LogGroupName"]
    assert name == {"Fn::Sub": "API-Gateway-Execution-Logs_${RestApi}/v1"}  # API Gateway's own name


# --- access log -----------------------------------------------------------------------------


def test_access_logs_are_lines_of_json_without_secrets(api: Template) -> None:
    setting = api["Resources"]["Stage"]["Properties"]["AccessLogSetting"]
    assert setting["DestinationArn"] == {"Fn::GetAtt": ["AccessLogStream", "Arn"]}
    assert setting["Format"].endswith("}\n")
    fields = json.loads(setting["Format"])
    assert {"requestId", "status", "sourceIp", "method", "resource", "responseMs"} <= set(fields)
    used = set(fields.values())
    assert fields["clientId"] == "$context.authorizer.claims.client_id"
    assert not {value for value in used if "querystring" in value.lower() or "header" in value}
    assert "$context.path" not in used  # it holds what clients choose; resourcePath does not


def test_access_logs_reach_the_bucket_encrypted_and_compressed(api: Template) -> None:
    stream = api["Resources"]["AccessLogStream"]["Properties"]
    assert stream["DeliveryStreamName"] == {"Fn::Sub": "amazon-apigateway-${Prefix}"}
    assert stream["DeliveryStreamType"] == "DirectPut"
    assert stream["DeliveryStreamEncryptionConfigurationInput"] == {
        "KeyType": "CUSTOMER_MANAGED_CMK",
        "KeyARN": {"Ref": "KeyArn"},
    }
    target = stream["ExtendedS3DestinationConfiguration"]
    assert target["BucketARN"] == {"Fn::Sub": "arn:${AWS::Partition}:s3:::${ApiLogsBucketName}"}
    assert target["RoleARN"] == {"Fn::GetAtt": ["AccessLogRole", "Arn"]}
    assert target["CompressionFormat"] == "GZIP"
    assert target["Prefix"] == "api-gateway/!{timestamp:yyyy/MM/dd}/"
    assert target["ErrorOutputPrefix"] == (
        "api-gateway-errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/"
    )
    assert target["EncryptionConfiguration"] == {
        "KMSEncryptionConfig": {"AWSKMSKeyARN": {"Ref": "KeyArn"}}
    }
    assert target["CloudWatchLoggingOptions"] == {
        "Enabled": True,
        "LogGroupName": {"Ref": "AccessLogErrors"},
        "LogStreamName": {"Ref": "AccessLogErrorStream"},
    }


def test_the_delivery_role_may_do_no_more_than_deliver(api: Template) -> None:
    role = api["Resources"]["AccessLogRole"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "firehose.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "AWS::AccountId"}}}
    (policy,) = role["Policies"]
    bucket = "arn:${AWS::Partition}:s3:::${ApiLogsBucketName}"
    statements = {
        statement["Sid"]: (statement["Action"], statement["Resource"])
        for statement in policy["PolicyDocument"]["Statement"]
    }
    assert statements == {
        "Bucket": (
            ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            [{"Fn::Sub": bucket}],
        ),
        "Objects": (
            ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            [
                {"Fn::Sub": f"{bucket}/api-gateway/*"},
                {"Fn::Sub": f"{bucket}/api-gateway-errors/*"},
            ],
        ),
        "Key": (["kms:Decrypt", "kms:GenerateDataKey"], [{"Ref": "KeyArn"}]),
        "Errors": (
            ["logs:PutLogEvents"],
            [
                {
                    "Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
                    "log-group:/aws/kinesisfirehose/amazon-apigateway-${Prefix}"
                    ":log-stream:S3Delivery"
                }
            ],
        ),
    }


# --- deployment -----------------------------------------------------------------------------


def test_the_deployment_waits_for_every_method_and_response(api: Template) -> None:
    deployments = of_type(api, "ApiGateway::Deployment")
    assert [one["Condition"] for one in deployments.values()] == ["AsksForToken", "NotAsksForToken"]
    for deployment in deployments.values():
        assert set(deployment["DependsOn"]) == {
            *of_type(api, "ApiGateway::Method"),
            *of_type(api, "ApiGateway::GatewayResponse"),
        }


def test_asking_for_tokens_or_no_longer_is_another_deployment(api: Template) -> None:
    guarded, opened = of_type(api, "ApiGateway::Deployment")
    assert api["Resources"]["Stage"]["Properties"]["DeploymentId"] == {
        "Fn::If": ["AsksForToken", {"Ref": guarded}, {"Ref": opened}]
    }


# --- firewall -------------------------------------------------------------------------------


def rules(api: Template) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api["Resources"]["WebAcl"]["Properties"]["Rules"]
    return found


def test_the_firewall_guards_the_stage(api: Template) -> None:
    acl = api["Resources"]["WebAcl"]["Properties"]
    assert acl["Scope"] == "REGIONAL"
    assert acl["DefaultAction"] == {"Allow": {}}
    assert acl["VisibilityConfig"]["MetricName"] == acl["Name"] == {"Fn::Sub": "${Prefix}-api"}
    assert api["Resources"]["WebAclAssociation"]["Properties"] == {
        "WebACLArn": {"Fn::GetAtt": ["WebAcl", "Arn"]},
        "ResourceArn": {
            "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${RestApi}"
            "/stages/${Stage}"
        },
    }


def test_rules_are_judged_in_order_and_nothing_is_sampled(api: Template) -> None:
    assert [(rule["Priority"], rule["Name"]) for rule in rules(api)] == [
        (0, "only-from-cloudfront"),
        (1, "AWSManagedRulesCommonRuleSet"),
        (2, "AWSManagedRulesKnownBadInputsRuleSet"),
        (3, "AWSManagedRulesSQLiRuleSet"),
    ]
    assert {rule["VisibilityConfig"]["SampledRequestsEnabled"] for rule in rules(api)} == {False}


def test_what_lacks_the_origin_secret_is_blocked_whatever_it_asks_for(api: Template) -> None:
    rule = rules(api)[0]
    assert rule["Action"] == {"Block": {}}
    either = rule["Statement"]["NotStatement"]["Statement"]["OrStatement"]["Statements"]
    matches = [statement["ByteMatchStatement"] for statement in either]
    for match in matches:
        assert match["FieldToMatch"] == {"SingleHeader": {"Name": "x-origin-verify"}}
        assert match["PositionalConstraint"] == "EXACTLY"
        assert match["TextTransformations"] == [{"Priority": 0, "Type": "NONE"}]
    assert [match["SearchString"] for match in matches] == [
        {"Fn::Sub": f"{{{{resolve:secretsmanager:${{{secret}}}:SecretString:current}}}}"}
        for secret in ("OriginSecretOdd", "OriginSecretEven")
    ]


def test_clients_without_a_user_agent_are_only_counted(api: Template) -> None:
    group = rules(api)[1]["Statement"]["ManagedRuleGroupStatement"]
    assert group["RuleActionOverrides"] == [
        {"Name": "NoUserAgent_HEADER", "ActionToUse": {"Count": {}}}
    ]


def test_the_firewall_logs_what_it_stopped_without_secrets(api: Template) -> None:
    logging = api["Resources"]["WebAclLogging"]["Properties"]
    assert logging["ResourceArn"] == {"Fn::GetAtt": ["WebAcl", "Arn"]}
    assert logging["LogDestinationConfigs"] == [
        {
            "Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
            "${WebAclLog}"
        }
    ]
    redacted = {
        field["SingleHeader"]["Name"]
        for field in logging["RedactedFields"]
        if "SingleHeader" in field
    }
    assert redacted == {
        "authorization", "cookie", "idempotency-key", "x-origin-verify", "x-session-id",
    }  # fmt: skip
    assert {"QueryString": {}} in logging["RedactedFields"]
    assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
    (kept,) = logging["LoggingFilter"]["Filters"]
    assert kept["Behavior"] == "KEEP"
    assert [one["ActionCondition"]["Action"] for one in kept["Conditions"]] == ["BLOCK", "COUNT"]


# --- origin secret --------------------------------------------------------------------------


SECRETS = pytest.mark.parametrize("part", ["Odd", "Even"])


@SECRETS
def test_an_origin_secret_is_generated_encrypted_and_kept(api: Template, part: str) -> None:
    secret = api["Resources"][f"OriginSecret{part}"]
    assert secret["Properties"]["Name"] == {
        "Fn::Sub": f"${{Prefix}}/origin-verify/${{OriginGeneration{part}}}"
    }
    assert secret["Properties"]["KmsKeyId"] == {"Ref": "KeyArn"}
    assert secret["Properties"]["GenerateSecretString"] == {
        "SecretStringTemplate": "{}",
        "GenerateStringKey": "current",
        "PasswordLength": 64,
        "ExcludePunctuation": True,
    }
    assert secret["DeletionPolicy"] == "RetainExceptOnCreate"
    assert secret["UpdateReplacePolicy"] == "Delete"  # it was given up two generations later
    assert secret["Metadata"]["tapgen"]["Regenerable"]


@pytest.mark.parametrize(
    ("generation", "odd", "even"),
    [(1, "1", "0"), (2, "1", "2"), (3, "3", "2"), (10_000, "9999", "10000")],
)
def test_the_firewall_accepts_a_generation_and_the_one_before(
    see: Callable[..., Any], generation: int, odd: str, even: str
) -> None:
    api = see("api", "dev", **filled(generation))
    assert name_of(api, "OriginSecretOdd") == f"payments-dev/origin-verify/{odd}"
    assert name_of(api, "OriginSecretEven") == f"payments-dev/origin-verify/{even}"
    sent = f"payments-dev/origin-verify/{generation}"
    assert api.outputs["OriginSecretName"]["Value"] == sent
    assert sent in {name_of(api, "OriginSecretOdd"), name_of(api, "OriginSecretEven")}


def test_a_rotation_replaces_the_secret_that_nobody_sends_any_more(
    see: Callable[..., Any],
) -> None:
    before, after = (see("api", "dev", **filled(generation)) for generation in (6, 7))
    sent = before.outputs["OriginSecretName"]["Value"]
    assert sent == name_of(before, "OriginSecretEven") == name_of(after, "OriginSecretEven")
    assert name_of(before, "OriginSecretOdd") != name_of(after, "OriginSecretOdd")


def filled(generation: int) -> dict[str, str]:
    """The parameters that tapgen fills from `api.origin_secret_generation`."""
    settings = load(ENVS, PLATFORM, "dev").settings
    assert isinstance(settings, PaymentsSettings)
    api = replace(settings.api, origin_secret_generation=generation)
    environment = Environment(replace(settings, api=api), PLATFORM)
    setting = "api.origin_secret_generation"
    return {
        "OriginGeneration": environment.parameter(setting),
        "OriginGenerationOdd": environment.parameter(f"{setting}.odd"),
        "OriginGenerationEven": environment.parameter(f"{setting}.even"),
    }


def name_of(resolved: Any, secret: str) -> str:
    return str(resolved.resources[secret]["Properties"]["Name"])


@SECRETS
def test_a_secret_is_replicated_to_the_cdns_region_from_any_other(api: Template, part: str) -> None:
    assert api["Resources"][f"OriginSecret{part}"]["Properties"]["ReplicaRegions"] == {
        "Fn::If": ["IsAwayFromCdn", [{"Region": "us-east-1"}], {"Ref": "AWS::NoValue"}]
    }
    assert api["Conditions"]["IsAwayFromCdn"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}]
    }


def test_only_the_name_of_the_secret_leaves_the_template(api: Template) -> None:
    assert "resolve:" not in json.dumps([api["Outputs"], api["Parameters"], api["Conditions"]])
    name = {"Fn::Sub": "${Prefix}/origin-verify/${OriginGeneration}"}
    assert api["Outputs"]["OriginSecretName"]["Value"] == name


# --- as environments see it -----------------------------------------------------------------


@pytest.mark.parametrize("managed", ["true", "false"])
def test_execution_logs_do_not_depend_on_who_owns_the_account(
    see: Callable[..., Any], managed: str
) -> None:
    resources = see("api", "prod", ManageAccountLogging=managed).resources
    assert ("ApiGatewayAccount" in resources) is (managed == "true")
    (setting,) = resources["Stage"]["Properties"]["MethodSettings"]
    assert setting["LoggingLevel"] == "ERROR"


def test_logs_are_protected_and_kept_a_year_in_prod(see: Callable[..., Any]) -> None:
    group = see("api", "prod").resources["ExecutionLog"]["Properties"]
    assert group["DeletionProtectionEnabled"] is True
    assert group["RetentionInDays"] == "400"
    assert see("api", "dev").resources["ExecutionLog"]["Properties"]["RetentionInDays"] == "7"
