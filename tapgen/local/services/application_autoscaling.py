"""Application Auto Scaling: scalable targets and policies are stored, but nothing scales."""

from __future__ import annotations

import time
import uuid
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from tapgen.local.services.json_service import JsonService, ServiceError

_targets = AccountRegionScopedDict()
_policies = AccountRegionScopedDict()

_TARGET_KEY = ("ServiceNamespace", "ResourceId", "ScalableDimension")
_ROLE = {"dynamodb": "DynamoDBTable", "lambda": "LambdaConcurrency"}


def _key(request: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(request[name]) for name in _TARGET_KEY)


def _arn(kind: str) -> str:
    place = f"{get_region()}:{get_account_id()}"
    if kind == "scalable-target":
        return f"arn:aws:application-autoscaling:{place}:scalable-target/{uuid.uuid4().hex}"
    return f"arn:aws:autoscaling:{place}:scalingPolicy:{uuid.uuid4()}"


def _role(namespace: str) -> str:
    name = f"AWSServiceRoleForApplicationAutoScaling_{_ROLE.get(namespace, namespace)}"
    service = f"{namespace}.application-autoscaling.amazonaws.com"
    return f"arn:aws:iam::{get_account_id()}:role/aws-service-role/{service}/{name}"


def _register(request: dict[str, Any]) -> dict[str, Any]:
    key = _key(request)
    known = _targets.get(key)
    target = known or {
        **{name: request[name] for name in _TARGET_KEY},
        "RoleARN": _role(request["ServiceNamespace"]),
        "CreationTime": time.time(),
        "SuspendedState": {
            "DynamicScalingInSuspended": False,
            "DynamicScalingOutSuspended": False,
            "ScheduledScalingSuspended": False,
        },
        "ScalableTargetARN": _arn("scalable-target"),
    }
    merged = {**target, **{k: v for k, v in request.items() if k not in {"Tags", "RoleARN"}}}
    for limit in ("MinCapacity", "MaxCapacity"):
        if limit not in merged:
            raise ServiceError("ValidationException", f"{limit} must be specified.")
    if merged["MinCapacity"] > merged["MaxCapacity"]:
        raise ServiceError(
            "ValidationException", "Minimum capacity cannot be greater than maximum capacity."
        )
    merged["Tags"] = {**merged.get("Tags", {}), **request.get("Tags", {})}
    _targets[key] = merged
    return {"ScalableTargetARN": merged["ScalableTargetARN"]}


def _registered(request: dict[str, Any]) -> tuple[str, ...]:
    key = _key(request)
    if key not in _targets:
        namespace, resource, dimension = key
        raise ServiceError(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {namespace}, "
            f"resource ID: {resource}, scalable dimension: {dimension}",
        )
    return key


def _deregister(request: dict[str, Any]) -> dict[str, Any]:
    key = _registered(request)
    del _targets[key]
    for name in [name for name in _policies if name[1:] == key]:
        del _policies[name]
    return {}


def _matching(store: Any, request: dict[str, Any]) -> list[dict[str, Any]]:
    wanted = {name: request[name] for name in _TARGET_KEY if name in request}
    return [item for item in store.values() if wanted.items() <= item.items()]


def _describe_targets(request: dict[str, Any]) -> dict[str, Any]:
    found = _matching(_targets, request)
    if ids := request.get("ResourceIds"):
        found = [target for target in found if target["ResourceId"] in ids]
    return {"ScalableTargets": [{k: v for k, v in t.items() if k != "Tags"} for t in found]}


def _put_policy(request: dict[str, Any]) -> dict[str, Any]:
    key = (str(request["PolicyName"]), *_registered(request))
    known = _policies.get(key, {})
    arn = known.get("PolicyARN") or _policy_arn(request)
    _policies[key] = {
        "PolicyType": "StepScaling",
        **known,
        **request,
        "PolicyARN": arn,
        "Alarms": [],
        "CreationTime": known.get("CreationTime", time.time()),
    }
    return {"PolicyARN": arn, "Alarms": []}


def _policy_arn(request: dict[str, Any]) -> str:
    resource = f"resource/{request['ServiceNamespace']}/{request['ResourceId']}"
    return f"{_arn('policy')}:{resource}:policyName/{request['PolicyName']}"


def _describe_policies(request: dict[str, Any]) -> dict[str, Any]:
    found = _matching(_policies, request)
    if names := request.get("PolicyNames"):
        found = [policy for policy in found if policy["PolicyName"] in names]
    return {"ScalingPolicies": found}


def _delete_policy(request: dict[str, Any]) -> dict[str, Any]:
    key = (str(request["PolicyName"]), *_key(request))
    if _policies.pop(key, None) is None:
        raise ServiceError(
            "ObjectNotFoundException",
            f"No scaling policy found for service namespace: {key[1]}, resource ID: {key[2]}, "
            f"scalable dimension: {key[3]}: {key[0]}",
        )
    return {}


def _tagged(request: dict[str, Any]) -> dict[str, Any]:
    for target in _targets.values():
        if target["ScalableTargetARN"] == request["ResourceARN"]:
            tags: dict[str, Any] = target["Tags"]
            return tags
    raise ServiceError("ResourceNotFoundException", f"No such resource: {request['ResourceARN']}")


def _tag(request: dict[str, Any]) -> dict[str, Any]:
    _tagged(request).update(request["Tags"])
    return {}


def _untag(request: dict[str, Any]) -> dict[str, Any]:
    tags = _tagged(request)
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}


def _clear() -> None:
    _targets.clear()
    _policies.clear()


SERVICE = JsonService(
    operations={
        "RegisterScalableTarget": _register,
        "DeregisterScalableTarget": _deregister,
        "DescribeScalableTargets": _describe_targets,
        "PutScalingPolicy": _put_policy,
        "DescribeScalingPolicies": _describe_policies,
        "DeleteScalingPolicy": _delete_policy,
        "DescribeScalingActivities": lambda _request: {"ScalingActivities": []},
        "ListTagsForResource": lambda request: {"Tags": _tagged(request)},
        "TagResource": _tag,
        "UntagResource": _untag,
    },
    clear=_clear,
)
