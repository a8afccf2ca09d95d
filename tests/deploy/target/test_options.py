"""Options of a deployment: what reaches CloudFormation, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from tapgen.aws.account import Connection
from tapgen.deploy.plan.arguments import ROLLBACK_ALARMS, change_set_arguments
from tapgen.deploy.plan.requests import change_set_request
from tapgen.deploy.target.options import Options, refuse_express
from tapgen.errors import RefusedError
from tapgen.model.deployed.events import Updated
from tapgen.payments.platform import PLATFORM
from tapgen.settings.store import load
from tests.paths import ROOT

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.model.stack import Stack
    from tapgen.render.rendering import Rendered
    from tests.lab import Lab

ENVS = ROOT / "envs"
ROLE = "arn:aws:iam::123456789012:role/deployer"
TOPIC = "arn:aws:sns:us-east-1:123456789012:events"


def alarm(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": name,
            "MetricName": "5XXError",
            "Namespace": "AWS/ApiGateway",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
        },
    }


def stacks(lab: Lab, value: str = "one") -> tuple[Stack, Stack, Stack]:
    return (
        lab.stack("network", {"Note": lab.note({"Ref": "V"})}, parameters={"V": value}),
        lab.stack("observability", {"Api5xxAlarm": alarm("lab-5xx"), "Other": alarm("lab-other")}),
        lab.stack("cdn", {"ErrorRateAlarm": alarm("lab-cdn")}, region="eu-west-1"),
    )


def target_with(lab: Lab, options: Options, *, real: bool = False) -> Target:
    connection = Connection(endpoint_url=lab.local.endpoint_url) if real else None
    target = lab.target(*stacks(lab), connection=connection)
    target.options = options
    return target


def test_nothing_is_asked_for_and_what_was_set_before_is_cleared(lab: Lab) -> None:
    target = target_with(lab, Options())
    network = target.stacks["network"]
    assert change_set_arguments(target, network, "CREATE") == {"NotificationARNs": []}
    assert change_set_arguments(target, network, "UPDATE") == {
        "NotificationARNs": [],
        "RollbackConfiguration": {"RollbackTriggers": []},
    }


def test_role_and_topics_go_with_every_change_set(lab: Lab) -> None:
    target = target_with(lab, Options(role_arn=ROLE, notification_arns=(TOPIC,)))
    for kind in ("CREATE", "IMPORT", "UPDATE"):
        arguments = change_set_arguments(target, target.stacks["network"], kind)
        assert (arguments["RoleARN"], arguments["NotificationARNs"]) == (ROLE, [TOPIC])


def test_express_mode_keeps_rollback_and_the_local_aws_does_without(lab: Lab) -> None:
    real = target_with(lab, Options(express=True), real=True)
    network = real.stacks["network"]
    for kind in ("CREATE", "UPDATE"):
        config = change_set_arguments(real, network, kind)["DeploymentConfig"]
        assert config == {"Mode": "EXPRESS", "DisableRollback": False}
    assert "DeploymentConfig" not in change_set_arguments(real, network, "IMPORT")
    local = target_with(lab, Options(express=True))
    assert "DeploymentConfig" not in change_set_arguments(local, network, "CREATE")


def test_alarms_that_exist_in_the_region_roll_an_update_back(lab: Lab) -> None:
    options = Options(rollback_alarms=True, monitoring_minutes=5)
    target = target_with(lab, options)
    network = target.stacks["network"]
    nothing: dict[str, Any] = {"RollbackTriggers": []}
    assert change_set_arguments(target, network, "UPDATE")["RollbackConfiguration"] == nothing
    assert "RollbackConfiguration" not in change_set_arguments(target, network, "CREATE")
    lab.deploy(*stacks(lab))
    arn = f"arn:aws:cloudwatch:us-east-1:{lab.account}:alarm:lab-5xx"
    assert change_set_arguments(target, network, "UPDATE")["RollbackConfiguration"] == {
        "RollbackTriggers": [{"Arn": arn, "Type": "AWS::CloudWatch::Alarm"}],
        "MonitoringTimeInMinutes": 5,
    }
    without = lab.target(network)
    without.options = options
    assert change_set_arguments(without, network, "UPDATE")["RollbackConfiguration"] == nothing


def test_an_update_with_all_options_arrives(lab: Lab) -> None:
    lab.deploy(*stacks(lab))
    options = Options(
        express=True,
        role_arn=f"arn:aws:iam::{lab.account}:role/deployer",
        notification_arns=(f"arn:aws:sns:us-east-1:{lab.account}:events",),
        rollback_alarms=True,
    )
    deployment = lab.deployment(*stacks(lab, "two"))
    deployment.target.options = options
    for _ in deployment.carry_out(lab.plan(deployment)):
        pass
    assert isinstance(deployment.outcomes["network"], Updated)


def test_other_options_are_another_change_set(lab: Lab) -> None:
    plain, told = target_with(lab, Options()), target_with(lab, Options(notification_arns=(TOPIC,)))
    names = {
        change_set_request(target, target.stacks["network"], "CREATE", {}).name
        for target in (plain, told, target_with(lab, Options()))
    }
    assert len(names) == 2


def test_the_alarms_are_those_of_the_layers(rendered: Rendered) -> None:
    for layer, name in ROLLBACK_ALARMS:
        resource = rendered.templates[layer].resources[name]
        assert resource["Type"] == "AWS::CloudWatch::Alarm"
    assert len(ROLLBACK_ALARMS) <= 5


def test_settings_and_options_make_one(tmp_path: Path) -> None:
    for name in ("common", "dev"):
        text = (ENVS / f"{name}.yaml").read_text()
        if name == "dev":
            text += f"\ndeployment:\n  notification_arn: {TOPIC}\n  rollback_alarms: true\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    options = Options.of(load(tmp_path, PLATFORM, "dev"))
    assert options == Options(
        notification_arns=(TOPIC,), rollback_alarms=True, monitoring_minutes=5
    )
    assert Options.of(load(ENVS, PLATFORM, "dev")) == Options(monitoring_minutes=5)
    same = options.overridden(express=False, role_arn=None, notification_arns=())
    assert same == options
    assert options.overridden(express=True, role_arn=ROLE, notification_arns=("other",)) == replace(
        options, express=True, role_arn=ROLE, notification_arns=("other",)
    )


def test_express_mode_is_refused_where_protected() -> None:
    refuse_express([(Options(), load(ENVS, PLATFORM, "prod"))])
    refuse_express([(Options(express=True), load(ENVS, PLATFORM, "dev"))])
    with pytest.raises(RefusedError, match="express mode is not for prod, which is protected"):
        refuse_express([(Options(express=True), load(ENVS, PLATFORM, "prod"))])


def test_botocore_knows_what_is_sent(lab: Lab) -> None:
    target = target_with(lab, Options(express=True, role_arn=ROLE), real=True)
    network = target.stacks["network"]
    arguments = change_set_arguments(target, network, "UPDATE")
    client = lab.client("cloudformation")
    sent = {"StackName": "lab-network", "ChangeSetName": "x", **arguments}
    with Stubber(client) as stubber:
        stubber.add_response("create_change_set", {"Id": "x", "StackId": "y"}, sent)
        client.create_change_set(**sent)
        stubber.assert_no_pending_responses()
