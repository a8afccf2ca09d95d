"""A stage answers from the deployment that it points at, with its own variables.

From documentation: API Gateway guide, "Deploy REST APIs in API Gateway", "Use stage variables for a
REST API" and "API Gateway stage variables reference for REST APIs".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import urllib3
from botocore.exceptions import ClientError

from tapgen.local import client
from tests.behaviour.rest_api import STAGE, MockApi
from tests.local.conftest import status_of

if TYPE_CHECKING:
    from tests.local.conftest import Account


class Api(MockApi):
    """One in the local AWS."""

    def __init__(self, account: Account) -> None:
        super().__init__(account.client("apigateway"), "api")
        self._local = account.local

    def status(self) -> int:
        return status_of(*self.address())

    def address(self, path: str = "") -> tuple[str, dict[str, str]]:
        url = f"https://{self.id}.execute-api.us-east-1.amazonaws.com/{STAGE}/{path}"
        return client.api_url(self._local, url)


@pytest.fixture
def api(account: Account) -> Api:
    return Api(account)


def test_a_change_is_seen_when_the_stage_is_moved_to_a_new_deployment(api: Api) -> None:
    api.answer(200)
    first = api.deployment()
    api.stage(first)
    assert api.status() == 200
    api.answer(202)
    assert api.status() == 200
    second = api.deployment()
    assert api.status() == 200
    api.move(second)
    assert api.status() == 202
    api.move(first)
    assert api.status() == 200


@pytest.mark.parametrize(
    ("authorization", "told"),
    [
        ({}, "MissingAuthenticationTokenException"),
        ({"Authorization": "Bearer abc"}, "IncompleteSignatureException"),
    ],
)
def test_a_token_on_a_path_that_is_not_there_is_taken_for_a_signature(
    api: Api, authorization: dict[str, str], told: str
) -> None:
    api.answer(200)
    api.stage(api.deployment())
    url, headers = api.address("nowhere")
    answer = urllib3.request("GET", url, headers={**headers, **authorization}, retries=False)
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (403, told)
    url, headers = api.address()
    assert status_of(url, {**headers, **authorization}) == 200


def test_a_deployment_that_a_stage_shows_cannot_be_deleted(api: Api) -> None:
    api.answer(200)
    first = api.deployment()
    api.stage(first)
    with pytest.raises(ClientError, match="Active stages pointing to this deployment must be"):
        api.calls.delete_deployment(restApiId=api.id, deploymentId=first)
    api.move(api.deployment())
    api.calls.delete_deployment(restApiId=api.id, deploymentId=first)
    assert api.status() == 200


def test_an_api_that_is_not_there_is_not_deployed(api: Api) -> None:
    with pytest.raises(ClientError, match="NotFoundException"):
        api.calls.create_deployment(restApiId="gone")


@pytest.mark.parametrize(
    ("variables", "status"), [({"pool": "us-east-1_AbCdEf123"}, 401), ({}, 500)]
)
def test_a_variable_stands_for_a_user_pool(
    api: Api, variables: dict[str, str], status: int
) -> None:
    """Who brings no token is told so; without the variable the authorizer is a faulty one."""
    pool = "arn:aws:cognito-idp:us-east-1:111111111111:userpool/${stageVariables.pool}"
    authorizer = api.calls.create_authorizer(
        restApiId=api.id,
        name="callers",
        type="COGNITO_USER_POOLS",
        providerARNs=[pool],
        identitySource="method.request.header.Authorization",
    )
    api.answer(200)
    patches = [
        {"op": "replace", "path": "/authorizationType", "value": "COGNITO_USER_POOLS"},
        {"op": "replace", "path": "/authorizerId", "value": authorizer["id"]},
    ]
    api.calls.update_method(**api.root, patchOperations=patches)
    api.stage(api.deployment(), variables=variables)
    assert api.status() == status
    assert api.calls.get_authorizer(restApiId=api.id, authorizerId=authorizer["id"])[
        "providerARNs"
    ] == [pool]
