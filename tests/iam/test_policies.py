"""The generated policies: complete, no wider than IAM allows to say, within IAM's quotas."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from cfnlint import ManualArgs
from cfnlint.api import lint

from tapgen.cli.views.permissions import template
from tapgen.errors import TapgenError
from tapgen.iam import policies
from tapgen.iam.computed import computing
from tapgen.iam.handlers import MAKING, permissions
from tapgen.iam.policies import ATTACHED, CHARACTERS, Policy, Roles
from tapgen.iam.reference import known, resource_types
from tapgen.iam.scope import LISTING, READING_PARAMETERS, Scope
from tapgen.model.approval import key_alias
from tapgen.model.aws_calls import CALLS, Purpose
from tapgen.model.layer import ParameterRef
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import render
from tapgen.review.schemas import resource_schema
from tapgen.settings.store import load_all
from tests.iam.stacks import stack
from tests.paths import ROOT
from tests.privileges.evaluation import decision, request
from tests.small_platform.platform import SMALL

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
    return whole(policies.deployer(PLATFORM, prod, BOUNDED))


# --- form ------------------------------------------------------------------------------------


@every_task
def test_they_fit_into_what_iam_takes(stacks: tuple[Stack, ...], task: str) -> None:
    made = policies.BUILDERS[task](PLATFORM, stacks, BOUNDED)
    assert len(made) <= ATTACHED
    assert all(policy.size <= CHARACTERS for policy in made)
    assert policies.boundary(stacks, BOUNDED).size <= CHARACTERS


@every_task
def test_they_are_the_same_every_time(stacks: tuple[Stack, ...], task: str) -> None:
    build = policies.BUILDERS[task]
    assert json.dumps([p.document for p in build(PLATFORM, stacks, BOUNDED)]) == json.dumps(
        [p.document for p in build(PLATFORM, stacks, BOUNDED)]
    )


@pytest.mark.slow
@every_task
def test_cfn_lint_finds_nothing_in_them(prod: tuple[Stack, ...], task: str) -> None:
    """It knows actions, their resources, ARN formats, condition operators and the quota."""
    made = [*policies.BUILDERS[task](PLATFORM, prod, BOUNDED), policies.boundary(prod, BOUNDED)]
    found = lint(template(made), config=ManualArgs(regions=["us-east-1"]))
    assert [str(match) for match in found] == []


@every_task
def test_no_action_has_a_wildcard_and_each_is_known(stacks: tuple[Stack, ...], task: str) -> None:
    named = actions(policies.BUILDERS[task](PLATFORM, stacks, BOUNDED))
    assert not {action for action in named if "*" in action or not known(action)}


@every_task
def test_any_resource_is_named_only_where_there_is_nothing_else_to_name(
    stacks: tuple[Stack, ...], task: str
) -> None:
    made = [*policies.BUILDERS[task](PLATFORM, stacks, BOUNDED), policies.boundary(stacks, BOUNDED)]
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
    for one in statements(policies.BUILDERS[task](PLATFORM, stacks, BOUNDED)):
        for arn in one["Resource"]:
            assert arn == "*" or account in arn or prefix in arn or elsewhere.match(arn), arn


# --- what is in them -------------------------------------------------------------------------


@every_environment
def test_the_deployer_has_all_that_change_sets_and_tapgen_take(
    rendered: Rendered, name: str
) -> None:
    stacks = rendered.stacks[name]
    wanted = {
        *permissions(Scope(stacks).properties, MAKING),
        *computing(stacks, planning=False),
        *(
            action
            for call in CALLS
            if call.purpose is not Purpose.BOOTSTRAP
            if call.purpose is not Purpose.PURGE or not stacks[0].protected
            for action in call.actions
            if action != READING_PARAMETERS  # no setting reads any
        ),
    }
    assert actions(policies.deployer(PLATFORM, stacks, BOUNDED)) == wanted


@pytest.mark.parametrize("task", ["deploy", "review"])
def test_whoever_plans_reads_what_settings_read(prod: tuple[Stack, ...], task: str) -> None:
    first, *others = prod
    inputs = {**first.inputs, "Shared": ParameterRef("/shared/vpc-id")}
    reading = (replace(first, inputs=inputs), *others)
    arn = f"arn:aws:ssm:{first.region}:{first.account_id}:parameter/shared/vpc-id"
    granted = [
        one["Action"]
        for one in statements(policies.BUILDERS[task](PLATFORM, reading, BOUNDED))
        if one["Resource"] == [arn]
    ]
    assert granted == [[READING_PARAMETERS]]


def test_a_reviewer_changes_nothing_but_change_sets_and_the_lock(prod: tuple[Stack, ...]) -> None:
    named = actions(policies.reviewer(PLATFORM, prod, BOUNDED))
    verbs = re.compile(r"[a-z0-9-]+:(Batch)?(Describe|Get|List|GET$|Detect|Head)")
    assert {action for action in named if not verbs.match(action)} == {
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteChangeSet",
        "cloudformation:TagResource",
        "cloudformation:UntagResource",
        "ssm:PutParameter",
    }
    assert "secretsmanager:GetSecretValue" not in named
    assert not {action for action in named if action.startswith("s3:GetObject")}


def test_data_is_purged_only_where_tapgen_purges(
    dev: tuple[Stack, ...], prod: tuple[Stack, ...]
) -> None:
    assert "s3:DeleteObjectVersion" in actions(policies.deployer(PLATFORM, dev, BOUNDED))
    assert "s3:DeleteObjectVersion" not in actions(policies.deployer(PLATFORM, prod, BOUNDED))


def test_with_a_service_role_the_deployer_hands_it_over_and_makes_nothing(
    prod: tuple[Stack, ...],
) -> None:
    arn = "arn:aws:iam::333333333333:role/cloudformation"
    made = policies.deployer(PLATFORM, prod, Roles(service=arn))
    assert not actions(made) & {"dynamodb:CreateTable", "iam:CreateRole", "ec2:CreateVpc"}
    assert decision(whole(made), handing(arn, "cloudformation.amazonaws.com")) == "Allow"
    assert decision(whole(made), handing(arn, "lambda.amazonaws.com")) == "ImplicitDeny"
    makes = actions(policies.service_role(PLATFORM, prod, Roles(service=arn)))
    assert makes == permissions(Scope(prod).properties, MAKING) | computing(prod, planning=False)


def test_a_reviewer_plans_with_the_service_role_and_hands_it_to_nobody_else(
    prod: tuple[Stack, ...],
) -> None:
    arn = "arn:aws:iam::333333333333:role/cloudformation"
    made = whole(policies.reviewer(PLATFORM, prod, Roles(service=arn)))
    assert decision(made, handing(arn, "cloudformation.amazonaws.com")) == "Allow"
    assert decision(made, handing(arn, "lambda.amazonaws.com")) == "ImplicitDeny"
    assert decision(made, handing(ROLE, "cloudformation.amazonaws.com")) == "ImplicitDeny"


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
        ("ec2:DescribeAvailabilityZones", "*", {"aws__RequestedRegion": "us-east-1"}),
        ("logs:DeleteDeliverySource", f"arn:aws:logs:{HOME}:delivery-source:payments-prod-cdn", {}),
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


# What CloudFormation asks CodeDeploy with the caller's credentials while an alias is moved: what
# the provider schema of AWS::Lambda::Alias names, and the revision that a deployment registers
# (CodeDeploy user guide, "CodeDeploy permissions reference").
SHIFTS: Final = f"arn:aws:codedeploy:{HOME}"
STEPS: Final = f"{SHIFTS}:deploymentconfig:CodeDeployDefault.LambdaCanary10Percent5Minutes"
SHIFTING: Final = {
    **dict.fromkeys(
        ("CreateDeployment", "GetDeployment", "GetDeploymentGroup"),
        f"{SHIFTS}:deploymentgroup:payments-prod/payments-prod-payment-processor",
    ),
    **dict.fromkeys(
        ("RegisterApplicationRevision", "GetApplicationRevision"),
        f"{SHIFTS}:application:payments-prod",
    ),
    "GetDeploymentConfig": STEPS,
    "StopDeployment": "*",
}


def test_the_deployer_may_move_aliases_in_steps(deploying: dict[str, Any]) -> None:
    named = resource_schema("AWS::Lambda::Alias")["handlers"]["update"]["permissions"]
    asked = {one.removeprefix("codedeploy:") for one in named if one.startswith("codedeploy:")}
    assert asked <= SHIFTING.keys()
    for operation, resource in SHIFTING.items():
        asking = request(f"codedeploy:{operation}", resource)
        assert decision(deploying, asking) == "Allow", operation


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
    made = whole(policies.deployer(PLATFORM, prod, Roles()))
    assert decision(made, request("iam:CreateRole", ROLE)) == "Allow"
    assert policies.boundary(prod, Roles()).name == "payments-prod-boundary"


def test_records_are_nobodys_business_without_a_domain(dev: tuple[Stack, ...]) -> None:
    without = [one for one in dev if one.layer not in {"zone", "certificate", "dns"}]
    named = actions(policies.deployer(PLATFORM, without, BOUNDED))
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


def test_within_the_boundary_lambda_attaches_functions(stacks: tuple[Stack, ...]) -> None:
    document = dict(policies.boundary(stacks, BOUNDED).document)
    for action in ("DeleteNetworkInterface", "AssignPrivateIpAddresses"):
        everywhere = f"arn:aws:ec2:{stacks[0].region}:{stacks[0].account_id}:*/*"
        assert decision(document, request(f"ec2:{action}", everywhere)) == "Allow"
        elsewhere = everywhere.replace(stacks[0].account_id, "999999999999")
        assert decision(document, request(f"ec2:{action}", elsewhere)) == "ImplicitDeny"


def test_the_boundary_allows_what_policies_of_the_templates_own_allow() -> None:
    def policy(action: str) -> dict[str, Any]:
        one = {"Effect": "Allow", "Action": action, "Resource": "*"}
        return {"Properties": {"PolicyDocument": {"Statement": one}}}

    def role(managed: str) -> dict[str, Any]:
        properties = {"ManagedPolicyArns": [{"Ref": managed}]}
        return {"Type": "AWS::IAM::Role", "Properties": properties}

    made = stack(
        Role=role("Reading"),
        Reading={"Type": "AWS::IAM::ManagedPolicy", **policy("sqs:ReceiveMessage")},
        Sending={"Type": "AWS::IAM::Policy", **policy("sqs:SendMessage")},
    )
    allowed = actions([policies.boundary([made], BOUNDED)])
    assert {"sqs:ReceiveMessage", "sqs:SendMessage"} <= allowed
    with pytest.raises(TapgenError, match=r"a role has the managed policy \{Elsewhere\}, and"):
        policies.boundary([stack(Role=role("Elsewhere"))], BOUNDED)


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
        policies.deployer(PLATFORM, prod, BOUNDED)
    assert "deployment.role_arn" in caught.value.hint


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
        made = whole(policies.deployer(PLATFORM, stacks, BOUNDED))
        assert (decision(made, changing), decision(made, reading)) == (decided, "Allow")


def test_a_renamed_environment_has_its_own_names(prod: tuple[Stack, ...]) -> None:
    renamed = [replace(one, name=one.name.replace("prod", "live")) for one in prod]
    assert Scope(renamed).prefix == "payments-live"


# --- another platform --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small() -> tuple[Stack, ...]:
    return render(SMALL, load_all(ROOT / "envs", PLATFORM, ["dev"])).stacks["dev"]


@every_task
def test_another_platform_gets_policies_without_a_bucket(
    small: tuple[Stack, ...], task: str
) -> None:
    made = policies.BUILDERS[task](SMALL, small, BOUNDED)
    assert "s3:PutObject" not in actions(made)
    assert not {action for action in actions(made) if action.startswith("apigateway:")}
    arns = {arn for one in statements(made) for arn in one["Resource"]}
    assert ("arn:aws:sqs:us-east-1:111111111111:payments-dev-*" in arns) is True
    assert policies.boundary(small, BOUNDED).document["Statement"] == []


def test_permissions_that_cannot_be_derived_are_told(prod: tuple[Stack, ...]) -> None:
    assert policies.underivable(prod) == ()
    assert policies.underivable([stack(It="AWS::CodeBuild::Project")]) == (
        "AWS::CodeBuild::Project",
    )


def bounded_by(managed: str, allowed: Any) -> Policy:
    statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
    properties = {
        "AssumeRolePolicyDocument": {"Statement": []},
        "ManagedPolicyArns": [f"arn:aws:iam::aws:policy/service-role/{managed}"],
        "Policies": [{"PolicyDocument": {"Statement": [statement]}}],
    }
    role = {"Type": "AWS::IAM::Role", "Properties": properties}
    return policies.boundary([stack(Role=role)], Roles())


def test_a_managed_policy_that_nobody_knows_bounds_nothing() -> None:
    with pytest.raises(TapgenError, match=r"tapgen does not know what that allows") as caught:
        bounded_by("AWSLambdaBasicExecutionRole", [])
    assert "MANAGED in tapgen/iam/policies.py" in caught.value.hint


def test_one_action_may_stand_without_a_list() -> None:
    (known_one,) = policies.MANAGED
    assert "sqs:SendMessage" in actions([bounded_by(known_one, "sqs:SendMessage")])


@pytest.mark.parametrize("service", [None, "arn:aws:iam::111111111111:role/cloudformation"])
def test_types_without_a_reader_are_read_through_cloud_control(service: str | None) -> None:
    of = stack(Database="AWS::RDS::DBInstance", Stream="AWS::Kinesis::Stream")
    roles = Roles(service=service)
    reading = {
        "cloudformation:GetResource",
        "cloudformation:ListResources",
        "kinesis:DescribeStreamSummary",
        "rds:DescribeDBInstances",
    }
    changing = {"rds:CreateDBInstance", "rds:DeleteDBInstance", "kinesis:DeleteStream"}
    reviewer = actions(policies.reviewer(SMALL, [of], roles))
    assert reading <= reviewer
    assert not changing & reviewer
    assert "cloudformation:DeleteResource" not in reviewer
    deployer = actions(policies.deployer(SMALL, [of], roles))
    assert reading <= deployer
    assert (changing <= deployer) is (service is None)
    assert "cloudformation:DeleteResource" in deployer


def test_a_deployer_adds_to_the_ledger_and_a_reviewer_reads_it(prod: tuple[Stack, ...]) -> None:
    roles = replace(BOUNDED, ledger="our-ledger")
    bucket = "arn:aws:s3:::our-ledger"
    releases = "releases/us-east-1/payments-prod"
    own, other = f"{bucket}/{releases}/000001-begun.json", f"{bucket}/releases/us-east-1/x-dev/1"
    for task, writes in (("deploy", True), ("review", False)):
        made = whole(policies.BUILDERS[task](PLATFORM, prod, roles))
        listings = {
            f"{releases}/": "Allow",
            "content/a.json": "Allow",
            "releases/us-east-1/x-dev/": "ImplicitDeny",
            "approvals/": "ImplicitDeny",
        }
        for prefix, wanted in listings.items():
            listed = request("s3:ListBucket", bucket, s3__prefix=prefix)
            assert decision(made, listed) == wanted, prefix
        assert decision(made, request("s3:ListBucket", bucket)) == "ImplicitDeny"
        allowed = {
            ("s3:GetObject", own): True,
            ("s3:GetObject", f"{bucket}/content/a.json"): True,
            ("s3:GetObject", other): False,
            ("s3:PutObject", own): writes,
            ("s3:PutObject", f"{bucket}/content/a.json"): writes,
            ("s3:PutObject", other): False,
            ("s3:DeleteObject", own): False,
            ("s3:DeleteObjectVersion", own): False,
            ("s3:BypassGovernanceRetention", own): False,
        }
        told = {one: decision(made, request(*one)) == "Allow" for one in allowed}
        assert told == allowed, task


def test_approvals_are_read_and_verified_and_nobody_who_deploys_makes_one(
    prod: tuple[Stack, ...],
) -> None:
    roles = replace(BOUNDED, ledger="our-ledger", approvals=True)
    bucket = "arn:aws:s3:::our-ledger"
    one = f"{bucket}/approvals/0/AROA:anna/1.json"
    key = f"arn:aws:kms:us-east-1:{prod[0].account_id}:key/1"
    alias: dict[str, Any] = {"kms__ResourceAliases": [key_alias("payments-prod")]}
    for task in ("deploy", "review"):
        made = whole(policies.BUILDERS[task](PLATFORM, prod, roles))
        asked = [
            request("s3:ListBucket", bucket, s3__prefix="approvals/0/"),
            request("s3:GetObject", one),
            request("s3:PutObject", one),
            request("kms:Sign", key, **alias),
        ]
        found = [decision(made, each) for each in asked]
        assert found == ["Allow", "Allow", "ImplicitDeny", "ImplicitDeny"], task
        (verify,) = (s for s in made["Statement"] if "kms:Verify" in s["Action"])
        assert verify["Condition"] == {
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias("payments-prod")}
        }
    unapproved = whole(policies.deployer(PLATFORM, prod, replace(roles, approvals=False)))
    assert "approvals" not in str(unapproved)


def test_without_a_ledger_nothing_is_said_of_one(prod: tuple[Stack, ...]) -> None:
    with_one = replace(BOUNDED, ledger="our-ledger")
    for task in ("deploy", "review"):
        assert "ledger" not in str(policies.BUILDERS[task](PLATFORM, prod, BOUNDED))
    assert "ledger" not in str(policies.service_role(PLATFORM, prod, with_one))


TOPIC: Final = "arn:aws:sns:eu-west-1:444444444444:releases"
SECRET: Final = "arn:aws:secretsmanager:eu-west-1:444444444444:secret:chat-"
THEIR_KEY: Final = "arn:aws:kms:eu-west-1:444444444444:key/k"


@pytest.mark.parametrize("task", ["deploy", "review"])
def test_who_deploys_or_reviews_may_tell_the_topic_that_settings_name(
    prod: tuple[Stack, ...], task: str
) -> None:
    made = whole(policies.BUILDERS[task](PLATFORM, prod, replace(BOUNDED, notify=TOPIC)))
    assert decision(made, request("sns:Publish", TOPIC)) == "Allow"
    assert decision(made, request("sns:Publish", f"{TOPIC}-2")) == "ImplicitDeny"
    through = {"kms__ViaService": "sns.eu-west-1.amazonaws.com"}
    for use in ("kms:Decrypt", "kms:GenerateDataKey"):
        assert decision(made, request(use, THEIR_KEY, **through)) == "Allow"
        assert decision(made, request(use, THEIR_KEY)) == "ImplicitDeny"


@pytest.mark.parametrize("task", ["deploy", "review"])
def test_who_deploys_or_reviews_may_read_the_address_of_the_webhook(
    prod: tuple[Stack, ...], task: str
) -> None:
    read, arn = "secretsmanager:GetSecretValue", f"{SECRET}a1B2c3"
    made = whole(policies.BUILDERS[task](PLATFORM, prod, replace(BOUNDED, notify=arn)))
    assert decision(made, request(read, arn)) == "Allow"
    assert decision(made, request(read, f"{SECRET}other1")) == "ImplicitDeny"
    through = {"kms__ViaService": "secretsmanager.eu-west-1.amazonaws.com"}
    for of, told in ((arn, "Allow"), (f"{SECRET}other1", "ImplicitDeny")):
        context = {"kms__EncryptionContext__SecretARN": of}
        assert decision(made, request("kms:Decrypt", THEIR_KEY, **through, **context)) == told
    named = whole(policies.BUILDERS[task](PLATFORM, prod, replace(BOUNDED, notify="secret:chat")))
    own = "arn:aws:secretsmanager:us-east-1:333333333333:secret:chat"
    assert decision(named, request(read, f"{own}-a1B2c3")) == "Allow"
    assert decision(named, request(read, f"{own}ter-a1B2c3")) == "ImplicitDeny"


def test_who_is_told_is_in_no_other_policy(prod: tuple[Stack, ...]) -> None:
    told = replace(BOUNDED, notify=TOPIC)
    for made in (
        policies.service_role(PLATFORM, prod, told),
        policies.purger(PLATFORM, prod, told),
    ):
        assert "releases" not in str(made)
    assert "releases" not in str(policies.boundary(prod, told))
    assert "releases" not in str(policies.deployer(PLATFORM, prod, BOUNDED))
