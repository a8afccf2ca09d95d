"""A REST API without anything behind it, for facts about what callers see."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.behaviour.account import Aws

STAGE: Final = "v1"


def status(url: str, headers: Mapping[str, str] | None = None, seconds: float = 30) -> int:
    """The HTTP status of what is served at a URL of our own, within so many seconds."""
    request = urllib.request.Request(url, headers=dict(headers or {}))  # noqa: S310 - see above
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 - see above
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


class MockApi:
    """An API whose GET / is answered with a status of one's choice, without anything behind it."""

    def __init__(self, calls: Any, name: str) -> None:
        self.calls = calls
        made = calls.create_rest_api(name=name)
        self.id = made["id"]
        self.root = {
            "restApiId": self.id,
            "resourceId": made["rootResourceId"],
            "httpMethod": "GET",
        }
        calls.put_method(**self.root, authorizationType="NONE")

    def answer(self, status: int) -> None:
        """Answer with this status from the next deployment on."""
        template = {"application/json": json.dumps({"statusCode": status})}
        self.calls.put_integration(**self.root, type="MOCK", requestTemplates=template)
        self.calls.put_method_response(**self.root, statusCode=str(status))
        self.calls.put_integration_response(**self.root, statusCode=str(status))

    def deployment(self) -> str:
        return str(self.calls.create_deployment(restApiId=self.id)["id"])

    def stage(self, deployment: str, **more: Any) -> None:
        self.calls.create_stage(restApiId=self.id, stageName=STAGE, deploymentId=deployment, **more)

    def move(self, deployment: str) -> None:
        patch = {"op": "replace", "path": "/deploymentId", "value": deployment}
        self.calls.update_stage(restApiId=self.id, stageName=STAGE, patchOperations=[patch])


class Api(MockApi):
    """One in the account that is asked."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        super().__init__(aws.client("apigateway"), aws.making("REST API", aws.name("api")))

    @property
    def host(self) -> str:
        """The host that serves the API on AWS."""
        return f"{self.id}.execute-api.{self.aws.region}.amazonaws.com"

    def status(self) -> int:
        """The status of GET / now."""
        if self.aws.endpoint:
            return status(f"{self.aws.endpoint}/restapis/{self.id}/{STAGE}/_user_request_/")
        return status(f"https://{self.host}/{STAGE}/")

    def answers(self, status: int) -> None:
        """Wait until callers get this status: stages take some seconds to be everywhere."""
        self.aws.until(lambda: self.status() == status, f"the status {status}")
