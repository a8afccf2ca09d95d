"""Aliases of functions that CodeDeploy moves to a new version in steps, and how long that takes.

An alias has an UpdatePolicy for it, which names an application and a deployment group; the group
names the steps and the alarms that take the new version back. All of it is read from the template
with the values of its parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tapgen.model.changes.change import Change
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Resolver, Unknown

_ALIAS: Final = "AWS::Lambda::Alias"
_POLICY: Final = "CodeDeployLambdaAliasUpdate"
_VERSION: Final = "FunctionVersion"
# CodeDeploy user guide, "Predefined deployment configurations for an AWS Lambda compute platform".
_STEPS: Final = re.compile(
    r"CodeDeployDefault\.Lambda"
    r"(?:Canary\d+Percent(?P<rest>\d+)|Linear(?P<percent>\d+)PercentEvery(?P<every>\d+))Minutes?"
)
_ALL: Final = 100
# What a Ref to a resource gives: the property that names it.
_NAMED_BY: Final = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CodeDeploy::Application": "ApplicationName",
    "AWS::CodeDeploy::DeploymentGroup": "DeploymentGroupName",
    "AWS::Lambda::Function": "FunctionName",
}


@dataclass(frozen=True)
class Rollout:
    """How an alias gets to a new version.

    `alias` is its logical id, `name` and `function` are what Lambda calls it. `configuration` is
    CodeDeploy's name of the steps, `minutes` how long they take, None where that is not known.
    `alarms` are names, `check` is the function that is called before the first step, "" for none.
    """

    alias: str
    function: str
    name: str
    application: str
    group: str
    configuration: str
    alarms: tuple[str, ...] = ()
    check: str = ""

    @property
    def minutes(self) -> int | None:
        """Minutes from the first step to the last."""
        found = _STEPS.fullmatch(self.configuration)
        if found is None:
            return None
        if found["rest"]:
            return int(found["rest"])
        return int(found["every"]) * _ALL // int(found["percent"])


def rollouts(stack: Stack, parameters: Mapping[str, str]) -> tuple[Rollout, ...]:
    """The aliases of a stack that CodeDeploy moves, where its parameters have these values."""
    if _POLICY not in stack.template.text:
        return ()
    resolver = Resolver(stack.template.document, parameters, stack.account_id, stack.region)
    names = _Names(resolver.resolve().resources)
    found = []
    for logical_id, body in names.resources.items():
        policy = body.get("UpdatePolicy", {}).get(_POLICY)
        if body["Type"] == _ALIAS and policy:
            found.append(_rollout(names, logical_id, policy))
    return tuple(found)


def moved(every: Iterable[Rollout], changes: Iterable[Change]) -> tuple[Rollout, ...]:
    """Those of the aliases that a change set gives another version."""
    given = {
        change.logical_id
        for change in changes
        if change.action == "Modify" and _VERSION in change.properties
    }
    return tuple(one for one in every if one.alias in given)


@dataclass(frozen=True)
class _Names:
    """Resources as an environment sees them, and what those are called that are referred to."""

    resources: Mapping[str, Mapping[str, Any]]

    def of(self, value: Any) -> str:
        """A name: as it is written, or that of the resource that it refers to; "" if unknown."""
        if not isinstance(value, Unknown):
            return str(value)
        body = self.resources.get(value.expression, {})
        named = body.get("Properties", {}).get(_NAMED_BY.get(body.get("Type", ""), ""))
        return "" if named is None else self.of(named)

    def group(self, value: Any) -> Mapping[str, Any]:
        """The properties of the deployment group that a policy refers to; none where elsewhere."""
        body = self.resources.get(getattr(value, "expression", ""), {})
        found: Mapping[str, Any] = body.get("Properties", {})
        return found


def _rollout(names: _Names, logical_id: str, policy: Mapping[str, Any]) -> Rollout:
    alias = names.resources[logical_id]["Properties"]
    group = names.group(policy["DeploymentGroupName"])
    alarms = group.get("AlarmConfiguration", {}).get("Alarms", ())
    return Rollout(
        alias=logical_id,
        function=names.of(alias["FunctionName"]),
        name=names.of(alias["Name"]),
        application=names.of(policy["ApplicationName"]),
        group=names.of(policy["DeploymentGroupName"]),
        configuration=names.of(group.get("DeploymentConfigName", "")),
        alarms=tuple(filter(None, (names.of(one["Name"]) for one in alarms))),
        check=names.of(policy.get("BeforeAllowTrafficHook", "")),
    )
