"""API Gateway: validators that exist and are used, kinds of endpoints, access logs of stages.

MiniStack enforces a validator that was created through the API. Its provisioners only invent an id.
"""

from __future__ import annotations

from tapgen.local.caller import call
from tapgen.local.internals.services import access_logs, api_updates
from tapgen.local.provisioner import (
    Extension,
    Properties,
    Provisioned,
    Provisioner,
    changed,
    truth,
)

_CHECKS = {
    "ValidateRequestBody": "validateRequestBody",
    "ValidateRequestParameters": "validateRequestParameters",
}


_TLS = {"SecurityPolicy": "securityPolicy", "EndpointAccessMode": "endpointAccessMode"}


def _create(properties: Properties) -> Provisioned:
    made = call(
        "apigateway",
        "CreateRequestValidator",
        restApiId=properties["RestApiId"],
        name=properties.get("Name", ""),
        **{api: properties.get(name, False) for name, api in _CHECKS.items()},
    )
    return made["id"], {"RequestValidatorId": made["id"]}


def _update(identifier: str, _old: Properties, new: Properties) -> Provisioned:
    patches = [
        {"op": "replace", "path": f"/{api}", "value": str(truth(new.get(name))).lower()}
        for name, api in _CHECKS.items()
    ]
    call(
        "apigateway",
        "UpdateRequestValidator",
        restApiId=new["RestApiId"],
        requestValidatorId=identifier,
        patchOperations=patches,
    )
    return identifier, {"RequestValidatorId": identifier}


def _delete(identifier: str, properties: Properties) -> None:
    api = properties["RestApiId"]
    call("apigateway", "DeleteRequestValidator", restApiId=api, requestValidatorId=identifier)


def _use_validator(_identifier: str, _old: Properties, new: Properties) -> None:
    # Even if unchanged: MiniStack writes the whole method again on an update, without it.
    if validator := new.get("RequestValidatorId"):
        patch = {"op": "replace", "path": "/requestValidatorId", "value": validator}
        call(
            "apigateway",
            "UpdateMethod",
            restApiId=new["RestApiId"],
            resourceId=new["ResourceId"],
            httpMethod=new["HttpMethod"],
            patchOperations=[patch],
        )


def _spell_endpoints(properties: Properties) -> Properties:
    """Store the endpoint configuration, which MiniStack returns unchanged."""
    endpoints = properties.get("EndpointConfiguration", {})
    spelled = {"types": endpoints.get("Types", ["EDGE"])}
    return {**properties, "EndpointConfiguration": spelled}


def _tls(properties: Properties) -> dict[str, str]:
    return {api: properties[name] for name, api in _TLS.items() if name in properties}


def _require_mode(_old: Properties, new: Properties) -> None:
    if message := api_updates.refused(_tls(new)):
        raise ValueError(message)


def _secure(api: str, old: Properties, new: Properties) -> None:
    """Set an API's TLS policy, which MiniStack's CloudFormation does not support."""
    if not old:
        api_updates.keep(api, _tls(new))
        return
    before = _tls(old)
    patches = [
        {"op": "replace", "path": f"/{name}", "value": value}
        for name, value in _tls(new).items()
        if value != before.get(name)
    ]
    if patches:
        call("apigateway", "UpdateRestApi", restApiId=api, patchOperations=patches)


def _require_api(old: Properties, new: Properties) -> None:
    """CloudFormation reference, AWS::ApiGateway::Account, which is the source of the message."""
    if not old and not call("apigateway", "GetRestApis")["items"]:
        raise ValueError(
            "If an API Gateway resource has never been created in your AWS account, you must add "
            "a dependency on another API Gateway resource, such as an AWS::ApiGateway::RestApi"
        )
    if why := access_logs.untrusting(new.get("CloudWatchRoleArn")):
        raise ValueError(why)


def _log_access(stage: str, old: Properties, new: Properties) -> None:
    if not changed(old, new, "AccessLogSetting"):
        return
    setting = new.get("AccessLogSetting", {})
    patches = [
        {"op": "replace", "path": f"/accessLogSettings/{api}", "value": setting.get(name, "")}
        for name, api in (("DestinationArn", "destinationArn"), ("Format", "format"))
    ]
    call(
        "apigateway",
        "UpdateStage",
        restApiId=new["RestApiId"],
        stageName=stage,
        patchOperations=patches,
    )


PROVISIONERS = (
    Extension(
        type="AWS::ApiGateway::RestApi",
        normalize=_spell_endpoints,
        check=_require_mode,
        apply=_secure,
    ),
    Extension(type="AWS::ApiGateway::Account", check=_require_api),
    Extension(type="AWS::ApiGateway::Stage", apply=_log_access),
    Provisioner(
        type="AWS::ApiGateway::RequestValidator", create=_create, update=_update, delete=_delete
    ),
    Extension(type="AWS::ApiGateway::Method", apply=_use_validator),
)
