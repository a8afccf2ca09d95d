"""API Gateway's logging role of an account: whose it is before it is replaced, who needs it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.resources.account_logging import LoggingRole
from tapgen.deploy.guards.guard import Subject
from tapgen.deploy.observe.drift import look_for_drift
from tapgen.deploy.observe.verify import verify_stacks
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Deleted
from tapgen.payments.guards import account_logging
from tapgen.payments.guards.account_logging import REPLACE, check_account_logging, name_dependants
from tests.behaviour.templates import trusting

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.model.stack import Stack
    from tests.lab import Lab

SETTINGS = {"Manages": "api.manage_account_logging", "Level": "api.execution_log_level"}
TRUST = trusting("apigateway")


def api(lab: Lab, environment: str = "lab", *, manages: bool = True, level: str = "ERROR") -> Stack:
    """A stage that logs, with the account's role or without."""
    stage = {
        "RestApiId": {"Ref": "Api"},
        "DeploymentId": {"Ref": "Deployment"},
        "StageName": "live",
        "MethodSettings": [
            {"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": {"Ref": "Level"}}
        ],
    }
    method = {
        "RestApiId": {"Ref": "Api"},
        "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
        "HttpMethod": "GET",
        "AuthorizationType": "NONE",
        "Integration": {"Type": "MOCK"},
    }
    account = {"CloudWatchRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}
    stack = lab.stack(
        "api",
        {
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api"}},
            "Method": {"Type": "AWS::ApiGateway::Method", "Properties": method},
            "Deployment": {
                "Type": "AWS::ApiGateway::Deployment",
                "DependsOn": "Method",
                "Properties": {"RestApiId": {"Ref": "Api"}},
            },
            "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": stage},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Condition": "Manages",
                "Properties": {"AssumeRolePolicyDocument": TRUST},
            },
            "Account": {
                "Type": "AWS::ApiGateway::Account",
                "Condition": "Manages",
                "Properties": account,
            },
        },
        parameters={"Manages": str(manages).lower(), "Level": level},
        outputs={"Root": {"Fn::GetAtt": ["Api", "RootResourceId"]}},
        settings=SETTINGS,
        conditions={"Manages": {"Fn::Equals": [{"Ref": "Manages"}, "true"]}},
    )
    return replace(
        stack,
        environment=environment,
        name=f"{environment}-api",
        tags={**stack.tags, "Environment": environment, "ManagedBy": "tapgen"},
    )


def set_role(lab: Lab, name: str, **tags: str) -> str:
    """Somebody sets a role for the account."""
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    made = lab.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Tags=listed
    )
    arn = str(made["Role"]["Arn"])
    patch = {"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}
    lab.client("apigateway").update_account(patchOperations=[patch])
    return arn


def asked(target: Target, *lifted: str) -> list[str]:
    subject = Subject(target, {"api"}, lifted=frozenset(lifted))
    return list(check_account_logging(subject))


def test_without_a_role_there_is_nothing_to_replace(lab: Lab) -> None:
    assert asked(lab.target(api(lab))) == []
    assert asked(lab.target(lab.stack("data", {"Note": lab.note()}))) == []


def test_somebody_elses_role_is_told_and_replaced_only_on_purpose(lab: Lab) -> None:
    arn = set_role(lab, "theirs")
    target = lab.target(api(lab))
    with pytest.raises(RefusedError) as refused:
        lab.plan(lab.deployment(api(lab)))
    told = (
        "API Gateway writes the execution logs of all APIs in us-east-1 of account "
        f"{lab.account} with the role {arn} and lab-api would replace it"
    )
    assert refused.value.message == told
    assert "api.manage_account_logging: false" in refused.value.hint
    assert asked(target, REPLACE) == [told]
    assert asked(lab.target(api(lab, manages=False))) == []


def test_another_environments_role_is_told_as_its(lab: Lab) -> None:
    set_role(lab, "lab-2-role", Environment="lab-2", ManagedBy="tapgen", Layer="api")
    with pytest.raises(RefusedError, match="/lab-2-role, of lab-2, and lab-api would"):
        asked(lab.target(api(lab)))


def test_the_own_role_and_one_that_is_gone_are_replaced(lab: Lab) -> None:
    set_role(lab, "ours", **api(lab).tags)
    assert asked(lab.target(api(lab))) == []
    set_role(lab, "gone")
    lab.client("iam").delete_role(RoleName="gone")
    assert asked(lab.target(api(lab))) == []


def test_a_role_that_nobody_may_look_at_is_somebody_elses(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = LoggingRole("arn:aws:iam::1:role/hidden", exists=None)
    monkeypatch.setattr(account_logging, "logging_role", lambda _: role)
    with pytest.raises(RefusedError, match="role/hidden and"):
        asked(lab.target(api(lab)))


def test_where_nobody_may_look_that_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise TapgenError("apigateway says no")

    monkeypatch.setattr(account_logging, "logging_role", refuse)
    (told,) = asked(lab.target(api(lab)))
    assert told.endswith("has set API Gateway's logging role: apigateway says no")


def faults(target: Target) -> list[tuple[str, Any]]:
    return [(one.property, one.actual) for one in verify_stacks(target) if one.ok is False]


@pytest.mark.slow
def test_who_logs_with_the_role_is_named_before_it_goes_and_sees_that_it_is_gone(lab: Lab) -> None:
    first, second = api(lab), api(lab, "lab-2", manages=False)
    lab.deploy(first)
    arn = lab.client("apigateway").get_account()["cloudwatchRoleArn"]
    assert asked(lab.target(first)) == []
    lab.deploy(second)
    lab.deploy(api(lab, "lab-3", manages=False, level="OFF"))
    other = lab.target(second)
    assert faults(other) == []
    ((layer, told),) = name_dependants(lab.target(first), ["api"])
    assert layer == "api"
    assert "also deletes the account's logging role for API Gateway, which lab-2-api uses" in told
    assert list(name_dependants(lab.target(first), ["data"])) == []
    assert list(name_dependants(other, ["api"])) == []  # it does not own the role

    ran = lab.destroy(first)
    assert ran.outcomes == {"api": Deleted()}
    assert told in [getattr(event, "text", "") for event in ran.events]
    assert faults(other) == [("AccountLoggingRole", "none")]
    (drifted,) = look_for_drift(other, ["api"])
    (stage,) = [one for one in drifted.resources if one.logical_id == "Stage"]
    assert [(one.path, one.actual) for one in stage.properties] == [("AccountLoggingRole", "none")]

    patch = {"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}
    lab.client("apigateway").update_account(patchOperations=[patch])
    assert faults(other) == [("AccountLoggingRole", f"{arn} does not exist")]


def test_two_are_named_in_one_sentence(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.deploy(api(lab))
    for name in ("lab-2", "lab-3"):
        lab.deploy(api(lab, name, manages=False))
    ((_, told),) = name_dependants(Run.on(lab.target(api(lab))).target, ["api"])
    assert "which lab-2-api, lab-3-api use" in told
