"""What is meant although no property says it."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from tapgen.deploy.observe.expectations import expected
from tests.lab import CODE

NAT: dict[str, Any] = {"Type": "AWS::EC2::NatGateway"}
VPC: dict[str, Any] = {"Type": "AWS::EC2::VPC"}


@pytest.mark.parametrize(
    ("resource_type", "meant"),
    [
        ("AWS::CertificateManager::Certificate", {"Status": "ISSUED"}),
        ("AWS::EC2::NatGateway", {"State": "available"}),
        ("AWS::KMS::Key", {"State": "Enabled"}),
        ("AWS::SQS::Queue", {}),
        ("AWS::Lambda::Function", {}),
    ],
)
def test_a_healthy_state_is_meant(resource_type: str, meant: dict[str, Any]) -> None:
    assert expected({"Type": resource_type}, {}, None) == meant


@pytest.mark.parametrize("count", [0, 1, 3])
def test_no_more_gateways_than_declared(count: int) -> None:
    resources = {"Vpc": VPC} | {f"Nat{number}": NAT for number in range(count)}
    assert expected(VPC, resources, None)["NatGateways"] == count


def test_nothing_is_meant_to_be_in_the_default_security_group() -> None:
    assert expected(VPC, {}, None)["DefaultSecurityGroup"] == {"Interfaces": 0, "Rules": 0}


@pytest.mark.parametrize(("level", "logs"), [("ERROR", True), ("INFO", True), ("OFF", False)])
def test_a_stage_that_logs_needs_the_accounts_role(level: str, logs: bool) -> None:
    settings = [{"HttpMethod": "*", "ResourcePath": "/*", "LoggingLevel": level}]
    stage = {"Type": "AWS::ApiGateway::Stage", "Properties": {"MethodSettings": settings}}
    assert expected(stage, {}, None) == ({"AccountLoggingRole": "there"} if logs else {})
    assert expected({"Type": "AWS::ApiGateway::Stage"}, {}, None) == {}


@pytest.mark.parametrize("kind", ["Function", "Version"])
def test_functions_run_the_code_that_is_packaged(kind: str) -> None:
    digest = b64encode(sha256(CODE.zip()).digest()).decode()
    assert expected({"Type": f"AWS::Lambda::{kind}"}, {}, CODE) == {"CodeSha256": digest}
