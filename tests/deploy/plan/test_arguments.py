"""Options of a deployment as CloudFormation gets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.stub import Stubber

from tapgen.aws.account import Connection
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.plan.arguments import change_set_arguments
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.target.run import Run
from tapgen.model.deployed.events import Updated
from tapgen.payments.platform import PLATFORM

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.model.stack import Stack
    from tapgen.render.rendering import Rendered
    from tests.lab import Lab

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


def target_with(lab: Lab, *, real: bool = False, **options: Any) -> Target:
    connection = Connection(endpoint_url=lab.local.endpoint_url) if real else None
    return lab.target(*stacks(lab), connection=connection, **options)


def test_nothing_is_asked_for_and_what_was_set_before_is_cleared(lab: Lab) -> None:
    target = target_with(lab)
    network = target.stacks["network"]
    assert change_set_arguments(target, network, "CREATE") == {"NotificationARNs": []}
    assert change_set_arguments(target, network, "UPDATE") == {
        "NotificationARNs": [],
        "RollbackConfiguration": {"RollbackTriggers": []},
    }


def test_role_and_topics_go_with_every_change_set_but_an_import(lab: Lab) -> None:
    target = target_with(lab, role_arn=ROLE, notification_arns=(TOPIC,), express=True)
    assert change_set_arguments(target, target.stacks["network"], "IMPORT") == {}
    for kind in ("CREATE", "UPDATE"):
        arguments = change_set_arguments(target, target.stacks["network"], kind)
        assert (arguments["RoleARN"], arguments["NotificationARNs"]) == (ROLE, [TOPIC])


def test_express_mode_keeps_rollback_and_the_local_aws_does_without(lab: Lab) -> None:
    real = target_with(lab, express=True, real=True)
    network = real.stacks["network"]
    for kind in ("CREATE", "UPDATE"):
        config = change_set_arguments(real, network, kind)["DeploymentConfig"]
        assert config == {"Mode": "EXPRESS", "DisableRollback": False}
    assert "DeploymentConfig" not in change_set_arguments(real, network, "IMPORT")
    local = target_with(lab, express=True)
    assert "DeploymentConfig" not in change_set_arguments(local, network, "CREATE")


def test_alarms_that_exist_in_the_region_roll_an_update_back(lab: Lab) -> None:
    target = target_with(lab, rollback_alarms=True, monitoring_minutes=5)
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
    without = lab.target(network, rollback_alarms=True)
    assert change_set_arguments(without, network, "UPDATE")["RollbackConfiguration"] == nothing


def test_an_update_with_all_options_arrives(lab: Lab) -> None:
    lab.deploy(*stacks(lab))
    target = lab.target(
        *stacks(lab, "two"),
        express=True,
        role_arn=lab.role(),
        notification_arns=(f"arn:aws:sns:us-east-1:{lab.account}:events",),
        rollback_alarms=True,
    )
    deployment = Deployment(Run.on(target), target.graph)
    outcomes = deployment.carry_out(lab.plan(deployment), SILENT)
    assert isinstance(outcomes["network"], Updated)


def test_the_alarms_are_those_of_the_layers(rendered: Rendered) -> None:
    alarms = PLATFORM.rollback_alarms
    for layer, name in alarms:
        resource = rendered.templates[layer].resources[name]
        assert resource["Type"] == "AWS::CloudWatch::Alarm"
    assert 0 < len(alarms) <= 5


def test_botocore_knows_what_is_sent(lab: Lab) -> None:
    target = target_with(lab, express=True, role_arn=ROLE, real=True)
    network = target.stacks["network"]
    arguments = change_set_arguments(target, network, "UPDATE")
    client = lab.client("cloudformation")
    sent = {"StackName": "lab-network", "ChangeSetName": "x", **arguments}
    with Stubber(client) as stubber:
        stubber.add_response("create_change_set", {"Id": "x", "StackId": "y"}, sent)
        client.create_change_set(**sent)
        stubber.assert_no_pending_responses()
