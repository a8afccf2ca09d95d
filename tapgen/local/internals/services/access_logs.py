"""Access logs of REST API stages: MiniStack stores the setting, but writes no logs.

A line goes to the Firehose stream that the stage names. If the stream is encrypted with a customer
managed key, the writer needs kms:GenerateDataKey and kms:Decrypt (Firehose developer guide,
"Security best practices", for streams created since 2026-04-20). API Gateway writes as its
service-linked role, whose managed policy has no KMS permissions, so the key's policy must name it.
Otherwise the line is lost, and the caller of the API gets no error.
"""

from __future__ import annotations

import base64
import json
import re
import time
from contextvars import ContextVar
from typing import Any, Final

from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway_v1, firehose, iam, kms

_ROLE: Final = "aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"
_ACTIONS: Final = ("kms:GenerateDataKey", "kms:Decrypt")
_VARIABLE: Final = re.compile(r"\$context\.([\w.]+)")
_NOTHING: Final = "-"
_API_GATEWAY: Final = "apigateway.amazonaws.com"
_UNTRUSTING: Final = (
    "The role ARN does not have required permissions configured. Please grant trust permission for "
    "API Gateway and add the required role policy."
)

_request: ContextVar[dict[str, Any]] = ContextVar("request")


def take_roles_that_trust() -> None:
    """Refuse a role for the account's logs that API Gateway cannot assume.

    API Gateway guide, "Set up CloudWatch logging for REST APIs". The message is from
    tmobile/jazz-installer#597.
    """
    update = apigateway_v1._update_account

    def updating(request: dict[str, Any]) -> Any:
        for patch in request.get("patchOperations", ()):
            if patch["path"] == "/cloudwatchRoleArn" and (why := untrusting(patch.get("value"))):
                return apigateway_v1._v1_error("BadRequestException", why, 400)
        return update(request)

    apigateway_v1._update_account = updating


def untrusting(role: str | None) -> str:
    """The reason why API Gateway cannot assume an existing role; empty if it can."""
    found = iam._roles.get(str(role).rpartition("/")[2])
    trusted = found is None or _API_GATEWAY in json.dumps(found["AssumeRolePolicyDocument"])
    return "" if trusted else _UNTRUSTING


def write_access_logs() -> None:
    """Write a line to the stage's access log after each response."""
    serve, execute = apigateway_v1._handle_execute_in_scope, apigateway_v1._execute_in_scope

    async def executing(request: dict[str, Any], *rest: Any) -> Any:
        _request.set(request)
        return await execute(request, *rest)

    async def serving(api: str, stage: str, method: str, *rest: Any) -> Any:
        answer = await serve(api, stage, method, *rest)
        status, _headers, body = answer
        request = _request.get()
        values = {
            "requestId": request["request_id"],
            "requestTimeEpoch": str(int(time.time() * 1000)),
            "httpMethod": method,
            "resourcePath": request["resource_path"],
            "status": str(status),
            "responseLength": str(len(body)),
        }
        _write((request["stage"] or {}).get("accessLogSettings") or {}, values)
        return answer

    apigateway_v1._execute_in_scope = executing
    apigateway_v1._handle_execute_in_scope = serving


def _write(setting: dict[str, Any], values: dict[str, str]) -> None:
    _, _, stream = setting.get("destinationArn", "").partition(":deliverystream/")
    found = firehose._streams.get(stream)
    if found is None or not _may_use((found["encryption"] or {}).get("KeyARN")):
        return
    line = _VARIABLE.sub(lambda match: values.get(match[1], _NOTHING), setting["format"])
    data = base64.b64encode(line.encode()).decode()
    firehose._put_record({"DeliveryStreamName": stream, "Record": {"Data": data}})


def _may_use(key_arn: str | None) -> bool:
    """Whether the key's policy names API Gateway's role. The account's root does not count."""
    key = kms._resolve_key(key_arn)
    return key is None or all(_allows(key, action) for action in _ACTIONS)


def _allows(key: dict[str, Any], action: str) -> bool:
    account, region = get_account_id(), get_region()
    principal = f"arn:aws:iam::{account}:role/{_ROLE}"
    asked = EvalContext(
        principal_arn=principal,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=key["Arn"],
        region=region,
        service_context={
            "aws:principalarn": principal,
            "kms:calleraccount": account,
            "kms:viaservice": f"firehose.{region}.amazonaws.com",
        },
    )
    decisions = {
        evaluate_resource_policy(key["Policy"], asked, named_only=named).decision
        for named in (False, True)
    }
    return decisions == {"Allow"}
