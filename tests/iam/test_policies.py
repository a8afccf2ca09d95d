"""The generated policies: complete, no wider than IAM allows to say, within IAM's quotas."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

import pytest
from cfnlint import ManualArgs
from cfnlint.api import lint

from tapgen.cli.views.permissions import template
from tapgen.errors import TapgenError
from tapgen.iam import grants, policies
from tapgen.iam.grants import Grant
from tapgen.iam.handlers import FEATURES, FORGOTTEN, MAKING, READING, permissions
from tapgen.iam.policies import ATTACHED, CHARACTERS, Policy, Roles
from tapgen.iam.reference import known, resource_types
from tapgen.iam.scope import LISTING, Scope
from tapgen.model.aws_calls import CALLS, Purpose
from tapgen.review.schemas import resource_schema
from tests.privileges.evaluation import decision, request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tapgen.model.stack import Stack
    from tapgen.render.rendering import Rendered

ACCOUNTS: Final = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
BOUNDED: Final = Roles(boundary="payments-bound")
TASKS: Final = sorted(policies.BUILDERS)
every_environment = pytest.mark.parametrize("name", ACCOUNTS)
every_task = pytest.mark.parametrize("task", TASKS)


def statements(made: Sequence[Policy]) -> list[dict[str, Any]]:
    return [one for policy in made for one in policy.document["Statement"]]


def whole(made: Sequence[Policy]) -> dict[str, Any]:
    """All of a user's policies as one, which is how IAM sees them."""
    return {"Version": "2012-10-17", "Statement": statements(made)}


def actions(made: Sequence[Policy]) -> set[str]:
    return {action for one in statements(made) for action in one["Action"]}


@pytest.fixture(scope="module", params=ACCOUNTS)
def stacks(request: pytest.FixtureRequest, rendered: Rendered) -> tuple[Stack, ...]:
    return rendered.stacks[request.param]


@pytest.fixture(scope="module")
def prod(rendered: Rendered) -> tuple[Stack, ...]:
    return rendered.stacks["prod"]


@pytest.fixture(scope="module")
def dev(rendered: Rendered) -> tuple[Stack, ...]:
    return rendered.stacks["dev"]


@pytest.fixture(scope="module")
def deploying(prod: tuple[Stack, ...]) -> dict[str, Any]:
    return whole(policies.deployer(prod, BOUNDED))


# --- form ------------------------------------------------------------------------------------


@every_task
def test_they_fit_into_what_iam_takes(stacks: tuple[Stack, ...], task: str) -> None:
    made = policies.BUILDERS[task](stacks, BOUNDED)
    assert 0 < len(made) <= ATTACHED
    assert all(policy.size <= CHARACTERS for policy in made)
    assert policies.boundary(stacks, BOUNDED).size <= CHARACTERS


@every_task
def test_they_are_the_same_every_time(stacks: tuple[Stack, ...], task: str) -> None:
    build = policies.BUILDERS[task]
    assert json.dumps([p.document for p in build(stacks, BOUNDED)]) == json.dumps(
        [p.document for p in build(stacks, BOUNDED)]
    )


@pytest.mark.slow
@every_task
def test_cfn_lint_finds_nothing_in_them(prod: tuple[Stack, ...], task: str) -> None:
    """It knows actions, their resources, ARN formats, condition operators and the quota."""
    made = [*policies.BUILDERS[task](prod, BOUNDED), policies.boundary(prod, BOUNDED)]
    found = lint(template(made), config=ManualArgs(regions=["us-east-1"]))
    assert [str(match) for match in found] == []


@every_task
def test_no_action_has_a_wildcard_and_each_is_known(stacks: tuple[Stack, ...], task: str) -> None:
    named = actions(policies.BUILDERS[task](stacks, BOUNDED))
    assert named
    assert not {action for action in named if "*" in action or not known(action)}


@every_task
def test_any_resource_is_named_only_where_there_is_nothing_else_to_name(
    stacks: tuple[Stack, ...], task: str
) -> None:
    made = [*policies.BUILDERS[task](stacks, BOUNDED), policies.boundary(stacks, BOUNDED)]
    for one in statements(made):
        if "*" in one["Resource"]:
            assert one["Resource"] == ["*"]
            assert one["Condition"]
            assert {action for action in one["Action"] if resource_types(action)} <= LISTING


@every_task
def test_every_other_resource_is_of_the_environment(stacks: tuple[Stack, ...], task: str) -> None:
    """By its prefix, or by account and region where AWS chooses the id."""
    account, prefix = stacks[0].account_id, Scope(stacks).prefix
    elsewhere = re.compile(
        r"arn:aws:(apigateway:us-east-1::/|route53:::(hostedzone|change)/"
        r"|lambda:us-east-1:017000801446:layer:AWSLambdaPowertools)"
    )
    for one in statements(policies.BUILDERS[task](stacks, BOUNDED)):
        for arn in one["Resource"]:
            assert arn == "*" or account in arn or prefix in arn or elsewhere.match(arn), arn


# --- what is in them -------------------------------------------------------------------------


@every_environment
def test_the_deployer_has_all_that_change_sets_and_tapgen_take(
    rendered: Rendered, name: str
) -> None:
    stacks = rendered.stacks[name]
    wanted = permissions(Scope(stacks).properties, MAKING) | {
        action
        for call in CALLS
        if call.purpose is not Purpose.PURGE or not stacks[0].protected
        for action in call.actions
    }
    assert actions(policies.deployer(stacks, BOUNDED)) == wanted


def test_a_reviewer_changes_nothing_but_change_sets_and_the_lock(prod: tuple[Stack, ...]) -> None:
    named = actions(policies.reviewer(prod, BOUNDED))
    verbs = re.compile(r"[a-z0-9-]+:(Describe|Get|List|GET$|Detect|Head)")
    assert {action for action in named if not verbs.match(action)} == {
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteChangeSet",
        "cloudformation:TagResource",
        "cloudformation:UntagResource",
        "ssm:DeleteParameter",
        "ssm:PutParameter",
    }
    assert "secretsmanager:GetSecretValue" not in named
    assert not {action for action in named if action.startswith("s3:GetObject")}


def test_data_is_purged_only_where_tapgen_purges(
    dev: tuple[Stack, ...], prod: tuple[Stack, ...]
) -> None:
    assert "s3:DeleteObjectVersion" in actions(policies.deployer(dev, BOUNDED))
    assert "s3:DeleteObjectVersion" not in actions(policies.deployer(prod, BOUNDED))


def test_with_a_service_role_the_deployer_hands_it_over_and_makes_nothing(
    prod: tuple[Stack, ...],
) -> None:
    arn = "arn:aws:iam::333333333333:role/cloudformation"
    made = policies.deployer(prod, Roles(service=arn))
    assert not actions(made) & {"dynamodb:CreateTable", "iam:CreateRole", "ec2:CreateVpc"}
    assert decision(whole(made), handing(arn, "cloudformation.amazonaws.com")) == "Allow"
    assert decision(whole(made), handing(arn, "lambda.amazonaws.com")) == "ImplicitDeny"
    makes = actions(policies.service_role(prod, Roles(service=arn)))
    assert makes == permissions(Scope(prod).properties, MAKING)


def handing(role: str, service: str) -> Any:
    return request("iam:PassRole", role, iam__PassedToService=service)


ROLE: Final = "arn:aws:iam::333333333333:role/payments-prod-compute-PaymentProcessorRole-1A2B3C"
BOUND: Final = "arn:aws:iam::333333333333:policy/payments-bound"
VPC: Final = "arn:aws:ec2:us-east-1:333333333333:vpc/vpc-0123456789abcdef0"
SUBNET: Final = VPC.replace("vpc", "subnet")
KEY: Final = "arn:aws:kms:us-east-1:333333333333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ZONE: Final = "arn:aws:route53:::hostedzone/Z0123456789"
HOME: Final = "us-east-1:333333333333"
TABLE: Final = f"arn:aws:dynamodb:{HOME}:table/payments-prod-transactions"
LOCK: Final = f"arn:aws:ssm:{HOME}:parameter/tapgen/payments-prod/lock"
LOGGED: Final = "arn:aws:s3:::payments-prod-api-logs-333333333333-us-east-1/a"
FUNCTION: Final = f"arn:aws:lambda:{HOME}:function:payments-prod-a"
EXECUTION_LOG: Final = f"arn:aws:logs:{HOME}:log-group:API-Gateway-Execution-Logs_a1b2/v1"
ADMIN: Final = ROLE.replace("payments-prod", "admin")
DEV: Final = ROLE.replace("prod", "dev")
OURS: Final = {
    "aws__ResourceTag/Environment": "prod",
    "aws__ResourceTag/Project": "payments",
}
RECORDS: Final = "route53__ChangeResourceRecordSetsNormalizedRecordNames"


@pytest.mark.parametrize(
    ("action", "resource", "keys"),
    [
        ("iam:CreateRole", ROLE, {"iam__PermissionsBoundary": BOUND}),
        ("iam:PutRolePolicy", ROLE, {"iam__PermissionsBoundary": BOUND}),
        ("iam:PassRole", ROLE, {"iam__PassedToService": "lambda.amazonaws.com"}),
        ("ec2:CreateVpc", VPC, {}),
        ("ec2:CreateSubnet", VPC, OURS),
        ("ec2:CreateSubnet", SUBNET, {}),
        ("ec2:DeleteVpc", VPC, OURS),
        ("ec2:CreateTags", VPC, {"ec2__CreateAction": "CreateVpc"}),
        ("ec2:CreateTags", VPC, OURS),
        ("kms:Decrypt", KEY, {"kms__ViaService": "s3.us-east-1.amazonaws.com"}),
        ("kms:CreateGrant", KEY, {"kms__GrantIsForAWSResource": "true"}),
        ("kms:ScheduleKeyDeletion", KEY, OURS),
        ("dynamodb:CreateTable", TABLE, {}),
        ("logs:CreateLogGroup", EXECUTION_LOG, {}),
        ("route53:ChangeResourceRecordSets", ZONE, {RECORDS: ["api.example.com"]}),
        ("route53:ChangeResourceRecordSets", ZONE, {RECORDS: ["_x1.api.example.com"]}),
        ("lambda:GetLayerVersion", "{layer}", {}),
        ("wafv2:AssociateWebACL", "arn:aws:apigateway:us-east-1::/restapis/a/stages/v1", {}),
        ("ssm:PutParameter", LOCK, {}),
        ("ssm:GetParameter", f"{LOCK}:2", {}),
    ],
)
def test_the_deployer_may(
    prod: tuple[Stack, ...],
    deploying: dict[str, Any],
    action: str,
    resource: str,
    keys: dict[str, Any],
) -> None:
    functions = Scope(prod).properties["AWS::Lambda::Function"]
    arn = resource.replace("{layer}", functions[0]["Layers"][0])
    assert decision(deploying, request(action, arn, **keys)) == "Allow"


@pytest.mark.parametrize(
    ("action", "resource", "keys"),
    [
        # Become more than one is.
        ("iam:CreateRole", ROLE, {}),
        ("iam:CreateRole", ROLE, {"iam__PermissionsBoundary": BOUND.replace("bound", "other")}),
        ("iam:CreateRole", ADMIN, {"iam__PermissionsBoundary": BOUND}),
        ("iam:PutRolePolicy", ROLE, {}),
        ("iam:AttachRolePolicy", ROLE, {}),
        ("iam:DeleteRolePermissionsBoundary", ROLE, {"iam__PermissionsBoundary": BOUND}),
        ("iam:CreatePolicyVersion", BOUND, {}),
        ("iam:PassRole", ROLE, {"iam__PassedToService": "ec2.amazonaws.com"}),
        ("iam:PassRole", DEV, {"iam__PassedToService": "lambda.amazonaws.com"}),
        ("iam:CreateUser", "arn:aws:iam::333333333333:user/me", {}),
        ("sts:AssumeRole", ROLE, {}),
        # Read or change data.
        ("dynamodb:GetItem", TABLE, {}),
        ("dynamodb:Scan", TABLE, {}),
        ("dynamodb:PutItem", TABLE, {}),
        ("s3:GetObject", LOGGED, {}),
        ("s3:DeleteObjectVersion", LOGGED, {}),
        ("kms:Decrypt", KEY, {}),
        ("lambda:InvokeFunction", FUNCTION, {}),
        # Touch what is not the environment's.
        ("ec2:DeleteVpc", VPC, {}),
        ("ec2:CreateSubnet", VPC, {}),
        ("ec2:DeleteVpc", VPC, {**OURS, "aws__ResourceTag/Environment": "other"}),
        ("ec2:AuthorizeSecurityGroupIngress", VPC.replace("vpc", "security-group"), {}),
        ("ec2:CreateTags", VPC, {}),
        ("kms:ScheduleKeyDeletion", KEY, {}),
        ("kms:CreateGrant", KEY, {"kms__GrantIsForAWSResource": "false"}),
        ("kms:CreateKey", "*", {}),
        ("dynamodb:DeleteTable", TABLE.replace("payments-prod", "payments-prod2"), {}),
        ("route53:ChangeResourceRecordSets", ZONE, {RECORDS: ["example.com"]}),
        ("route53:ChangeResourceRecordSets", ZONE, {RECORDS: ["api.example.com", "www.a.com"]}),
        ("ssm:GetParameter", f"arn:aws:ssm:{HOME}:parameter/other", {}),
        ("cloudformation:DeleteStack", f"arn:aws:cloudformation:{HOME}:stack/other/1", {}),
    ],
)  # fmt: skip
def test_the_deployer_may_not(
    deploying: dict[str, Any], action: str, resource: str, keys: dict[str, Any]
) -> None:
    assert decision(deploying, request(action, resource, **keys)) == "ImplicitDeny"


def test_without_a_boundary_roles_can_be_made_all_the_same(prod: tuple[Stack, ...]) -> None:
    made = whole(policies.deployer(prod, Roles()))
    assert decision(made, request("iam:CreateRole", ROLE)) == "Allow"
    assert policies.boundary(prod, Roles()).name == "payments-prod-boundary"


def test_records_are_nobodys_business_without_a_domain(dev: tuple[Stack, ...]) -> None:
    without = [one for one in dev if one.layer not in {"zone", "certificate", "dns"}]
    named = actions(policies.deployer(without, BOUNDED))
    assert "route53:ChangeResourceRecordSets" not in named


def test_the_boundary_allows_what_every_role_of_the_environment_does(
    stacks: tuple[Stack, ...],
) -> None:
    bound = policies.boundary(stacks, BOUNDED)
    assert bound.name == BOUNDED.boundary
    allowed = {
        action
        for role in Scope(stacks).properties["AWS::IAM::Role"]
        for policy in role.get("Policies", [])
        for one in policy["PolicyDocument"]["Statement"]
        if one["Effect"] == "Allow"
        for action in one["Action"]
    }
    assert "dynamodb:GetItem" in allowed
    assert allowed <= actions([bound])
    assert not {action for action in actions([bound]) if action.startswith(("iam:", "sts:"))}


def test_the_boundary_knows_every_managed_policy_that_a_role_has(prod: tuple[Stack, ...]) -> None:
    properties = Scope(prod).properties["AWS::IAM::Role"]
    attached = {
        arn.rpartition("/")[2] for one in properties for arn in one.get("ManagedPolicyArns", [])
    }
    assert attached == set(policies.MANAGED)


def test_too_many_policies_are_refused_with_a_way_out(
    prod: tuple[Stack, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "CHARACTERS", 1500)
    with pytest.raises(TapgenError, match=r"only 10 can be attached") as caught:
        policies.deployer(prod, BOUNDED)
    assert "deployment.role_arn" in caught.value.hint


# --- the tables ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def properties(rendered: Rendered) -> dict[str, list[dict[str, Any]]]:
    """Resource type -> properties, of every environment."""
    found: dict[str, list[dict[str, Any]]] = {}
    for stacks in rendered.stacks.values():
        for kind, declared in Scope(stacks).properties.items():
            found.setdefault(kind, []).extend(dict(one) for one in declared)
    return found


def named(kind: str) -> set[str]:
    handlers = resource_schema(kind)["handlers"]
    return {action for one in handlers.values() for action in one.get("permissions", [])}


def test_the_schemas_say_what_every_type_in_use_takes(properties: dict[str, Any]) -> None:
    silent = {kind for kind in properties if not named(kind)}
    assert not silent


@pytest.mark.parametrize("feature", FEATURES, ids=lambda one: f"{one.type} {one.permissions}"[:60])
def test_every_pattern_of_an_unused_feature_takes_something_away(feature: Any) -> None:
    kinds = [
        "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::Alias",
        "AWS::Logs::LogGroup", "AWS::Logs::DeliverySource", "AWS::Logs::DeliveryDestination",
        "AWS::SNS::Topic", "AWS::SNS::Subscription", feature.type,
    ]  # fmt: skip
    covered = {kind for kind in kinds if fnmatchcase(kind, feature.type)} - {
        one for one in kinds if "*" in one
    }
    offered = {action for kind in covered for action in named(kind)}
    for pattern in feature.permissions.split():
        assert any(fnmatchcase(action, pattern) for action in offered), pattern
    assert feature.why


@pytest.mark.parametrize("feature", [one for one in FEATURES if one.property], ids=str)
def test_a_feature_that_is_used_gets_its_permissions(feature: Any) -> None:
    kind = feature.type
    if "*" in kind or not feature.property:
        pytest.skip("the reason of a whole family is no property")
    with_it = permissions({kind: [{feature.property: "used"}]})
    without = permissions({kind: [{}]})
    assert without <= with_it
    known_ones = {
        action
        for action in named(kind)
        if known(action)
        for pattern in feature.permissions.split()
        if fnmatchcase(action, pattern)
    }
    assert not known_ones or with_it - without


def test_what_the_schemas_forget_is_known_and_really_forgotten() -> None:
    for one in FORGOTTEN:
        assert one.source
        for action in one.permissions.split():
            assert known(action)


def test_reading_takes_a_part_of_making(properties: dict[str, Any]) -> None:
    assert permissions(properties, READING) < permissions(properties, MAKING)


def test_names_that_are_no_actions_are_left_out() -> None:
    assert "lambda:AssociateRuntimeAlias" in named("AWS::Lambda::Function")
    assert "lambda:AssociateRuntimeAlias" not in permissions({"AWS::Lambda::Function": [{}]})


def test_a_type_that_nobody_has_looked_at_yet_gets_all_its_schema_names() -> None:
    """So a new layer can be deployed; what it does not need is taken away on review."""
    found = permissions({"AWS::Kinesis::Stream": [{}]})
    assert found == {one for one in named("AWS::Kinesis::Stream") if known(one)} - unlisted()


def unlisted() -> set[str]:
    """What only a list handler needs, which CloudFormation does not call."""
    handlers = resource_schema("AWS::Kinesis::Stream")["handlers"]
    rest = {a for name, one in handlers.items() if name != "list" for a in one["permissions"]}
    return set(handlers["list"]["permissions"]) - rest


# --- grants ----------------------------------------------------------------------------------


def test_actions_with_the_same_resources_and_condition_share_a_statement() -> None:
    condition = {"Bool": {"aws:SecureTransport": "true"}}
    made = grants.statements(
        [
            Grant("sqs:SendMessage", ("arn:a",)),
            Grant("sqs:DeleteMessage", ("arn:a",)),
            Grant("sqs:PurgeQueue", ("arn:a",), condition),
            Grant("application-autoscaling:TagResource", ("arn:b",)),
            Grant("sqs:ListQueues", ("*",)),
        ]
    )
    assert [(one["Sid"], one["Action"]) for one in made] == [
        ("AnyResourcePart1", ["sqs:ListQueues"]),
        ("ApplicationAutoscalingPart1", ["application-autoscaling:TagResource"]),
        ("SqsPart1", ["sqs:DeleteMessage", "sqs:SendMessage"]),
        ("SqsPart2", ["sqs:PurgeQueue"]),
    ]
    assert [one.get("Condition") for one in made] == [None, None, None, condition]


def test_white_space_does_not_count() -> None:
    policy = Policy("name", {"a": "b c"})
    assert policy.size == len('{"a":"bc"}')


def test_the_setting_of_the_account_is_changed_only_by_whoever_owns_it(
    prod: tuple[Stack, ...],
) -> None:
    others = [
        replace(one, parameters={**one.parameters, "ManageAccountLogging": "false"}) for one in prod
    ]
    account = "arn:aws:apigateway:us-east-1::/account"
    changing, reading = request("apigateway:PATCH", account), request("apigateway:GET", account)
    for stacks, decided in ((prod, "Allow"), (others, "ImplicitDeny")):
        made = whole(policies.deployer(stacks, BOUNDED))
        assert (decision(made, changing), decision(made, reading)) == (decided, "Allow")


def test_a_renamed_environment_has_its_own_names(prod: tuple[Stack, ...]) -> None:
    renamed = [replace(one, name=one.name.replace("prod", "live")) for one in prod]
    assert Scope(renamed).prefix == "payments-live"
