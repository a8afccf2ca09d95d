"""API Gateway: request validators that exist, and methods that use them.

MiniStack enforces a validator that came through the API; its provisioners make up an id instead.
"""

from __future__ import annotations

from tapgen.local.caller import call
from tapgen.local.provisioner import Extension, Properties, Provisioned, Provisioner, truth

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


PROVISIONERS = (
    Provisioner(
        type="AWS::ApiGateway::RequestValidator", create=_create, update=_update, delete=_delete
    ),
    Extension(type="AWS::ApiGateway::Method", apply=_use_validator),
)
