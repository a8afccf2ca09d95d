"""What a deployment asks of services other than CloudFormation, in one account.

Nothing that a stack retains is ever found, function code is taken and forgotten, and parameters of
SSM are kept, because the lock is one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from benchmarks.endpoint.cloudformation import RefusalError

_NOT_FOUND: Final = {
    "dynamodb": "ResourceNotFoundException",
    "kms": "NotFoundException",
    "secretsmanager": "ResourceNotFoundException",
    "sqs": "QueueDoesNotExist",
}


class Others:
    """One account's other services."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._parameters: dict[str, list[tuple[str, float]]] = {}
        self._lock = threading.Lock()

    def call(self, service: str, action: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one call. Raises `RefusalError`."""
        if service in _NOT_FOUND:
            raise RefusalError(_NOT_FOUND[service], "there is none")
        match service, action:
            case "sts", _:
                return {"Account": self._account, "Arn": "arn:aws:iam::1:user/bench", "UserId": "b"}
            case "cognito-idp", _:
                return {"UserPools": []}
            case "logs", _:
                return {"logGroups": []}
            case "ssm", _:
                return self._parameter(action, asked)
            case "s3", ("HEAD 1" | "HEAD 2"):
                raise RefusalError("404", "Not Found")
            case "s3", "GET 1":
                return {"ListAllMyBucketsResult": {"Buckets": ""}}
            case "s3", _:
                return {}
            case "route53", _:
                empty = {"HostedZones": "", "IsTruncated": False, "MaxItems": "1"}
                return {"ListHostedZonesByNameResponse": empty}
        raise RefusalError("InvalidAction", f"{service} {action} is not simulated")

    def _parameter(self, action: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        name, _, version = asked["Name"].partition(":")
        with self._lock:
            versions = self._parameters.get(name, [])
            if action == "PutParameter":
                if versions and not asked.get("Overwrite"):
                    raise RefusalError("ParameterAlreadyExists", name)
                self._parameters[name] = [*versions, (asked["Value"], time.time())]
                return {"Version": len(versions) + 1}
            if not versions:
                raise RefusalError("ParameterNotFound", name)
            if action == "DeleteParameter":
                del self._parameters[name]
                return {}
            number = int(version) if version else len(versions)
            value, written = versions[number - 1]
        return {
            "Parameter": {
                "Name": name,
                "Type": "String",
                "Value": value,
                "Version": number,
                "LastModifiedDate": written,
            }
        }
