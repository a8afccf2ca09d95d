"""An API that AWS is still updating is not updated, against the local AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.model.deployed.events import Failed, Updated
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab

OLD, NEW = "SecurityPolicy_TLS13_1_2_2021_06", "SecurityPolicy_TLS13_1_3_2025_09"


def api(lab: Lab, tls: str, description: str) -> Stack:
    properties = {"Name": "lab", "Description": description, "SecurityPolicy": tls}
    resources = {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": properties}}
    return lab.stack("api", resources, outputs={"Id": {"Ref": "Api"}})


def status(lab: Lab) -> str:
    calls = lab.client("apigateway")
    (found,) = calls.get_rest_apis()["items"]
    return str(calls.get_rest_api(restApiId=found["id"])["apiStatus"])


def test_an_update_waits_for_the_one_before(lab: Lab) -> None:
    lab.deploy(api(lab, OLD, "first"))
    assert status(lab) == "AVAILABLE"
    assert isinstance(lab.deploy(api(lab, NEW, "first")).outcomes["api"], Updated)
    assert status(lab) == "UPDATING"
    refused = lab.deploy(api(lab, NEW, "second")).outcomes["api"]
    assert isinstance(refused, Failed)
    assert refused.refused
    assert "is still being updated" in refused.reason
    wait_until(lambda: status(lab) == "AVAILABLE")
    assert isinstance(lab.deploy(api(lab, NEW, "second")).outcomes["api"], Updated)
