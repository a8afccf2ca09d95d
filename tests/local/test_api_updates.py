"""REST APIs keep how they speak TLS; a change takes its time, and no other comes meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tapgen.local.client import inject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.conftest import Account

OLD, NEW = "SecurityPolicy_TLS13_1_2_2021_06", "SecurityPolicy_TLS13_1_3_2025_09"
OUTPUTS = {"Id": {"Ref": "Api"}}


@pytest.fixture(autouse=True)
def mended(account: Account) -> Iterator[None]:
    yield
    inject(account.local, {})


def api(**properties: str) -> dict[str, Any]:
    return {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "a", **properties}}}


def test_a_new_api_is_there_at_once_and_tells_how_it_speaks_tls(account: Account) -> None:
    made = account.deploy(
        "api", api(SecurityPolicy=OLD, EndpointAccessMode="STRICT"), outputs=OUTPUTS
    )
    gateway = account.client("apigateway")
    by_stack = gateway.get_rest_api(restApiId=made["Outputs"]["Id"])
    by_call = gateway.create_rest_api(name="b", securityPolicy=OLD, endpointAccessMode="STRICT")
    for found in (by_stack, by_call, gateway.get_rest_api(restApiId=by_call["id"])):
        assert (found["securityPolicy"], found["endpointAccessMode"]) == (OLD, "STRICT")
        assert found["apiStatus"] == "AVAILABLE"


def test_an_update_of_anything_else_is_done_at_once(account: Account) -> None:
    inject(account.local, {"apis": 300.0})
    made = account.deploy(
        "api", api(SecurityPolicy=OLD, EndpointAccessMode="BASIC"), outputs=OUTPUTS
    )
    other = api(SecurityPolicy=OLD, EndpointAccessMode="BASIC", Description="other")
    account.deploy("api", other, outputs=OUTPUTS)
    found = account.client("apigateway").get_rest_api(restApiId=made["Outputs"]["Id"])
    assert found["apiStatus"] == "AVAILABLE"


def test_an_update_of_tls_is_under_way_for_a_while(account: Account) -> None:
    inject(account.local, {"apis": 300.0})
    old, new = (api(SecurityPolicy=one, EndpointAccessMode="BASIC") for one in (OLD, NEW))
    made = account.deploy("api", old, outputs=OUTPUTS)
    account.deploy("api", new, outputs=OUTPUTS)
    gateway, known = account.client("apigateway"), {"restApiId": made["Outputs"]["Id"]}
    assert gateway.get_rest_api(**known)["apiStatus"] == "UPDATING"
    patch = [{"op": "replace", "path": "/description", "value": "other"}]
    with pytest.raises(ClientError) as caught:
        gateway.update_rest_api(**known, patchOperations=patch)
    assert caught.value.response["Error"] == {
        "Code": "BadRequestException",
        "Message": "There is already an update in progress. Please wait until the current update "
        "finishes before making another request.",
    }
    inject(account.local, {"apis": 0.0})
    assert gateway.get_rest_api(**known)["apiStatus"] == "AVAILABLE"
    assert gateway.update_rest_api(**known, patchOperations=patch)["description"] == "other"
    assert gateway.get_rest_api(**known)["apiStatus"] == "AVAILABLE"


def test_an_enhanced_policy_needs_an_access_mode(account: Account) -> None:
    words = "Endpoint access mode is required for the specified security policy"
    gateway = account.client("apigateway")
    with pytest.raises(ClientError, match=words):
        gateway.create_rest_api(name="a", securityPolicy=NEW)
    made = gateway.create_rest_api(name="a", securityPolicy="TLS_1_2")
    patch = [{"op": "replace", "path": "/securityPolicy", "value": NEW}]
    with pytest.raises(ClientError, match=words):
        gateway.update_rest_api(restApiId=made["id"], patchOperations=patch)
    failed = account.deploy("api", api(SecurityPolicy=NEW))
    assert failed["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_secret_of_a_new_name_is_made(account: Account) -> None:
    properties = {"Name": "fresh", "GenerateSecretString": {}}
    secret = {"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": properties}}
    assert account.deploy("secret", secret)["StackStatus"] == "CREATE_COMPLETE"
