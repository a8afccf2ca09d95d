"""Aliases of functions for which CodeDeploy shifts traffic in steps, and how long that takes.

The UpdatePolicy of such an alias names an application and a deployment group; the group names the
steps and the alarms that roll the new version back. All of this is read from the template with the
values of its parameters.
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
# Type -> the property with the name, which is the value of a Ref to the resource.
_NAMED_BY: Final = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CodeDeploy::Application": "ApplicationName",
    "AWS::CodeDeploy::DeploymentGroup": "DeploymentGroupName",
    "AWS::Lambda::Function": "FunctionName",
}


@dataclass(frozen=True)
class Rollout:
    """How the traffic of an alias is shifted to a new version.

    `alias` is its logical id, `name` and `function` are the names in Lambda. `configuration` is
    CodeDeploy's name of the steps, `minutes` their duration, None if it is not known. `alarms` are
    names, `check` is the function that is called before the first step, "" if there is none.
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
    """The aliases of a stack whose traffic CodeDeploy shifts, with these parameter values."""
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
    """The aliases that get another version by a change set."""
    given = {
        change.logical_id
        for change in changes
        if change.action == "Modify" and _VERSION in change.properties
    }
    return tuple(one for one in every if one.alias in given)


@dataclass(frozen=True)
class _Names:
    """The resources of an environment, and the names of those that are referred to."""

    resources: Mapping[str, Mapping[str, Any]]

    def of(self, value: Any) -> str:
        """The name in the template, or that of the referenced resource; "" if unknown."""
        if not isinstance(value, Unknown):
            return str(value)
        body = self.resources.get(value.expression, {})
        named = body.get("Properties", {}).get(_NAMED_BY.get(body.get("Type", ""), ""))
        return "" if named is None else self.of(named)

    def group(self, value: Any) -> Mapping[str, Any]:
        """The properties of the referenced deployment group; none if it is not in this stack."""
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
