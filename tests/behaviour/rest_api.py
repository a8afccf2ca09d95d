"""A REST API without anything behind it, for facts about what callers see."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.behaviour.account import Aws

STAGE: Final = "v1"


def status(url: str, headers: Mapping[str, str] | None = None) -> int:
    """The HTTP status of what is served at a URL of our own."""
    request = urllib.request.Request(url, headers=dict(headers or {}))  # noqa: S310 - see above
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - see above
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


class Api:
    """An API whose GET / is answered with a status of one's choice, without anything behind it."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.calls = aws.client("apigateway")
        made = self.calls.create_rest_api(name=aws.making("REST API", aws.name("api")))
        self.id = made["id"]
        self._method = {
            "restApiId": self.id,
            "resourceId": made["rootResourceId"],
            "httpMethod": "GET",
        }
        self.calls.put_method(**self._method, authorizationType="NONE")

    @property
    def host(self) -> str:
        """The host that serves the API on AWS."""
        return f"{self.id}.execute-api.{self.aws.region}.amazonaws.com"

    def answer(self, status: int) -> None:
        """Answer with this status from the next deployment on."""
        template = {"application/json": json.dumps({"statusCode": status})}
        self.calls.put_integration(**self._method, type="MOCK", requestTemplates=template)
        self.calls.put_method_response(**self._method, statusCode=str(status))
        self.calls.put_integration_response(**self._method, statusCode=str(status))

    def deployment(self) -> str:
        return str(self.calls.create_deployment(restApiId=self.id)["id"])

    def stage(self, deployment: str) -> None:
        self.calls.create_stage(restApiId=self.id, stageName=STAGE, deploymentId=deployment)

    def move(self, deployment: str) -> None:
        patch = {"op": "replace", "path": "/deploymentId", "value": deployment}
        self.calls.update_stage(restApiId=self.id, stageName=STAGE, patchOperations=[patch])

    def status(self) -> int:
        """The status of GET / now."""
        if self.aws.endpoint:
            return status(f"{self.aws.endpoint}/restapis/{self.id}/{STAGE}/_user_request_/")
        return status(f"https://{self.host}/{STAGE}/")

    def answers(self, status: int) -> None:
        """Wait until callers get this status: stages take some seconds to be everywhere."""
        self.aws.until(lambda: self.status() == status, f"the status {status}")
