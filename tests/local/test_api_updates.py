"""Changes of an API's TLS take their time, and a second one meanwhile is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.local.conftest import Account


def api(policy: str) -> dict[str, Any]:
    properties = {"Name": "api", "SecurityPolicy": policy}
    return {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": properties}}


def test_an_update_of_tls_is_under_way_for_a_while(account: Account) -> None:
    made = account.deploy("api", api("TLS_1_0"), outputs={"Id": {"Ref": "Api"}})
    account.deploy("api", api("TLS_1_2"), outputs={"Id": {"Ref": "Api"}})
    gateway, known = account.client("apigateway"), {"restApiId": made["Outputs"]["Id"]}
    assert gateway.get_rest_api(**known)["apiStatus"] == "UPDATING"
    patch = [{"op": "replace", "path": "/description", "value": "other"}]
    with pytest.raises(ClientError, match="There is already an update in progress"):
        gateway.update_rest_api(**known, patchOperations=patch)
    wait_until(lambda: gateway.get_rest_api(**known)["apiStatus"] == "AVAILABLE")
    assert gateway.update_rest_api(**known, patchOperations=patch)["description"] == "other"


def test_a_secret_of_a_new_name_is_made(account: Account) -> None:
    properties = {"Name": "fresh", "GenerateSecretString": {}}
    secret = {"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": properties}}
    assert account.deploy("secret", secret)["StackStatus"] == "CREATE_COMPLETE"
