"""What callers of a REST API see of a change, and when."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.behaviour.account import Aws, refused
from tests.behaviour.facts import documented, fact
from tests.behaviour.rest_api import Api

GUIDE: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide"


@pytest.fixture
def api(aws: Aws) -> Api:
    api = Api(aws)
    api.answer(200)
    return api


@fact(documented(f"{GUIDE}/how-to-deploy-api.html"), seconds=60)
def test_a_stage_serves_the_deployment_it_points_at(api: Api) -> None:
    first = api.deployment()
    api.stage(first)
    api.answers(200)
    api.answer(202)
    second = api.deployment()
    assert api.status() == 200
    api.move(second)
    api.answers(202)
    assert api.status() == 202


@fact(documented(f"{GUIDE}/how-to-deploy-api.html"))
def test_a_deployment_that_a_stage_points_at_is_not_deleted(api: Api) -> None:
    deployment = api.deployment()
    api.stage(deployment)
    with refused("BadRequestException", "Active stages pointing to this deployment"):
        api.calls.delete_deployment(restApiId=api.id, deploymentId=deployment)


def template(name: str, authorization: str) -> dict[str, Any]:
    """An API and a deployment of it, which says nothing of the method that it was made of."""
    return {
        "Resources": {
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": name}},
            "Method": {
                "Type": "AWS::ApiGateway::Method",
                "Properties": {
                    "RestApiId": {"Ref": "Api"},
                    "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                    "HttpMethod": "GET",
                    "AuthorizationType": authorization,
                    "Integration": {"Type": "MOCK"},
                },
            },
            "Deployment": {
                "Type": "AWS::ApiGateway::Deployment",
                "DependsOn": "Method",
                "Properties": {"RestApiId": {"Ref": "Api"}},
            },
        }
    }


@fact(documented(f"{GUIDE}/how-to-deploy-api.html"), seconds=75)
def test_a_stack_keeps_the_deployment_when_only_the_api_behind_it_changes(aws: Aws) -> None:
    stack, name = aws.stack(), aws.name("api")
    stack.create(template(name, "NONE"))

    def deployment() -> str:
        found = stack.api.describe_stack_resource(
            StackName=stack.name, LogicalResourceId="Deployment"
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    before = deployment()
    changed = stack.deploy(template(name, "AWS_IAM"))
    assert changed["StackStatus"] == "UPDATE_COMPLETE"
    assert deployment() == before


OLD: Final = "SecurityPolicy_TLS13_1_2_2021_06"
NEW: Final = "SecurityPolicy_TLS13_1_3_2025_09"
UNDER_WAY: Final = "https://github.com/hashicorp/terraform-provider-aws/issues/45905"
UNTRUSTING: Final = "https://github.com/tmobile/jazz-installer/pull/597"


def replace(path: str, value: str) -> list[dict[str, str]]:
    return [{"op": "replace", "path": path, "value": value}]


@fact(documented(f"{GUIDE}/apigateway-security-policies.html"))
def test_an_enhanced_security_policy_needs_an_endpoint_access_mode(aws: Aws) -> None:
    calls, name = aws.client("apigateway"), aws.making("REST API", aws.name("api"))
    with refused("BadRequestException", "Endpoint access mode is required"):
        calls.create_rest_api(name=name, securityPolicy=NEW)


@fact(documented(f"{GUIDE}/apigateway-security-policies-update.html", UNDER_WAY), seconds=930)
def test_an_api_is_not_updated_while_another_tls_is_applied_to_it(aws: Aws) -> None:
    calls, name = aws.client("apigateway"), aws.making("REST API", aws.name("api"))
    made = calls.create_rest_api(name=name, securityPolicy=OLD, endpointAccessMode="BASIC")
    known = {"restApiId": made["id"]}

    def status(wanted: str) -> bool:
        return bool(calls.get_rest_api(**known)["apiStatus"] == wanted)

    aws.until(lambda: status("AVAILABLE"), "the API to be available")
    calls.update_rest_api(**known, patchOperations=replace("/securityPolicy", NEW))
    aws.until(lambda: status("UPDATING"), "the update to begin")
    with refused("BadRequestException", "There is already an update in progress"):
        calls.update_rest_api(**known, patchOperations=replace("/description", "other"))


@fact(documented(f"{GUIDE}/set-up-logging.html", UNTRUSTING), seconds=30)
def test_the_accounts_role_for_logs_is_one_that_api_gateway_may_take(api: Api) -> None:
    role = api.aws.service_role("firehose")
    api.aws.settle()
    with refused("BadRequestException", "The role ARN does not have required permissions"):
        api.calls.update_account(patchOperations=replace("/cloudwatchRoleArn", role))
