"""A peer's deployment counts only where it ends with the stacks that tapgen makes."""

from __future__ import annotations

import sys
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest

from benchmarks.endpoint.clock import LAYER_SECONDS, Times
from benchmarks.endpoint.server import Endpoint
from benchmarks.peers.deploying import Made, check, deployed, made
from benchmarks.peers.peer import PEERS, Deploy, Peer
from benchmarks.rows.deploy import ran, reaching

AT_ONCE: Final = Times(dict.fromkeys(LAYER_SECONDS, 0.0), change_set=0.0, call=0.0)
# Stands for a peer: makes one stack, with the color that it is told.
DEPLOYS: Final = """
import json
import sys
import boto3
cloudformation = boto3.client("cloudformation", region_name="us-east-1")
template = {
    "Parameters": {"Color": {"Type": "String"}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {"TopicArn": {"Value": {"Ref": "Topic"}}},
}
color = {"ParameterKey": "Color", "ParameterValue": sys.argv[1]}
stack = dict(StackName="one-data", TemplateBody=json.dumps(template), Parameters=[color])
try:
    cloudformation.create_stack(**stack)
except cloudformation.exceptions.AlreadyExistsException:
    try:
        cloudformation.update_stack(**stack)
    except cloudformation.exceptions.ClientError as error:
        assert "No updates are to be performed." in str(error)
"""
STACK: Final[dict[str, Any]] = {
    "status": "CREATE_COMPLETE",
    "parameters": {"Color": "red"},
    "outputs": {"TopicArn": "arn:aws:service:us-east-1:111111111111:kind/one-data-TopicArn"},
    "tags": {},
    "protection": False,
    "resources": {"Topic": "AWS::SNS::Topic"},
}
SCEPTRE, CDK = (next(peer for peer in PEERS if peer.name == name) for name in ("sceptre", "cdk"))


@pytest.fixture
def peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Peer:
    monkeypatch.setattr("benchmarks.peers.peer.FOLDER", tmp_path)
    SCEPTRE.project.mkdir(parents=True)
    return SCEPTRE


def deploying(color: str) -> Deploy:
    return Deploy((sys.executable, "-c", DEPLOYS, color))


@pytest.mark.slow
def test_a_deployment_is_measured_first_and_with_nothing_to_do(peer: Peer) -> None:
    first, nothing = deployed(peer, deploying("red"), {"one-data": STACK}, AT_ONCE)
    assert first.calls == {"cloudformation:CreateStack": 1}
    assert nothing.calls == {"cloudformation:CreateStack": 1, "cloudformation:UpdateStack": 1}
    assert nothing.own_calls == 2
    assert first.cost.cpu > 0.0
    with pytest.raises(RuntimeError, match=r"4.*differs from tapgen in parameters of one-data$"):
        deployed(peer, deploying("blue"), {"one-data": STACK}, AT_ONCE)


@pytest.mark.slow
def test_what_stands_at_the_endpoint_is_told_by_stack(peer: Peer) -> None:
    with Endpoint(AT_ONCE) as endpoint:
        assert made(endpoint) == {}
        for color in ("red", "blue"):
            command = reaching(endpoint, peer.command(deploying(color).arguments))
            ran(endpoint, command)
        assert made(endpoint) == {
            "one-data": {**STACK, "status": "UPDATE_COMPLETE", "parameters": {"Color": "blue"}}
        }


def changed(part: str, value: object) -> Made:
    stacks = deepcopy({"one-data": STACK})
    stacks["one-data"][part] = value
    return stacks


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("status", "UPDATE_COMPLETE"),
        ("parameters", {}),
        ("outputs", {**STACK["outputs"], "Other": "value"}),
        ("tags", {"a": "b"}),
        ("protection", True),
        ("resources", {}),
    ],
)
def test_each_part_of_a_stack_has_to_be_the_same(part: str, value: object) -> None:
    with pytest.raises(RuntimeError, match=f"differs from tapgen in {part} of one-data"):
        check(SCEPTRE, changed(part, value), {"one-data": STACK})


def test_the_same_stacks_have_to_be_there() -> None:
    check(SCEPTRE, {"one-data": STACK}, {"one-data": STACK})
    with pytest.raises(RuntimeError, match="creates different stacks: two-data"):
        check(SCEPTRE, {"two-data": STACK}, {"one-data": STACK})


def test_a_peer_with_values_in_its_templates_has_no_parameters_and_more_outputs() -> None:
    check(CDK, changed("parameters", {"BootstrapVersion": "33"}), {"one-data": STACK})
    check(CDK, changed("outputs", {**STACK["outputs"], "ExportsOutput": "x"}), {"one-data": STACK})
    with pytest.raises(RuntimeError, match="outputs of one-data"):
        check(CDK, changed("outputs", {"ExportsOutput": "x"}), {"one-data": STACK})
    with pytest.raises(RuntimeError, match="resources of one-data"):
        check(CDK, changed("resources", {}), {"one-data": STACK})
