"""API Gateway's role for execution logs: one per account and region, so it is opt-in."""

from __future__ import annotations

from typing import Final

from troposphere import GetAtt, If, Ref, Select, Sub
from troposphere.apigateway import Account, RestApi
from troposphere.iam import Role

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.layers.parts.iam.trust import trust
from tapgen.payments.limits import EXECUTION_LOG_LEVELS

_MANAGED: Final = "IsManageAccountLogging"


def execution_log_level(blueprint: Blueprint, api: RestApi) -> If:
    """Declare `api.execution_log_level`, and return it in a form that waits for the account's role.

    A stage that logs is rejected as long as its account has no role. The role may belong to another
    stack, and DependsOn cannot be conditional, but a reference inside `If` can.
    """
    level = blueprint.choice(
        "ExecutionLogLevel",
        "api.execution_log_level",
        "Level of API Gateway's execution log.",
        EXECUTION_LOG_LEVELS,
    )
    account = _account(blueprint, api)
    return If(_MANAGED, Select(0, [level, Ref(account)]), level)


def _account(blueprint: Blueprint, api: RestApi) -> Account:
    """Add the account's setting and role, for `api.manage_account_logging`.

    An account that has never had an API rejects the setting (CloudFormation reference,
    AWS::ApiGateway::Account), so `api` comes first.
    """
    blueprint.flag(
        "ManageAccountLogging",
        "api.manage_account_logging",
        "Whether this environment manages API Gateway's logging role.",
    )
    role = blueprint.add(
        Role(
            "ApiGatewayLoggingRole",
            Condition=_MANAGED,
            Description="Lets API Gateway write execution logs.",
            AssumeRolePolicyDocument=trust("apigateway"),
            # When the account is set, API Gateway checks that the role has the permissions of this
            # policy, and refuses a narrower one.
            ManagedPolicyArns=[
                Sub(
                    "arn:${AWS::Partition}:iam::aws:policy/service-role/"
                    "AmazonAPIGatewayPushToCloudWatchLogs"
                )
            ],
        )
    )
    return blueprint.add(
        Account(
            "ApiGatewayAccount",
            Condition=_MANAGED,
            DependsOn=[api.title],
            CloudWatchRoleArn=GetAtt(role, "Arn"),
        )
    )
