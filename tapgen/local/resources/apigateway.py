"""API Gateway: validators that exist and are used, kinds of endpoints, access logs of stages.

MiniStack enforces a validator that came through the API; its provisioners make up an id instead.
"""

from __future__ import annotations

from tapgen.local.caller import call
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
    # Unchanged or not: MiniStack writes the whole method anew on an update, without it.
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
    """MiniStack keeps the configuration as it is written, and answers with it."""
    endpoints = properties.get("EndpointConfiguration", {})
    spelled = {"types": endpoints.get("Types", ["EDGE"])}
    return {**properties, "EndpointConfiguration": spelled}


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
    Extension(type="AWS::ApiGateway::RestApi", normalize=_spell_endpoints),
    Extension(type="AWS::ApiGateway::Stage", apply=_log_access),
    Provisioner(
        type="AWS::ApiGateway::RequestValidator", create=_create, update=_update, delete=_delete
    ),
    Extension(type="AWS::ApiGateway::Method", apply=_use_validator),
)
