"""The calls of a deployment to services other than CloudFormation, in one account.

Retained resources are never found, function code is accepted and discarded, and SSM parameters are
stored, because the lock is one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from benchmarks.endpoint.objects import Objects
from benchmarks.endpoint.stacks import RefusalError

_NOT_FOUND: Final = {
    "dynamodb": "ResourceNotFoundException",
    "kms": "NotFoundException",
    "secretsmanager": "ResourceNotFoundException",
    "sqs": "QueueDoesNotExist",
}


# Every account is bootstrapped for the CDK, with the version of its release.
_BOOTSTRAPPED: Final = "/cdk-bootstrap/hnb659fds/version"
_BOOTSTRAP_VERSION: Final = "33"


class Others:
    """One account's other services."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._parameters = {_BOOTSTRAPPED: [(_BOOTSTRAP_VERSION, time.time())]}
        self._lock = threading.Lock()
        self.objects = Objects()

    def call(self, service: str, action: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one call. Raises `RefusalError`."""
        if service in _NOT_FOUND:
            raise RefusalError(_NOT_FOUND[service], "there is none")
        match service, action:
            case "sts", "AssumeRole":
                return {"Credentials": _credentials(asked["RoleArn"])}
            case "sts", _:
                return {"Account": self._account, "Arn": "arn:aws:iam::1:user/bench", "UserId": "b"}
            case "apigateway", _:  # the account, or an API
                limits = {"burstLimit": 5000, "rateLimit": 10000}
                return {"throttleSettings": limits, "apiStatus": "AVAILABLE"}
            case "cognito-idp", _:
                return {"UserPools": []}
            case "logs", _:
                return {"logGroups": []}
            case "ssm", _:
                return self._parameter(action, asked)
            case "s3", _:
                return self.objects.call(action, asked["StackName"], asked["Body"])
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


def _credentials(role: str) -> dict[str, Any]:
    """Credentials of the role's account: the endpoint identifies accounts by access keys."""
    return {
        "AccessKeyId": role.split(":")[4],
        "SecretAccessKey": "none",
        "SessionToken": "none",
        "Expiration": "2100-01-01T00:00:00Z",
    }
