"""The regional REST API: operations, checks, limits, logs and the firewall in front of it.

Only CloudFront has access: the firewall's first rule requires a secret header that no template
contains (see `parts.origin_secret`). API Gateway's own errors are problem documents like the
functions'. Callers send access tokens of the identity layer's user pool, with a scope for each
operation. AWS_IAM would not work behind CloudFront.

Execution logs need a role that exists once per account and region. With
`api.manage_account_logging`, one environment manages it. `api.execution_log_level: OFF` needs none.
"""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, Ref, Sub
from troposphere.apigateway import EndpointConfiguration, MethodSetting, RestApi, Stage
from troposphere.wafv2 import WebACLAssociation

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.api.account_logging import execution_log_level
from tapgen.payments.layers.parts.api.authorizer import ASKS_FOR_TOKEN, USER_POOL
from tapgen.payments.layers.parts.api.deployment import deployment
from tapgen.payments.layers.parts.api.problems import problem_responses
from tapgen.payments.layers.parts.api.routes import PAYMENTS, SESSIONS, STAGE, add_routes
from tapgen.payments.layers.parts.api.stage_variables import stage_variables
from tapgen.payments.layers.parts.edge import firewall
from tapgen.payments.layers.parts.edge.origin_secret import (
    only_from_cloudfront,
    origin_secret_name,
    origin_secrets,
)
from tapgen.payments.layers.parts.logs.access_log import STREAM_NAME, access_log
from tapgen.payments.layers.parts.logs.log_groups import LogGroups
from tapgen.payments.limits import BUCKET_NAME, KMS_KEY_ARN, LAMBDA_ALIAS_ARN, THROTTLE
from tapgen.render.accepted import accepted, because


def build() -> Blueprint:
    blueprint = Blueprint("api", "Regional REST API with firewall, throttling and logs.")
    key_arn = blueprint.input("KeyArn", "KMS key for logs and secrets.", pattern=KMS_KEY_ARN)
    blueprint.input(PAYMENTS, "Function alias for payments and health.", pattern=LAMBDA_ALIAS_ARN)
    blueprint.input(SESSIONS, "Function alias for sessions.", pattern=LAMBDA_ALIAS_ARN)
    blueprint.input("ApiLogsBucketName", "Bucket for access logs.", pattern=BUCKET_NAME)
    blueprint.prefix()
    log_groups = LogGroups.of(blueprint, key_arn)
    api = _rest_api(blueprint)
    defined = [*add_routes(blueprint, api), *problem_responses(blueprint, Ref(api))]
    snapshot = deployment(blueprint, api, defined, ASKS_FOR_TOKEN)
    level = execution_log_level(blueprint, api)
    stage = _stage(blueprint, log_groups, snapshot, key_arn, level)
    _firewall(blueprint, log_groups, stage, key_arn)
    _outputs(blueprint, api, stage)
    return blueprint.finish()


def _rest_api(blueprint: Blueprint) -> RestApi:
    return blueprint.add(
        RestApi(
            "RestApi",
            Name=Sub("${Prefix}-api"),
            Description="Payments API.",
            EndpointConfiguration=EndpointConfiguration(Types=["REGIONAL"]),
            # TLS 1.2 or newer with forward secrecy (API Gateway's default is still TLS 1.0).
            # STRICT also refuses requests whose host differs from the one in the TLS handshake.
            SecurityPolicy="SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
            EndpointAccessMode="STRICT",
        )
    )


def _stage(
    blueprint: Blueprint, log_groups: LogGroups, snapshot: Any, key_arn: Any, log_level: Any
) -> Stage:
    # API Gateway would create this group itself on the first log, without retention and key.
    execution_log = log_groups.add(
        "ExecutionLog", f"API-Gateway-Execution-Logs_${{RestApi}}/{STAGE}"
    )
    return blueprint.add(
        Stage(
            "Stage",
            DependsOn=[execution_log.title],
            RestApiId=Ref("RestApi"),
            DeploymentId=snapshot,
            StageName=STAGE,
            Variables=stage_variables((PAYMENTS, SESSIONS), USER_POOL, ASKS_FOR_TOKEN),
            Description="The only stage: environments are accounts.",
            TracingEnabled=True,
            AccessLogSetting=access_log(blueprint, log_groups, key_arn),
            MethodSettings=[_method_setting(blueprint, log_level)],
            Metadata=accepted(
                because(
                    "Payments are never cached.",
                    "API_GW_CACHE_ENABLED_AND_ENCRYPTED",
                    "CKV_AWS_120",
                )
            ),
        )
    )


def _method_setting(blueprint: Blueprint, log_level: Any) -> MethodSetting:
    rate = blueprint.number(
        "ThrottleRate", "api.throttle_rate", "Steady requests per second.", THROTTLE
    )
    burst = blueprint.number("ThrottleBurst", "api.throttle_burst", "Burst of requests.", THROTTLE)
    return MethodSetting(
        HttpMethod="*",
        ResourcePath="/*",
        MetricsEnabled=True,
        DataTraceEnabled=False,  # it would log bodies, including payment tokens
        LoggingLevel=log_level,
        ThrottlingRateLimit=rate,
        ThrottlingBurstLimit=burst,
    )


def _firewall(blueprint: Blueprint, log_groups: LogGroups, stage: Any, key_arn: Any) -> None:
    """Allow only CloudFront, then block bad content.

    Address rules are at CloudFront's firewall, because every address here is CloudFront's.
    """
    acl = firewall.web_acl(
        blueprint,
        name=Sub("${Prefix}-api"),
        scope="REGIONAL",
        description="Allows harmless requests from CloudFront.",
        rules=[
            only_from_cloudfront(*origin_secrets(blueprint, key_arn)),
            firewall.common_rules(),
            firewall.managed(firewall.KNOWN_BAD_INPUTS),
            firewall.managed(firewall.SQL_INJECTION),
        ],
    )
    group = log_groups.add("WebAclLog", "aws-waf-logs-${Prefix}")
    logging = firewall.log_blocked(blueprint, acl, group)
    blueprint.add(
        WebACLAssociation(
            "WebAclAssociation",
            # A new web ACL is not available everywhere for some seconds, and the association would
            # fail (WAFUnavailableEntityException), so it comes last.
            DependsOn=[logging.title],
            WebACLArn=GetAtt(acl, "Arn"),
            ResourceArn=Sub(
                "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${RestApi}/stages/"
                f"${{{stage.title}}}"
            ),
        )
    )


def _outputs(blueprint: Blueprint, api: Any, stage: Any) -> None:
    host = "${RestApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    blueprint.output("ApiId", Ref(api), "Id of the REST API.")
    blueprint.output("ApiName", Sub("${Prefix}-api"), "Name of the REST API, as in its metrics.")
    blueprint.output("StageName", Ref(stage), "Name of the stage.")
    blueprint.output("ApiDomainName", Sub(host), "Host name of the API; only CloudFront gets in.")
    blueprint.output("ApiUrl", Sub(f"https://{host}/{STAGE}"), "URL of the API's stage.")
    blueprint.output("WebAclName", Sub("${Prefix}-api"), "Name of the web ACL, as in its metrics.")
    blueprint.output("AccessLogStreamName", Sub(STREAM_NAME), "Firehose stream of the access logs.")
    blueprint.output(
        "OriginSecretName",
        origin_secret_name(blueprint),
        "Name of the secret with CloudFront's header.",
    )
