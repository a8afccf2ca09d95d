"""The REST API: its definition and its stage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from tapgen.aws.readers.values import NotRead, Properties, capitalised, renamed, tags
from tapgen.aws.resources.account_logging import logging_role
from tapgen.aws.resources.retained import Region

# The value for an existing logging role of the account, and the name of that property.
THERE: Final = "there"
_LOGGING: Final = frozenset({"AccountLoggingRole"})
_API: Final = {
    "name": "Name",
    "description": "Description",
    "securityPolicy": "SecurityPolicy",
    "endpointAccessMode": "EndpointAccessMode",
}
_STAGE: Final = {
    "deploymentId": "DeploymentId",
    "description": "Description",
    "stageName": "StageName",
    "variables": "Variables",
}
_METHOD_SETTING: Final = {
    "dataTraceEnabled": "DataTraceEnabled",
    "loggingLevel": "LoggingLevel",
    "metricsEnabled": "MetricsEnabled",
    "throttlingBurstLimit": "ThrottlingBurstLimit",
    "throttlingRateLimit": "ThrottlingRateLimit",
}
_AUTHORIZER: Final = {
    "identitySource": "IdentitySource",
    "name": "Name",
    "providerARNs": "ProviderARNs",
    "type": "Type",
}
_METHOD: Final = {
    "authorizationScopes": "AuthorizationScopes",
    "authorizationType": "AuthorizationType",
    "authorizerId": "AuthorizerId",
    "httpMethod": "HttpMethod",
    "requestModels": "RequestModels",
    "requestParameters": "RequestParameters",
    "requestValidatorId": "RequestValidatorId",
}
_INTEGRATION: Final = {"type": "Type", "httpMethod": "IntegrationHttpMethod", "uri": "Uri"}
_RESPONSE: Final = {
    "responseParameters": "ResponseParameters",
    "responseTemplates": "ResponseTemplates",
    "responseType": "ResponseType",
    "statusCode": "StatusCode",
}


def rest_api(region: Region, api_id: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("apigateway").get_rest_api(restApiId=api_id)
    return {
        **renamed(found, _API),
        "EndpointConfiguration": {"Types": found.get("endpointConfiguration", {}).get("types")},
        "Tags": tags(found.get("tags", {}), declared),
    }


def resource(region: Region, resource_id: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("apigateway").get_resource(
        restApiId=declared["RestApiId"], resourceId=resource_id
    )
    return {"PathPart": found["pathPart"], "ParentId": found["parentId"]}


def authorizer(region: Region, name: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("apigateway").get_authorizer(
        restApiId=declared["RestApiId"], authorizerId=name
    )
    return renamed(found, _AUTHORIZER)


def method(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("apigateway").get_method(
        restApiId=declared["RestApiId"],
        resourceId=declared["ResourceId"],
        httpMethod=declared["HttpMethod"],
    )
    return {
        "RequestValidatorId": None,
        **renamed(found, _METHOD),
        "Integration": renamed(found.get("methodIntegration", {}), _INTEGRATION),
    }


def model(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("apigateway").get_model(
        restApiId=declared["RestApiId"], modelName=declared["Name"]
    )
    return {
        "Name": found["name"],
        "ContentType": found["contentType"],
        "Schema": json.loads(found["schema"]),
    }


def request_validator(region: Region, name: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("apigateway").get_request_validator(
        restApiId=declared["RestApiId"], requestValidatorId=name
    )
    names = ("name", "validateRequestBody", "validateRequestParameters")
    document: Properties = capitalised({key: found[key] for key in names if key in found})
    return document


def gateway_response(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("apigateway").get_gateway_response(
        restApiId=declared["RestApiId"], responseType=declared["ResponseType"]
    )
    return renamed(found, _RESPONSE)


def deployment(region: Region, deployment_id: str, declared: Mapping[str, Any]) -> Properties:
    region.client("apigateway").get_deployment(
        restApiId=declared["RestApiId"], deploymentId=deployment_id
    )
    return {"RestApiId": declared["RestApiId"]}


def stage(region: Region, name: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("apigateway").get_stage(restApiId=declared["RestApiId"], stageName=name)
    logging = found.get("accessLogSettings", {})
    role = {"AccountLoggingRole": _account_logging(region)} if _LOGGING & declared.keys() else {}
    return {
        **role,
        **renamed(found, _STAGE),
        "TracingEnabled": found.get("tracingEnabled", False),
        "AccessLogSetting": {
            "DestinationArn": logging.get("destinationArn"),
            "Format": logging.get("format"),
        },
        "MethodSettings": [
            _method_setting(path, setting) for path, setting in found["methodSettings"].items()
        ],
        "Tags": tags(found.get("tags", {}), declared),
    }


def _account_logging(region: Region) -> str | NotRead:
    """The account's logging role, which execution logs require, whoever has set it."""
    role = logging_role(region)
    if role is None:
        return "none"
    if role.exists is None:
        return NotRead(f"the credentials may not read {role.arn}")
    return THERE if role.exists else f"{role.arn} does not exist"


def account(region: Region, _: str, __: Mapping[str, Any]) -> Properties:
    found = region.client("apigateway").get_account()
    return {"CloudWatchRoleArn": found.get("cloudwatchRoleArn")}


def _method_setting(path: str, setting: Mapping[str, Any]) -> Properties:
    """The API's key is `<resource path>/<method>`, with `~1` for the path's inner slashes."""
    resource_path, _, http_method = path.rpartition("/")
    return {
        "ResourcePath": f"/{resource_path.replace('~1', '/').lstrip('/')}",
        "HttpMethod": http_method,
        **renamed(setting, _METHOD_SETTING),
    }
