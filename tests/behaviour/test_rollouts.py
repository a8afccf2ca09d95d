"""Traffic that shifts from one version of a function to another, and what stops it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from botocore import xform_name

from tests.behaviour.account import Aws, Stack, refused
from tests.behaviour.facts import documented, fact
from tests.behaviour.templates import python_function, service_role

CLOUDFORMATION: Final = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-attribute-updatepolicy.html"
)
CODEDEPLOY: Final = "https://docs.aws.amazon.com/codedeploy/latest"
LAMBDA: Final = "https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html"
RECORDED: Final = (
    "https://github.com/josefloressv/aws-devops-engineer/blob/"
    "bd7c90acf9e51c0dd16331d74af086863cf038f5/scenarios/domain-1-sdlc/sam-canary-alarm-rollback/"
    "README.md"
)
ISSUES: Final = "https://github.com/aws/serverless-application-model/issues"
CANARY: Final = "CodeDeployDefault.LambdaCanary10Percent5Minutes"
AT_ONCE: Final = "CodeDeployDefault.LambdaAllAtOnce"
LATE_SECONDS: Final = 10
MANAGED: Final = "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda"
HOOK: Final = """
import boto3

def handler(event, context):
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="ANSWER",
    )
"""


@dataclass(frozen=True)
class Rollout:
    """A function behind an alias that CodeDeploy moves, as a template; `name` begins its names."""

    name: str
    version: int = 1
    config: str = AT_ONCE
    answer: str = ""
    """What the hook before traffic says; there is none without one."""
    hook: str = "CodeDeployHook_"
    """How the name of the hook begins."""
    late: int = 0
    """Seconds after which a resource fails that is made after the alias; 0 for none."""
    group: tuple[tuple[str, Any], ...] = ()
    """Properties of the deployment group in place of others."""

    def template(self) -> dict[str, Any]:
        text = f"v{self.version}"
        function = python_function(
            self.name, f"def handler(event, context):\n    return '{text}'\n", Timeout=30
        )
        function["Properties"]["Description"] = text
        policy = {
            "ApplicationName": {"Ref": "Application"},
            "DeploymentGroupName": {"Ref": "Group"},
            **({"BeforeAllowTrafficHook": {"Ref": "Hook"}} if self.answer else {}),
        }
        resources = {
            "Role": service_role(f"{self.name}-f", "lambda", Policies=self._hooks_permissions()),
            "Shifter": service_role(f"{self.name}-d", "codedeploy", ManagedPolicyArns=[MANAGED]),
            "Function": function,
            "Version": {
                "Type": "AWS::Lambda::Version",
                "UpdateReplacePolicy": "Retain",
                "DependsOn": "Function",
                "Properties": {"FunctionName": {"Ref": "Function"}, "Description": text},
            },
            "Alias": {
                "Type": "AWS::Lambda::Alias",
                "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": policy},
                "Properties": {
                    "FunctionName": {"Ref": "Function"},
                    "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
                    "Name": "live",
                },
            },
            "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": self._alarm()},
            "Application": {
                "Type": "AWS::CodeDeploy::Application",
                "Properties": {"ApplicationName": self.name, "ComputePlatform": "Lambda"},
            },
            "Group": {"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": self._group()},
        }
        if self.answer:
            resources["Hook"] = python_function(
                f"{self.hook}{self.name}", HOOK.replace("ANSWER", self.answer), Timeout=30
            )
        if self.late:
            resources["Handle"] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
            resources["Late"] = {
                "Type": "AWS::CloudFormation::WaitCondition",
                "DependsOn": "Alias",
                "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": str(self.late)},
            }
        return {"Resources": resources}

    def _hooks_permissions(self) -> list[dict[str, Any]]:
        group = {"Fn::Sub": f"arn:${{AWS::Partition}}:codedeploy:*:*:deploymentgroup:{self.name}/*"}
        put = "codedeploy:PutLifecycleEventHookExecutionStatus"
        allowed = {"Effect": "Allow", "Action": put, "Resource": group}
        document = {"Version": "2012-10-17", "Statement": [allowed]}
        return [{"PolicyName": "hook", "PolicyDocument": document}]

    def _alarm(self) -> dict[str, Any]:
        return {
            "AlarmName": f"{self.name}-errors",
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": self.name}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "ignore",
        }

    def _group(self) -> dict[str, Any]:
        events = [
            "DEPLOYMENT_FAILURE",
            "DEPLOYMENT_STOP_ON_ALARM",
            "DEPLOYMENT_STOP_ON_REQUEST",
        ]
        return {
            "ApplicationName": {"Ref": "Application"},
            "DeploymentGroupName": f"{self.name}-group",
            "DeploymentConfigName": self.config,
            "DeploymentStyle": {
                "DeploymentType": "BLUE_GREEN",
                "DeploymentOption": "WITH_TRAFFIC_CONTROL",
            },
            "ServiceRoleArn": {"Fn::GetAtt": ["Shifter", "Arn"]},
            "AlarmConfiguration": {"Enabled": True, "Alarms": [{"Name": {"Ref": "Alarm"}}]},
            "AutoRollbackConfiguration": {"Enabled": True, "Events": events},
            **dict(self.group),
        }


def alias(aws: Aws, rollout: Rollout) -> tuple[str, dict[str, float]]:
    """The version that the alias is at, and the weights of others."""
    told = aws.client("lambda").get_alias(FunctionName=rollout.name, Name="live")
    weights = told.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return told["FunctionVersion"], weights


def deployments(aws: Aws, rollout: Rollout) -> list[dict[str, Any]]:
    """The deployments of the group, the newest first."""
    api = aws.client("codedeploy")
    ids = api.list_deployments(
        applicationName=rollout.name, deploymentGroupName=f"{rollout.name}-group"
    )["deployments"]
    return [api.get_deployment(deploymentId=one)["deploymentInfo"] for one in ids]


def made(aws: Aws, **more: Any) -> tuple[Stack, Rollout]:
    """A stack at its first version."""
    stack, rollout = aws.stack(), Rollout(aws.name("roll"), **more)
    stack.create(rollout.template())
    return stack, rollout


def under_way(aws: Aws, stack: Stack, rollout: Rollout) -> None:
    """Begin an update, and wait until some of the traffic has shifted."""
    change_set = stack.change_set(rollout.template())
    stack.api.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
    aws.until(lambda: alias(aws, rollout)[1], "a weight")


@fact(documented(CLOUDFORMATION, LAMBDA, RECORDED), seconds=480)
def test_an_update_of_an_alias_shifts_traffic_by_weight_and_its_creation_does_not(aws: Aws) -> None:
    stack, rollout = made(aws, config=CANARY)
    assert deployments(aws, rollout) == []
    under_way(aws, stack, replace(rollout, version=2))
    assert alias(aws, rollout) == ("1", {"2": 0.1})
    (running,) = deployments(aws, rollout)
    assert (running["status"], running["creator"]) == ("InProgress", "user")
    assert stack.at_rest()["StackStatus"] == "UPDATE_COMPLETE"
    assert alias(aws, rollout) == ("2", {})


@fact(documented(RECORDED, CLOUDFORMATION), seconds=240)
def test_a_ringing_alarm_stops_a_shift_and_the_stack_goes_back(aws: Aws) -> None:
    stack, rollout = made(aws, config=CANARY)
    under_way(aws, stack, replace(rollout, version=2))
    aws.client("cloudwatch").set_alarm_state(
        AlarmName=f"{rollout.name}-errors", StateValue="ALARM", StateReason="a test"
    )
    assert stack.at_rest()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert alias(aws, rollout) == ("1", {})
    back, stopped = deployments(aws, rollout)
    assert (back["creator"], back["status"]) == ("codeDeployRollback", "Succeeded")
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    why = f"{stopped['deploymentId']} failed. {stopped['errorInformation']['message']}"
    assert f'Resource handler returned message: "{why}"' in stack.reasons()["Alias"]


@fact(documented(f"{ISSUES}/716", RECORDED), seconds=180)
def test_an_alarm_that_rings_already_stops_a_deployment_before_it_shifts(aws: Aws) -> None:
    stack, rollout = made(aws)
    aws.client("cloudwatch").set_alarm_state(
        AlarmName=f"{rollout.name}-errors", StateValue="ALARM", StateReason="a test"
    )
    ended = stack.deploy(replace(rollout, version=2).template())
    assert ended["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert deployments(aws, rollout)[-1]["errorInformation"]["code"] == "ALARM_ACTIVE"
    assert alias(aws, rollout) == ("1", {})


@fact(
    documented(f"{CODEDEPLOY}/userguide/reference-appspec-file-structure-hooks.html"), seconds=240
)
@pytest.mark.parametrize(
    ("answer", "status", "version"),
    [("Succeeded", "UPDATE_COMPLETE", "2"), ("Failed", "UPDATE_ROLLBACK_COMPLETE", "1")],
)
def test_a_hook_decides_whether_traffic_shifts(
    aws: Aws, answer: str, status: str, version: str
) -> None:
    stack, rollout = made(aws)
    ended = stack.deploy(replace(rollout, version=2, answer=answer).template())
    assert ended["StackStatus"] == status, stack.reasons()
    assert alias(aws, rollout) == (version, {})


@fact(
    documented(
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/"
        "AWSCodeDeployRoleForLambda.html",
        "https://github.com/terraform-aws-modules/terraform-aws-lambda/issues/77",
    ),
    seconds=240,
)
def test_the_managed_policy_allows_hooks_of_a_certain_name_only(aws: Aws) -> None:
    stack, rollout = made(aws)
    other = replace(rollout, version=2, answer="Succeeded", hook="Check_")
    ended = stack.deploy(other.template())
    assert ended["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert deployments(aws, rollout)[-1]["errorInformation"]["code"] == "IAM_ROLE_PERMISSIONS"


@fact(documented(f"{ISSUES}/291"), seconds=180)
def test_an_alias_that_was_moved_by_hand_is_not_moved_on(aws: Aws) -> None:
    stack, rollout = made(aws)
    assert stack.deploy(replace(rollout, version=2).template())["StackStatus"] == "UPDATE_COMPLETE"
    aws.client("lambda").update_alias(FunctionName=rollout.name, Name="live", FunctionVersion="1")
    ended = stack.deploy(replace(rollout, version=3).template())
    assert ended["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert (
        "The Lambda function alias version does not match the current version in AppSpec file."
        in stack.reasons()["Alias"]
    )


@fact(documented(f"{ISSUES}/291"), seconds=240)
def test_a_stack_that_fails_later_shifts_back_by_another_deployment(aws: Aws) -> None:
    stack, rollout = made(aws)
    ended = stack.deploy(replace(rollout, version=2, late=1).template())
    assert ended["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert alias(aws, rollout) == ("1", {})
    assert [one["creator"] for one in deployments(aws, rollout)] == ["user", "user"]


@fact(documented(f"{ISSUES}/291", f"{ISSUES}/716"), seconds=300)
def test_a_stack_that_fails_later_does_not_shift_back_while_an_alarm_rings(aws: Aws) -> None:
    stack, rollout = made(aws)
    later = replace(rollout, version=2, late=LATE_SECONDS)
    change_set = stack.change_set(later.template())
    stack.api.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
    aws.until(lambda: alias(aws, rollout)[0] == "2", "all traffic at the new version")
    aws.client("cloudwatch").set_alarm_state(
        AlarmName=f"{rollout.name}-errors", StateValue="ALARM", StateReason="a test"
    )
    assert stack.at_rest()["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    assert alias(aws, rollout) == ("2", {})
    aws.client("lambda").update_alias(FunctionName=rollout.name, Name="live", FunctionVersion="1")
    stack.api.continue_update_rollback(StackName=stack.name, ResourcesToSkip=["Alias"])
    assert stack.at_rest()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert alias(aws, rollout) == ("1", {})


@fact(
    documented(
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html",
        "https://schema.cloudformation.us-east-1.amazonaws.com/CloudformationSchema.zip",
    ),
    seconds=240,
)
def test_an_update_that_is_cancelled_stops_the_shift(aws: Aws) -> None:
    stack, rollout = made(aws, config=CANARY)
    under_way(aws, stack, replace(rollout, version=2))
    stack.api.cancel_update_stack(StackName=stack.name)
    assert stack.at_rest()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert alias(aws, rollout) == ("1", {})
    assert deployments(aws, rollout)[-1]["status"] == "Stopped"


@fact(documented(f"{CODEDEPLOY}/APIReference/API_CreateDeploymentGroup.html"), seconds=120)
@pytest.mark.parametrize(
    ("group", "words"),
    [
        ({"DeploymentConfigName": "Mine"}, "No Deployment Configuration found for name: Mine"),
        (
            {"ServiceRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}},
            "AWS CodeDeploy does not have the permissions required to assume the role",
        ),
        ({"AlarmConfiguration": {"Enabled": True, "Alarms": []}}, "alarm"),
        ({"DeploymentStyle": {"DeploymentType": "IN_PLACE"}}, "deployment"),
    ],
    ids=["configuration", "role", "no alarms", "style"],
)
def test_a_group_for_functions_is_refused(aws: Aws, group: dict[str, Any], words: str) -> None:
    stack = aws.stack()
    rollout = Rollout(aws.name("roll"), group=tuple(group.items()))
    assert stack.deploy(rollout.template(), "CREATE")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert words in stack.reasons()["Group"]


@fact(documented(LAMBDA), seconds=120)
def test_calls_of_an_alias_with_weights_go_to_both_versions(aws: Aws) -> None:
    stack, rollout = made(aws)
    assert stack.deploy(replace(rollout, version=2).template())["StackStatus"] == "UPDATE_COMPLETE"
    functions = aws.client("lambda")
    functions.update_alias(
        FunctionName=rollout.name,
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}},
    )
    for version, words in (
        ("2", "Function version 2 is already included in routing configuration."),
        ("$LATEST", "$LATEST is not supported for an alias pointing to more than 1 version"),
    ):
        weights = {"AdditionalVersionWeights": {version: 0.5}}
        with refused("InvalidParameterValueException", words):
            functions.update_alias(FunctionName=rollout.name, Name="live", RoutingConfig=weights)
    versions = {
        functions.invoke(FunctionName=f"{rollout.name}:live")["ExecutedVersion"] for _ in range(40)
    }
    assert versions == {"1", "2"}


PLACE: Final = "arn:aws:codedeploy:*:*"
MISSING: Final = "ApplicationDoesNotExistException"
NOBODYS: Final = {"applicationName": "none", "deploymentGroupName": "none"}


@fact(
    documented(
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html"
    ),
    seconds=60,
)
@pytest.mark.parametrize(
    ("action", "resource", "asked", "code"),
    [
        (
            "GetDeploymentConfig",
            f"{PLACE}:deploymentconfig:none",
            {"deploymentConfigName": "none"},
            "DeploymentConfigDoesNotExistException",
        ),
        ("GetApplication", f"{PLACE}:application:none", {"applicationName": "none"}, MISSING),
        ("GetDeploymentGroup", f"{PLACE}:deploymentgroup:none/none", NOBODYS, MISSING),
        ("StopDeployment", "*", {"deploymentId": "d-000000000"}, "DeploymentDoesNotExistException"),
    ],
)
def test_callers_are_limited_to_applications_groups_and_configurations(
    aws: Aws, action: str, resource: str, asked: dict[str, Any], code: str
) -> None:
    for allowed, told in ((resource, code), (f"{PLACE}:application:x", "AccessDeniedException")):
        somebody = aws.somebody(f"codedeploy:{action}", resource=allowed).client("codedeploy")
        with refused(told):
            getattr(somebody, xform_name(action))(**asked)
