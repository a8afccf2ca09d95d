"""A function that nobody has called for weeks fails its first call, and comes back by that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.local import client
from tapgen.local.client import api_url
from tests.local.conftest import status_of
from tests.local.test_interfaces import make_function
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.local.conftest import Account


def state(account: Account, name: str) -> dict[str, Any]:
    functions = account.client("lambda")
    before, told, after = (
        functions.get_function_configuration(FunctionName=name),
        functions.get_function(FunctionName=name)["Configuration"],
        functions.get_function_configuration(FunctionName=name),
    )
    # It may become another between two of them.
    configuration = {key: value for key, value in after.items() if key != "ResponseMetadata"}
    assert told in (configuration, {key: before.get(key) for key in configuration})
    return configuration


def refused(account: Account, name: str) -> str:
    with pytest.raises(ClientError) as error:
        account.client("lambda").invoke(FunctionName=name)
    assert error.value.response["Error"]["Code"] == "ResourceConflictException"
    return error.value.response["Error"]["Message"]


def callable_by_api(account: Account, name: str, alias: str = "") -> str:
    """The address of a new API that calls the function, or an alias of it."""
    account.client("lambda").add_permission(
        FunctionName=name,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    arn = account.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]
    arn = f"{arn}:{alias}" if alias else arn
    gateway = account.client("apigateway")
    api = gateway.create_rest_api(name=name)["id"]
    (root,) = gateway.get_resources(restApiId=api)["items"]
    which = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    gateway.put_method(**which, authorizationType="NONE")
    path = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    gateway.put_integration(**which, type="AWS_PROXY", integrationHttpMethod="POST", uri=path)
    gateway.create_deployment(restApiId=api, stageName="v1")
    url, _ = api_url(account.local, f"https://{api}.execute-api.us-east-1.amazonaws.com/v1/")
    return url


def test_the_first_call_of_an_idle_function_brings_it_back(account: Account) -> None:
    make_function(account, "rare", {"SubnetIds": [], "SecurityGroupIds": []})
    make_function(account, "busy", {"SubnetIds": [], "SecurityGroupIds": []})
    functions = account.client("lambda")
    url = callable_by_api(account, "rare")
    assert status_of(url, {}) == 200
    client.inject(account.local, {"idle": ["rare", "absent"]})
    try:
        assert (state(account, "rare")["State"], state(account, "rare")["StateReasonCode"]) == (
            "Inactive",
            "Idle",
        )
        assert functions.invoke(FunctionName="busy")["StatusCode"] == 200
        assert status_of(url, {}) == 500
        assert refused(account, "rare").endswith("in the following state: Pending")
        wait_until(lambda: state(account, "rare")["State"] == "Active")
        assert functions.invoke(FunctionName="rare")["StatusCode"] == 200
        client.inject(account.local, {})
        assert state(account, "rare")["State"] == "Active"
        client.inject(account.local, {"idle": ["rare"]})  # some weeks later
        assert refused(account, "rare").endswith("in the following state: Inactive")
    finally:
        client.inject(account.local, {})
