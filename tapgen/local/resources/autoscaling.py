"""Application Auto Scaling: targets and policies, stored by `services.application_autoscaling`."""

from __future__ import annotations

from tapgen.local.caller import call
from tapgen.local.provisioner import Properties, Provisioned, Provisioner, only

_SERVICE = "application-autoscaling"
_KEY = ("ServiceNamespace", "ResourceId", "ScalableDimension")


def _put_target(properties: Properties) -> Provisioned:
    namespace, resource = properties["ServiceNamespace"], properties["ResourceId"]
    if namespace == "dynamodb":
        # AWS refuses a target that does not exist; so does the table lookup.
        call("dynamodb", "DescribeTable", TableName=resource.split("/")[1])
    call(
        _SERVICE,
        "RegisterScalableTarget",
        **only(properties, *_KEY, "MinCapacity", "MaxCapacity", "RoleARN", "SuspendedState"),
        Tags={tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags", [])},
    )
    identifier = "|".join((resource, properties["ScalableDimension"], namespace))
    return identifier, {"Id": identifier}


def _update_target(_identifier: str, _old: Properties, new: Properties) -> Provisioned:
    return _put_target(new)


def _delete_target(_identifier: str, properties: Properties) -> None:
    call(_SERVICE, "DeregisterScalableTarget", **only(properties, *_KEY))


def _policy_target(properties: Properties) -> dict[str, str]:
    if target := properties.get("ScalingTargetId"):
        resource, dimension, namespace = target.split("|")
        return dict(zip(_KEY, (namespace, resource, dimension), strict=True))
    return only(properties, *_KEY)


def _put_policy(properties: Properties) -> Provisioned:
    made = call(
        _SERVICE,
        "PutScalingPolicy",
        **_policy_target(properties),
        **only(
            properties,
            "PolicyName",
            "PolicyType",
            "TargetTrackingScalingPolicyConfiguration",
            "StepScalingPolicyConfiguration",
        ),
    )
    return made["PolicyARN"], {"Arn": made["PolicyARN"]}


def _update_policy(_identifier: str, _old: Properties, new: Properties) -> Provisioned:
    return _put_policy(new)


def _delete_policy(_identifier: str, properties: Properties) -> None:
    name = properties["PolicyName"]
    call(_SERVICE, "DeleteScalingPolicy", PolicyName=name, **_policy_target(properties))


PROVISIONERS = (
    Provisioner(
        type="AWS::ApplicationAutoScaling::ScalableTarget",
        create=_put_target,
        update=_update_target,
        delete=_delete_target,
        tags="Tags",
    ),
    Provisioner(
        type="AWS::ApplicationAutoScaling::ScalingPolicy",
        create=_put_policy,
        update=_update_policy,
        delete=_delete_policy,
    ),
)
