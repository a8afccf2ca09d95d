"""Lambda functions: network, dead letters, keys, reserved concurrency. Their code must exist."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tapgen.local.caller import call, typed
from tapgen.local.provisioner import Extension, Properties, changed

_CONFIGURED = {
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
    "DeadLetterConfig": {"TargetArn": ""},
    "KmsKeyArn": "",
}
"""Settings that MiniStack drops, each with UpdateFunctionConfiguration's value for "none"."""

_API_NAMES = {"KmsKeyArn": "KMSKeyArn"}


def _normalize(properties: Properties) -> Properties:
    return typed("lambda", "CreateFunction", dict(properties))


def _check(old: Properties, new: Properties) -> None:
    code = new.get("Code", {})
    if changed(old, new, "Code") and "S3Bucket" in code:
        _require(code["S3Bucket"], code["S3Key"])


def _require(bucket: str, key: str) -> None:
    try:
        call("s3", "HeadObject", Bucket=bucket, Key=key)
    except ClientError as error:
        raise ValueError(
            "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The "
            f"specified key does not exist. ({bucket}/{key})"
        ) from error


def _apply(name: str, old: Properties, new: Properties) -> None:
    settings = {
        _API_NAMES.get(key, key): new.get(key, none)
        for key, none in _CONFIGURED.items()
        if changed(old, new, key)
    }
    if settings:
        call("lambda", "UpdateFunctionConfiguration", FunctionName=name, **settings)
    if changed(old, new, "ReservedConcurrentExecutions"):
        if "ReservedConcurrentExecutions" in new:
            reserved = new["ReservedConcurrentExecutions"]
            call(
                "lambda",
                "PutFunctionConcurrency",
                FunctionName=name,
                ReservedConcurrentExecutions=reserved,
            )
        else:
            call("lambda", "DeleteFunctionConcurrency", FunctionName=name)


PROVISIONERS = (
    Extension(
        type="AWS::Lambda::Function",
        normalize=_normalize,
        check=_check,
        apply=_apply,
    ),
)
