"""Stage variables: values of parameters for the API's definition are in the stage.

A deployment is a frozen copy of the definition. A template that all environments share cannot
create a new one when a parameter's value changes: logical ids do not change with values, and of the
properties of `AWS::ApiGateway::Deployment`, only RestApiId and DeploymentCanarySettings replace it
(its provider schema). A value in a snapshot would stay: callers with tokens of a new user pool
would be refused, and tokens of the old one would still be accepted. So the definition names
variables, which API Gateway fills in for every request, and a new value is an update of the stage
(API Gateway guide, "API Gateway stage variables reference for REST APIs": Lambda functions, user
pools).

A variable is named after its parameter: `UserPool` after `UserPoolArn`. The rule `frozen-value`
ensures that no parameter gets into the definition in another way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from troposphere import If, Join, NoValue, Ref, Select, Split

# In an ARN of an alias, arn:aws:lambda:<region>:<account>:function:<name>:<alias>.
_NAME, _ALIAS = 6, 7


def from_stage(parameter: str) -> str:
    """The variable of `parameter`, for the text of a `Sub`."""
    return f"${{!stageVariables.{_variable(parameter)}}}"


def stage_variables(aliases: Iterable[str], pool: str, asks: str) -> dict[str, Any]:
    """The variables for parameters with ARNs of aliases, and for the user pool's ARN.

    The pool's variable exists if the condition `asks` is true.
    """
    pool_id = Select(1, Split("/", Ref(pool)))
    functions = {_variable(alias): _function(Split(":", Ref(alias))) for alias in aliases}
    return {**functions, _variable(pool): If(asks, pool_id, NoValue)}


def _function(parts: Split) -> Join:
    return Join(":", [Select(_NAME, parts), Select(_ALIAS, parts)])


def _variable(parameter: str) -> str:
    return parameter.removesuffix("Arn")
