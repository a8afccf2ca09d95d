"""What parameters give to the API's definition stands in the stage, not in the snapshot.

A deployment is a frozen copy of the definition, and no template that all environments share can
make a new one because a parameter has another value: logical ids do not change with values, and of
the properties of `AWS::ApiGateway::Deployment` only RestApiId and DeploymentCanarySettings replace
it (its provider schema). A value in a snapshot would stay: callers with tokens of a new user pool
would be refused, and tokens of the old one go on being accepted. So the definition names variables,
which API Gateway fills in with every request, and another value is an update of the stage (API
Gateway guide, "API Gateway stage variables reference for REST APIs": Lambda functions, user pools).

A variable is named after its parameter, `UserPool` after `UserPoolArn`. The rule `frozen-value`
sees to it that no parameter gets into the definition in another way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from troposphere import If, Join, NoValue, Ref, Select, Split

# In an ARN of an alias, arn:aws:lambda:<region>:<account>:function:<name>:<alias>.
_NAME, _ALIAS = 6, 7


def from_stage(parameter: str) -> str:
    """What names the variable of `parameter` in the text of a `Sub`."""
    return f"${{!stageVariables.{_variable(parameter)}}}"


def stage_variables(aliases: Iterable[str], pool: str, asks: str) -> dict[str, Any]:
    """The variables for parameters that hold ARNs of aliases, and for that of the user pool.

    The pool has one where the condition `asks` holds.
    """
    pool_id = Select(1, Split("/", Ref(pool)))
    functions = {_variable(alias): _function(Split(":", Ref(alias))) for alias in aliases}
    return {**functions, _variable(pool): If(asks, pool_id, NoValue)}


def _function(parts: Split) -> Join:
    return Join(":", [Select(_NAME, parts), Select(_ALIAS, parts)])


def _variable(parameter: str) -> str:
    return parameter.removesuffix("Arn")
