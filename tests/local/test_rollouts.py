"""An alias of a function moves by CodeDeploy where its update policy says so, and goes back."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen.local import client
from tests.local.conftest import Account
from tests.local.rollouts import (
    AT_ONCE,
    STACK,
    Rollout,
    alias,
    begin,
    called,
    deployment,
    shifting,
)
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.client import LocalAws

FIRST = Rollout()
LINEAR = "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes"


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS whose minutes last a fiftieth of a second: an hour is over soon."""
    project = tmp_path_factory.mktemp("hurried")
    yield client.start(project, minute=0.02, timeout=PATIENCE_SECONDS)
    client.stop(project)


@pytest.fixture
def quick(hurried: LocalAws, account: Account) -> Account:
    """An account of it, with the stack at its first version."""
    quick = Account(hurried, account.id)
    assert quick.deploy(STACK, FIRST.resources())["StackStatus"] == "CREATE_COMPLETE"
    return quick


@pytest.fixture
def held(local: LocalAws) -> Iterator[None]:
    """Shifts of the function stay at their first step until the test lets go of them."""
    client.inject(local, {"shifts": ["worker", "other"]})
    yield
    client.inject(local, {})


@pytest.fixture
def made(account: Account) -> Account:
    """An account with the stack in it, at its first version."""
    assert account.deploy(STACK, FIRST.resources())["StackStatus"] == "CREATE_COMPLETE"
    return account


@pytest.mark.slow
@pytest.mark.usefixtures("held")
def test_traffic_shifts_by_weight_and_comes_to_the_new_version(made: Account) -> None:
    assert made.client("codedeploy").list_deployments()["deployments"] == []  # none on creation
    begin(made, replace(FIRST, version=2, answer="Succeeded"))
    shifting(made)
    assert alias(made) == ("1", {"2": 0.1})
    assert called(made, 20).count("v2") == 2
    under_way = deployment(made)
    assert (under_way["status"], under_way["creator"]) == ("InProgress", "user")
    client.inject(made.local, {})
    assert made.settled(STACK)["StackStatus"] == "UPDATE_COMPLETE"
    assert alias(made) == ("2", {})
    assert called(made, 3) == ["v2"] * 3
    done = deployment(made)
    assert done["status"] == "Succeeded"
    codedeploy = made.client("codedeploy")
    (target,) = codedeploy.list_deployment_targets(deploymentId=done["deploymentId"])["targetIds"]
    told = codedeploy.get_deployment_target(deploymentId=done["deploymentId"], targetId=target)
    told = told["deploymentTarget"]["lambdaTarget"]
    assert [(one["lifecycleEventName"], one["status"]) for one in told["lifecycleEvents"]] == [
        ("BeforeAllowTraffic", "Succeeded"),
        ("AllowTraffic", "Succeeded"),
        ("AfterAllowTraffic", "Succeeded"),
    ]
    assert told["lambdaFunctionInfo"] == {
        "functionName": "worker",
        "functionAlias": "live",
        "currentVersion": "1",
        "targetVersion": "2",
        "targetVersionWeight": 1.0,
    }


@pytest.mark.slow
@pytest.mark.usefixtures("held")
def test_a_bad_version_rings_and_goes_back(made: Account) -> None:
    begin(made, replace(FIRST, version=2, breaks=True))
    shifting(made)
    assert "" in called(made, 10)
    assert made.settled(STACK)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert alias(made) == ("1", {})
    back = deployment(made)
    failed = made.client("codedeploy").get_deployment(
        deploymentId=back["rollbackInfo"]["rollbackTriggeringDeploymentId"]
    )["deploymentInfo"]
    assert (back["creator"], back["status"], failed["status"]) == (
        "codeDeployRollback",
        "Succeeded",
        "Stopped",
    )
    why = (
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you "
        "selected, and the affected deployments have been stopped. Activated alarms: "
        "<worker-errors>"
    )
    assert failed["errorInformation"] == {"code": "ALARM_ACTIVE", "message": why}
    told = made.reasons(STACK)["Alias"]
    assert told.startswith(
        f'Resource handler returned message: "{failed["deploymentId"]} failed. {why}" '
    )
    assert told.endswith("HandlerErrorCode: InternalFailure)")
    # The alarm rings still: what comes next is stopped before anything is moved.
    stuck = made.deploy(STACK, replace(FIRST, version=3).resources())
    assert stuck["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "Activated alarms: <worker-errors>" in made.reasons(STACK)["Alias"]
    assert alias(made) == ("1", {})


@pytest.mark.slow
def test_a_hook_that_says_no_keeps_traffic_where_it_is(made: Account) -> None:
    refused = made.deploy(STACK, replace(FIRST, version=2, answer="Failed").resources())
    assert refused["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "The lifecycle event BeforeAllowTraffic failed: worker-hook" in json.dumps(
        made.reasons(STACK)["Alias"]
    )
    assert alias(made) == ("1", {})
    at_once = replace(FIRST, version=3, config=AT_ONCE)
    assert made.deploy(STACK, at_once.resources())["StackStatus"] == "UPDATE_COMPLETE"
    assert alias(made) == ("3", {})


@pytest.mark.slow
@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("how", ["cancel", "stop"])
def test_what_is_stopped_in_the_middle_goes_back(made: Account, how: str) -> None:
    begin(made, replace(FIRST, version=2))
    shifting(made)
    under_way = deployment(made)["deploymentId"]
    if how == "cancel":
        made.client("cloudformation").cancel_update_stack(StackName=STACK)
    else:
        made.client("codedeploy").stop_deployment(deploymentId=under_way)
    assert made.settled(STACK)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert alias(made) == ("1", {})
    told = made.client("codedeploy").get_deployment(deploymentId=under_way)["deploymentInfo"]
    assert (told["status"], told["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    reasons = [event.get("ResourceStatusReason") for event in made.events(STACK)]
    assert ("User Initiated" in reasons) == (how == "cancel")


@pytest.mark.slow
@pytest.mark.usefixtures("held")
def test_a_stack_that_is_deleted_in_the_middle_is_gone(made: Account) -> None:
    begin(made, replace(FIRST, version=2))
    shifting(made)
    assert made.delete(STACK)["StackStatus"] == "DELETE_COMPLETE"
    assert made.client("codedeploy").list_applications()["applications"] == []


@pytest.mark.slow
def test_a_stack_that_fails_later_shifts_back(made: Account) -> None:
    # A queue whose name is taken.
    made.client("sqs").create_queue(QueueName="taken")
    late = {
        "Type": "AWS::SQS::Queue",
        "DependsOn": "Alias",
        "Properties": {"QueueName": "taken"},
    }
    rollout = replace(FIRST, version=2, config=AT_ONCE, late=late)
    assert made.deploy(STACK, rollout.resources())["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert alias(made) == ("1", {})
    moves = made.client("codedeploy").list_deployments()["deployments"]
    assert len(moves) == 2  # there and back


@pytest.mark.slow
@pytest.mark.usefixtures("held")
def test_without_a_rollback_the_weights_stay(made: Account) -> None:
    begin(made, replace(FIRST, version=2, events=("DEPLOYMENT_FAILURE",)))
    shifting(made)
    made.client("codedeploy").stop_deployment(deploymentId=deployment(made)["deploymentId"])
    assert made.settled(STACK)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert alias(made) == ("1", {"2": 0.1})
    assert made.reasons(STACK)["Version"].startswith(
        "Unable to delete version because the following aliases reference it: [live]"
    )
    assert made.delete(STACK)["StackStatus"] == "DELETE_COMPLETE"


@pytest.mark.slow
def test_an_alarm_that_is_not_there_stops_it(made: Account) -> None:
    made.client("cloudwatch").delete_alarms(AlarmNames=["worker-errors"])
    wait_until(lambda: not made.client("cloudwatch").describe_alarms()["MetricAlarms"])
    after = made.deploy(STACK, replace(FIRST, version=2).resources())
    assert after["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "could not be retrieved: worker-errors" in made.reasons(STACK)["Alias"]
    assert alias(made) == ("1", {})


@pytest.mark.slow
@pytest.mark.usefixtures("held")
def test_two_stacks_shift_at_the_same_time(made: Account) -> None:
    other = replace(FIRST, function="other")
    assert made.deploy("other", other.resources())["StackStatus"] == "CREATE_COMPLETE"
    begin(made, replace(FIRST, version=2))
    begin(made, replace(other, version=2), "other")
    shifting(made)
    shifting(made, "other")
    client.inject(made.local, {"shifts": ["other"]})
    assert made.settled(STACK)["StackStatus"] == "UPDATE_COMPLETE"
    assert alias(made, "other") == ("1", {"2": 0.1})
    client.inject(made.local, {})
    assert made.settled("other")["StackStatus"] == "UPDATE_COMPLETE"


@pytest.mark.slow
def test_linear_traffic_comes_in_steps(quick: Account) -> None:
    begin(quick, replace(FIRST, version=2, config=LINEAR))
    seen = []
    while (now := alias(quick)) != ("2", {}):
        seen.append(now[1].get("2", 0.0))
    assert quick.settled(STACK)["StackStatus"] == "UPDATE_COMPLETE"
    assert seen == sorted(seen)  # never back
    assert {*seen} <= {step / 10 for step in range(10)}
    assert len({*seen}) > 2


@pytest.mark.slow
def test_a_hook_that_never_answers_fails_after_an_hour(quick: Account) -> None:
    silent = replace(FIRST, version=2, answer="nothing", config=AT_ONCE)
    assert quick.deploy(STACK, silent.resources())["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "worker-hook did not answer within 60 minutes." in quick.reasons(STACK)["Alias"]
    assert alias(quick) == ("1", {})


@pytest.mark.slow
def test_an_alias_without_the_policy_moves_at_once(quick: Account) -> None:
    plain = replace(FIRST, version=2, policy=False)
    assert quick.deploy(STACK, plain.resources())["StackStatus"] == "UPDATE_COMPLETE"
    assert alias(quick) == ("2", {})
    told = replace(FIRST, version=2).resources()
    told["Alias"]["Properties"]["Description"] = "said"
    for name in ("Application", "Group"):
        told[name]["Properties"]["Tags"] = [{"Key": "a", "Value": name}]
    assert quick.deploy(STACK, told)["StackStatus"] == "UPDATE_COMPLETE"
    assert quick.client("codedeploy").list_deployments()["deployments"] == []
    plainer = replace(FIRST, version=2).resources()
    assert quick.deploy(STACK, plainer)["StackStatus"] == "UPDATE_COMPLETE"
    arn = f"arn:aws:codedeploy:us-east-1:{quick.id}:application:worker"
    tags = quick.client("codedeploy").list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert not [tag for tag in tags if tag["Key"] == "a"]


@pytest.mark.slow
def test_an_alias_that_is_deleted_meanwhile_fails_the_deployment(made: Account, held: None) -> None:
    del held
    begin(made, replace(FIRST, version=2))
    shifting(made)
    made.client("lambda").delete_alias(FunctionName="worker", Name="live")
    client.inject(made.local, {})
    assert made.settled(STACK)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    back = deployment(made)
    assert (back["creator"], back["status"]) == ("codeDeployRollback", "Failed")
    assert "Alias not found" in made.reasons(STACK)["Alias"]


@pytest.mark.slow
def test_a_reset_ends_what_is_under_way(hurried: LocalAws, account: Account) -> None:
    quick = Account(hurried, account.id)
    client.inject(hurried, {"shifts": ["worker"]})
    quick.deploy(STACK, FIRST.resources())
    begin(quick, replace(FIRST, version=2))
    shifting(quick)
    client.reset(hurried)
    time.sleep(0.5)  # for what would come back
    assert quick.client("codedeploy").list_applications()["applications"] == []
    assert quick.client("codedeploy").list_deployments()["deployments"] == []


@pytest.mark.slow
def test_a_policy_may_depend_on_a_condition(quick: Account) -> None:
    """And what it refers to is made before the alias is moved."""
    resources = replace(FIRST, version=2, config=AT_ONCE).resources()
    update = resources["Alias"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    none = {"Ref": "AWS::NoValue"}
    update["BeforeAllowTrafficHook"] = {"Fn::If": ["Gradual", "absent", none]}
    resources["Alias"]["UpdatePolicy"] = {
        "CodeDeployLambdaAliasUpdate": {"Fn::If": ["ByCodeDeploy", update, none]}
    }
    # By name it would be made after the alias.
    resources["ZGroup"] = {**resources.pop("Group")}
    resources["ZGroup"]["Properties"]["DeploymentGroupName"] = "other-group"
    update["DeploymentGroupName"] = {"Ref": "ZGroup"}

    def template(gradual: str, by_codedeploy: str) -> str:
        conditions = {
            "Gradual": {"Fn::Equals": [gradual, "yes"]},
            "ByCodeDeploy": {"Fn::Equals": [by_codedeploy, "yes"]},
        }
        return json.dumps({"Conditions": conditions, "Resources": resources})

    moved = quick.deploy(STACK, {}, TemplateBody=template("no", "yes"))
    assert moved["StackStatus"] == "UPDATE_COMPLETE", quick.reasons(STACK)
    codedeploy = quick.client("codedeploy")
    which = {"applicationName": "worker", "deploymentGroupName": "other-group"}
    assert len(codedeploy.list_deployments(**which)["deployments"]) == 1
    for name in ("Function", "Version"):
        resources[name]["Properties"]["Description"] = "v3"
    refused = quick.deploy(STACK, {}, TemplateBody=template("yes", "yes"))
    assert refused["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "absent" in quick.reasons(STACK)["Alias"]
    plain = quick.deploy(STACK, {}, TemplateBody=template("no", "no"))
    assert plain["StackStatus"] == "UPDATE_COMPLETE"
    assert len(codedeploy.list_deployments(**which)["deployments"]) == 3  # with the one back


@pytest.mark.slow
def test_an_application_that_is_deleted_meanwhile_ends_nothing(made: Account, held: None) -> None:
    """Its deployment comes to its end; an alarm that nobody names rings for nobody."""
    del held
    begin(made, replace(FIRST, version=2))
    shifting(made)
    under_way = deployment(made)["deploymentId"]
    made.client("codedeploy").delete_application(applicationName="worker")
    client.inject(made.local, {})
    assert made.settled(STACK)["StackStatus"] == "UPDATE_COMPLETE"
    told = made.client("codedeploy").get_deployment(deploymentId=under_way)["deploymentInfo"]
    assert told["status"] == "Succeeded"


@pytest.mark.slow
def test_a_rollback_that_an_alarm_stops_can_be_continued(quick: Account) -> None:
    """The alias of a stack that fails later does not shift back while the alarm rings."""
    client.inject(quick.local, {"hold": ["create:Late"], "create:Late": "not today"})
    late = {"Type": "AWS::SQS::Queue", "DependsOn": "Alias", "Properties": {"QueueName": "q"}}
    begin(quick, replace(FIRST, version=2, config=AT_ONCE, late=late))
    wait_until(lambda: alias(quick) == ("2", {}))
    rings = {"AlarmName": "worker-errors", "StateReason": "a test"}
    quick.client("cloudwatch").set_alarm_state(StateValue="ALARM", **rings)
    client.inject(quick.local, {"create:Late": "not today"})
    assert quick.settled(STACK)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    assert alias(quick) == ("2", {})
    quick.client("cloudwatch").set_alarm_state(StateValue="OK", **rings)
    client.inject(quick.local, {})
    quick.client("cloudformation").continue_update_rollback(StackName=STACK)
    assert quick.settled(STACK)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert alias(quick) == ("1", {})
