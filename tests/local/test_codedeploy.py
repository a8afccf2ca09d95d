"""CodeDeploy's API: what it takes, refuses and tells, without a stack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.templates import trusting
from tests.local.rollouts import called, made_function, published
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.local.conftest import Account

STYLE: Final = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
AT_ONCE: Final = "CodeDeployDefault.LambdaAllAtOnce"


def role(account: Account, service: str = "codedeploy") -> str:
    made = account.client("iam").create_role(
        RoleName=f"for-{service}", AssumeRolePolicyDocument=json.dumps(trusting(service))
    )
    return str(made["Role"]["Arn"])


def group(account: Account, **more: Any) -> dict[str, Any]:
    """What a deployment group is made of; its application and role are there."""
    account.client("codedeploy").create_application(applicationName="app", computePlatform="Lambda")
    return {
        "applicationName": "app",
        "deploymentGroupName": "group",
        "deploymentConfigName": AT_ONCE,
        "serviceRoleArn": role(account),
        "deploymentStyle": STYLE,
        **more,
    }


def revision(current: str, target: str, **hooks: str) -> dict[str, Any]:
    properties = {
        "Name": "worker",
        "Alias": "live",
        "CurrentVersion": current,
        "TargetVersion": target,
    }
    content = {
        "version": 0.0,
        "Resources": [{"worker": {"Type": "AWS::Lambda::Function", "Properties": properties}}],
        "Hooks": [{name: hook} for name, hook in hooks.items()],
    }
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(content)}}


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return str(error.value.response["Error"]["Code"])


def ended(account: Account, **request: Any) -> dict[str, Any]:
    """A deployment of the group that has come to its end."""
    codedeploy = account.client("codedeploy")
    made = codedeploy.create_deployment(
        applicationName="app", deploymentGroupName="group", **request
    )["deploymentId"]

    def over() -> dict[str, Any] | None:
        told: dict[str, Any] = codedeploy.get_deployment(deploymentId=made)["deploymentInfo"]
        return told if told["status"] in {"Succeeded", "Failed", "Stopped"} else None

    return wait_until(over, "the deployment")


def test_names_are_unique_and_what_is_not_there_is_told(account: Account) -> None:
    codedeploy = account.client("codedeploy")
    asked = group(account)
    codedeploy.create_deployment_group(**asked)
    again = {"applicationName": "app", "computePlatform": "Lambda"}
    assert refused(codedeploy.create_application, **again) == "ApplicationAlreadyExistsException"
    assert (
        refused(codedeploy.create_deployment_group, **asked)
        == "DeploymentGroupAlreadyExistsException"
    )
    assert refused(codedeploy.get_application, applicationName="other") == (
        "ApplicationDoesNotExistException"
    )
    other = {"applicationName": "app", "deploymentGroupName": "other"}
    missing = "DeploymentGroupDoesNotExistException"
    assert refused(codedeploy.get_deployment_group, **other) == missing
    assert refused(codedeploy.list_deployments, **other) == missing
    assert codedeploy.list_deployments(applicationName="app")["deployments"] == []
    assert refused(codedeploy.list_deployments, applicationName="other") == (
        "ApplicationDoesNotExistException"
    )
    assert refused(codedeploy.get_deployment, deploymentId="d-0") == (
        "DeploymentDoesNotExistException"
    )
    assert codedeploy.list_applications()["applications"] == ["app"]
    listed = codedeploy.list_deployment_groups(applicationName="app")
    assert listed["deploymentGroups"] == ["group"]
    codedeploy.delete_deployment_group(applicationName="app", deploymentGroupName="group")
    codedeploy.create_deployment_group(**asked)
    codedeploy.delete_application(applicationName="app")
    codedeploy.delete_application(applicationName="app")
    codedeploy.create_application(**again)
    assert codedeploy.list_deployment_groups(applicationName="app")["deploymentGroups"] == []


TEN: Final = [{"name": f"alarm-{number}"} for number in range(11)]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"deploymentConfigName": "Mine"}, "DeploymentConfigDoesNotExistException"),
        ({"serviceRoleArn": "arn:aws:iam::1:role/none"}, "InvalidRoleException"),
        (
            {"deploymentStyle": {**STYLE, "deploymentType": "IN_PLACE"}},
            "InvalidDeploymentStyleException",
        ),
        (
            {"autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_SUCCESS"]}},
            "InvalidAutoRollbackConfigException",
        ),
        (
            {"alarmConfiguration": {"enabled": True, "alarms": []}},
            "InvalidAlarmConfigException",
        ),
        (
            {"alarmConfiguration": {"enabled": True, "alarms": [TEN[0], TEN[0]]}},
            "InvalidAlarmConfigException",
        ),
        (
            {"alarmConfiguration": {"enabled": True, "alarms": TEN}},
            "AlarmsLimitExceededException",
        ),
    ],
)
def test_a_group_that_codedeploy_refuses(
    account: Account, changed: dict[str, Any], code: str
) -> None:
    codedeploy = account.client("codedeploy")
    good = group(account)
    assert refused(codedeploy.create_deployment_group, **{**good, **changed}) == code
    codedeploy.create_deployment_group(**good)
    update = {"applicationName": "app", "currentDeploymentGroupName": "group"}
    assert refused(codedeploy.update_deployment_group, **update, **changed) == code


def test_a_role_has_to_trust_codedeploy(account: Account) -> None:
    codedeploy = account.client("codedeploy")
    other = role(account, "lambda")
    with pytest.raises(ClientError, match="permissions required to assume the role") as error:
        codedeploy.create_deployment_group(**group(account, serviceRoleArn=other))
    assert other in str(error.value)


def test_other_platforms_are_not_served(account: Account) -> None:
    codedeploy = account.client("codedeploy")
    assert refused(
        codedeploy.create_application, applicationName="app", computePlatform="Server"
    ) == ("InvalidComputePlatformException")


def test_a_group_is_renamed_and_told(account: Account) -> None:
    codedeploy = account.client("codedeploy")
    codedeploy.create_deployment_group(**group(account, tags=[{"Key": "a", "Value": "1"}]))
    codedeploy.update_deployment_group(
        applicationName="app",
        currentDeploymentGroupName="group",
        newDeploymentGroupName="other",
        deploymentConfigName="CodeDeployDefault.LambdaLinear10PercentEvery3Minutes",
    )
    told = codedeploy.get_deployment_group(applicationName="app", deploymentGroupName="other")
    told = told["deploymentGroupInfo"]
    assert told["deploymentConfigName"] == "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes"
    assert (told["computePlatform"], told["deploymentStyle"]) == ("Lambda", STYLE)


@pytest.mark.parametrize(
    ("name", "routing"),
    [
        (AT_ONCE, {"type": "AllAtOnce"}),
        (
            "CodeDeployDefault.LambdaCanary10Percent15Minutes",
            {
                "type": "TimeBasedCanary",
                "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 15},
            },
        ),
        (
            "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
            {
                "type": "TimeBasedLinear",
                "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 1},
            },
        ),
    ],
)
def test_configurations_tell_how_traffic_is_shifted(
    account: Account, name: str, routing: dict[str, Any]
) -> None:
    codedeploy = account.client("codedeploy")
    told = codedeploy.get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"]
    assert (told["computePlatform"], told["trafficRoutingConfig"]) == ("Lambda", routing)
    assert len(codedeploy.list_deployment_configs()["deploymentConfigsList"]) == 9
    assert refused(codedeploy.get_deployment_config, deploymentConfigName="Mine") == (
        "DeploymentConfigDoesNotExistException"
    )


def test_tags_come_and_go(account: Account) -> None:
    codedeploy = account.client("codedeploy")
    codedeploy.create_deployment_group(**group(account, tags=[{"Key": "a", "Value": "1"}]))
    place = f"arn:aws:codedeploy:us-east-1:{account.id}"
    arn = f"{place}:deploymentgroup:app/group"
    codedeploy.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    codedeploy.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert codedeploy.list_tags_for_resource(ResourceArn=arn)["Tags"] == [
        {"Key": "b", "Value": "2"}
    ]
    assert codedeploy.list_tags_for_resource(ResourceArn=f"{place}:application:app")["Tags"] == []
    assert refused(codedeploy.list_tags_for_resource, ResourceArn=f"{place}:application:none") == (
        "InvalidArnException"
    )


def test_a_deployment_made_by_hand_moves_the_alias(account: Account) -> None:
    codedeploy = account.client("codedeploy")
    codedeploy.create_deployment_group(**group(account))
    made_function(account)
    published(account, "return 'v2'")
    done = ended(account, revision=revision("1", "2"), description="by hand")
    assert (done["status"], done["description"]) == ("Succeeded", "by hand")
    assert done["deploymentOverview"]["Succeeded"] == 1
    assert called(account) == ["v2"]
    one = done["deploymentId"]
    (told,) = codedeploy.batch_get_deployments(deploymentIds=[one])["deploymentsInfo"]
    assert told["deploymentId"] == one
    targets = codedeploy.batch_get_deployment_targets(deploymentId=one, targetIds=["worker:live"])
    targets = targets["deploymentTargets"]
    assert targets[0]["lambdaTarget"]["status"] == "Succeeded"
    named = codedeploy.batch_get_deployment_targets(deploymentId=one, targetIds=["other"])
    assert named["deploymentTargets"] == []
    assert refused(codedeploy.get_deployment_target, deploymentId=one, targetId="other") == (
        "DeploymentTargetDoesNotExistException"
    )
    assert refused(codedeploy.stop_deployment, deploymentId=one) == (
        "DeploymentAlreadyCompletedException"
    )
    which = {"applicationName": "app", "deploymentGroupName": "group"}
    assert codedeploy.list_deployments(includeOnlyStatuses=["Succeeded"], **which)[
        "deployments"
    ] == [one]
    assert codedeploy.list_deployments(includeOnlyStatuses=["Failed"])["deployments"] == []


@pytest.mark.parametrize(
    ("versions", "code", "words"),
    [
        (("1", "1"), "INVALID_LAMBDA_CONFIGURATION", "has an invalid configuration."),
        (
            ("2", "1"),
            "INVALID_LAMBDA_CONFIGURATION",
            "The Lambda function alias version does not match the current version in AppSpec file.",
        ),
        (("1", "7"), "INVALID_LAMBDA_FUNCTION", "Function not found"),
    ],
)
def test_a_deployment_from_or_to_elsewhere_fails(
    account: Account, versions: tuple[str, str], code: str, words: str
) -> None:
    account.client("codedeploy").create_deployment_group(**group(account))
    made_function(account)
    done = ended(account, revision=revision(*versions))
    assert (done["status"], done["errorInformation"]["code"]) == ("Failed", code)
    assert words in done["errorInformation"]["message"]
    assert called(account) == ["v1"]


def test_a_revision_has_to_be_read(account: Account) -> None:
    codedeploy = account.client("codedeploy")
    codedeploy.create_deployment_group(**group(account))
    which = {"applicationName": "app", "deploymentGroupName": "group"}
    for content in ("no JSON", "{}", '{"Resources": [{"a": {}}]}'):
        given = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
        assert refused(codedeploy.create_deployment, revision=given, **which) == (
            "InvalidRevisionException"
        )
    assert refused(codedeploy.create_deployment, **which) == "InvalidRevisionException"


def test_a_hook_that_is_not_there_fails_the_deployment(account: Account) -> None:
    account.client("codedeploy").create_deployment_group(**group(account))
    made_function(account)
    published(account, "return 'v2'")
    done = ended(account, revision=revision("1", "2", BeforeAllowTraffic="none"))
    assert done["errorInformation"]["code"] == "INVALID_LAMBDA_FUNCTION"
    assert called(account) == ["v1"]


def test_a_deployment_that_breaks_off_has_an_end(account: Account) -> None:
    account.client("codedeploy").create_deployment_group(**group(account))
    made_function(account)
    published(account, "return 'v2'")
    odd: Any = {"BeforeAllowTraffic": ["no", "name"]}
    done = ended(account, revision=revision("1", "2", **odd))
    assert (done["status"], done["errorInformation"]["code"]) == ("Failed", "INTERNAL_ERROR")


@pytest.mark.slow
def test_a_hook_answers_once_and_while_it_is_asked(account: Account) -> None:
    """One that says nothing is waited for, and somebody else may answer for it."""
    codedeploy = account.client("codedeploy")
    codedeploy.create_deployment_group(**group(account))
    made_function(account)
    published(account, "return 'v2'")
    which = {"applicationName": "app", "deploymentGroupName": "group"}
    asked = revision("1", "2", AfterAllowTraffic="worker")
    made = codedeploy.create_deployment(revision=asked, **which)["deploymentId"]
    answer = {"deploymentId": made, "lifecycleEventHookExecutionId": "none", "status": "Succeeded"}
    put = codedeploy.put_lifecycle_event_hook_execution_status
    assert refused(put, **answer) == "InvalidLifecycleEventHookExecutionIdException"
    assert refused(put, **{**answer, "status": "Pending"}) == (
        "InvalidLifecycleEventHookExecutionStatusException"
    )
    assert refused(codedeploy.create_deployment, revision=asked, **which) == (
        "DeploymentLimitExceededException"
    )
    wait_until(lambda: called(account) == ["v2"])  # the alias has moved, the hook is asked
    assert refused(put, **{**answer, "deploymentId": "d-0"}) == "DeploymentDoesNotExistException"
    codedeploy.stop_deployment(deploymentId=made, autoRollbackEnabled=True)
    wait_until(lambda: called(account) == ["v1"])
    told = codedeploy.get_deployment(deploymentId=made)["deploymentInfo"]
    assert "rollbackDeploymentId" in told["rollbackInfo"]


@pytest.mark.slow
def test_a_hook_that_has_answered_is_not_heard_again(account: Account) -> None:
    account.client("codedeploy").create_deployment_group(**group(account))
    made_function(account)
    published(account, "return 'v2'")
    lines = [
        "import boto3",
        "deploy, notes = boto3.client('codedeploy'), boto3.client('ssm')",
        "asked = {'deploymentId': event['DeploymentId'], 'status': 'Succeeded'}",
        "asked['lifecycleEventHookExecutionId'] = event['LifecycleEventHookExecutionId']",
        "put = deploy.put_lifecycle_event_hook_execution_status",
        "put(**asked)",
        "try: put(**asked)",
        "except Exception as error: told = type(error).__name__",
        "notes.put_parameter(Name='/told', Value=told, Type='String')",
    ]
    made_function(account, "hook", "\n    ".join(lines))
    done = ended(account, revision=revision("1", "2", BeforeAllowTraffic="hook"))
    assert done["status"] == "Succeeded"

    def told() -> str | None:
        found = account.client("ssm").get_parameters(Names=["/told"])["Parameters"]
        return str(found[0]["Value"]) if found else None

    assert wait_until(told) == "LifecycleEventAlreadyCompletedException"
