"""A function behind an alias that CodeDeploy moves, as a small stack of its own."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.behaviour.templates import python_function, service_role, trusting
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.local.conftest import Account

STACK: Final = "rollout"
CANARY: Final = "CodeDeployDefault.LambdaCanary10Percent5Minutes"
AT_ONCE: Final = "CodeDeployDefault.LambdaAllAtOnce"
ALL_EVENTS: Final = [
    "DEPLOYMENT_FAILURE",
    "DEPLOYMENT_STOP_ON_ALARM",
    "DEPLOYMENT_STOP_ON_REQUEST",
]
STYLE: Final = {"DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL"}
ANSWERING: Final = """
import boto3, os

def handler(event, context):
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=os.environ["ANSWER"],
    )
"""


@dataclass(frozen=True)
class Rollout:
    """What the stack's template says."""

    version: int = 1
    config: str = CANARY
    answer: str = ""
    """What the hook before traffic says; there is none without one."""
    events: tuple[str, ...] = tuple(ALL_EVENTS)
    breaks: bool = False
    """The function of this version fails."""
    function: str = "worker"
    policy: bool = True
    late: dict[str, Any] | None = None
    """A resource that is made after the alias."""

    def resources(self) -> dict[str, Any]:
        text = f"v{self.version}"
        body = "raise RuntimeError('broken')" if self.breaks else f"return '{text}'"
        function = python_function(self.function, f"def handler(event, context):\n    {body}\n")
        function["Properties"]["Description"] = text
        update = {
            "ApplicationName": {"Ref": "Application"},
            "DeploymentGroupName": {"Ref": "Group"},
            **({"BeforeAllowTrafficHook": {"Ref": "Hook"}} if self.answer else {}),
        }
        found = {
            "Role": service_role(f"{self.function}-role", "lambda"),
            "Shifter": service_role(f"{self.function}-shifter", "codedeploy"),
            "Function": function,
            "Version": {
                "Type": "AWS::Lambda::Version",
                "UpdateReplacePolicy": "Retain",
                "DependsOn": "Function",
                "Properties": {"FunctionName": {"Ref": "Function"}, "Description": text},
            },
            "Alias": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {
                    "FunctionName": {"Ref": "Function"},
                    "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
                    "Name": "live",
                },
                **({"UpdatePolicy": _policy(update)} if self.policy else {}),
            },
            "Alarm": alarm(self.function),
            "Application": {
                "Type": "AWS::CodeDeploy::Application",
                "Properties": {"ApplicationName": self.function, "ComputePlatform": "Lambda"},
            },
            "Group": {"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": self.group()},
        }
        if self.answer:
            hook = python_function(f"{self.function}-hook", ANSWERING)
            hook["Properties"]["Environment"] = {"Variables": {"ANSWER": self.answer}}
            found["Hook"] = hook
        return {**found, **({"Late": self.late} if self.late else {})}

    def group(self) -> dict[str, Any]:
        return {
            "ApplicationName": {"Ref": "Application"},
            "DeploymentGroupName": f"{self.function}-group",
            "DeploymentConfigName": self.config,
            "DeploymentStyle": STYLE,
            "ServiceRoleArn": {"Fn::GetAtt": ["Shifter", "Arn"]},
            "AlarmConfiguration": {"Enabled": True, "Alarms": [{"Name": {"Ref": "Alarm"}}]},
            "AutoRollbackConfiguration": {"Enabled": True, "Events": list(self.events)},
        }


def _policy(update: dict[str, Any]) -> dict[str, Any]:
    return {"CodeDeployLambdaAliasUpdate": update}


def alarm(function: str) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": f"{function}-errors",
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": function}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
        },
    }


def begin(account: Account, rollout: Rollout, stack: str = STACK) -> None:
    """Begin to make or update the stack."""
    change_set = account.change_set(stack, rollout.resources())
    assert change_set["Status"] == "CREATE_COMPLETE", change_set.get("StatusReason")
    account.client("cloudformation").execute_change_set(ChangeSetName=change_set["ChangeSetId"])


def deployment(account: Account, application: str = "worker") -> dict[str, Any]:
    """The newest deployment of the application; waits for one."""
    codedeploy = account.client("codedeploy")
    found = wait_until(
        lambda: codedeploy.list_deployments(
            applicationName=application, deploymentGroupName=f"{application}-group"
        )["deployments"],
        "a deployment",
    )
    told: dict[str, Any] = codedeploy.get_deployment(deploymentId=found[0])["deploymentInfo"]
    return told


def alias(account: Account, function: str = "worker") -> tuple[str, dict[str, float]]:
    """The version that the alias is at, and the weights of others."""
    told = account.client("lambda").get_alias(FunctionName=function, Name="live")
    weights = told.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return told["FunctionVersion"], weights


def shifting(account: Account, function: str = "worker") -> None:
    """Wait until the alias has a weight."""
    wait_until(lambda: alias(account, function)[1], "a shift")


def called(account: Account, times: int = 1, function: str = "worker") -> list[str]:
    """What calls through the alias give; "" where the function fails."""
    found = []
    for _ in range(times):
        answer = account.client("lambda").invoke(FunctionName=f"{function}:live")
        failed = "FunctionError" in answer
        found.append("" if failed else json.loads(answer["Payload"].read()))
    return found


def made_function(account: Account, name: str = "worker", body: str = "return 'v1'") -> None:
    """A function with a version and the alias at it, made by hand."""
    role = account.client("iam").create_role(
        RoleName=f"{name}-role", AssumeRolePolicyDocument=json.dumps(trusting("lambda"))
    )
    functions = account.client("lambda")
    functions.create_function(
        FunctionName=name,
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="index.handler",
        Code={"ZipFile": _zipped(body)},
    )
    version = functions.publish_version(FunctionName=name)["Version"]
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion=version)


def published(account: Account, body: str, name: str = "worker") -> str:
    """Another version of the function."""
    functions = account.client("lambda")
    functions.update_function_code(FunctionName=name, ZipFile=_zipped(body))
    return str(functions.publish_version(FunctionName=name)["Version"])


def _zipped(body: str) -> bytes:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", f"def handler(event, context):\n    {body}\n")
    return code.getvalue()
