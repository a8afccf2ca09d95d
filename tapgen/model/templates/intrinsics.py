"""Evaluating a template with parameter values: conditions and intrinsic functions.

A value that is known only after a deployment, such as an attribute of a resource, is an `Unknown`,
and so is everything that is computed from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SUB_VARIABLE: Final = re.compile(r"\$\{(!?)([^}]+)\}")
NO_VALUE: Final = "AWS::NoValue"
# Types of parameters whose value CloudFormation looks up during the deployment.
_LOOKED_UP: Final = "AWS::SSM::Parameter::Value<"


@dataclass(frozen=True)
class Unknown:
    """A value that exists only after a deployment, with its expression."""

    expression: str

    def __str__(self) -> str:
        return f"{{{self.expression}}}"


@dataclass(frozen=True)
class Resolved:
    """A template in one environment: resources and outputs whose conditions are true."""

    resources: Mapping[str, dict[str, Any]]
    outputs: Mapping[str, dict[str, Any]]
    conditions: Mapping[str, bool]


class _Missing:
    """Stands for AWS::NoValue while a container is evaluated."""


_MISSING: Final = _Missing()


@dataclass
class Resolver:
    """Evaluates expressions of one template.

    `physical_ids` and `attributes` (keyed "LogicalId.Attribute") make deployed values known.
    """

    document: Mapping[str, Any]
    parameters: Mapping[str, str]
    account_id: str
    region: str
    physical_ids: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    _conditions: dict[str, bool] = field(default_factory=dict)

    def resolve(self) -> Resolved:
        """Evaluate the whole template."""
        conditions = {name: self.condition(name) for name in self.document.get("Conditions", {})}
        return Resolved(
            resources=self._present("Resources"),
            outputs=self._present("Outputs"),
            conditions=conditions,
        )

    def condition(self, name: str) -> bool:
        """The value of a declared condition."""
        if name not in self._conditions:
            self._conditions[name] = bool(self.value(self.document["Conditions"][name]))
        return self._conditions[name]

    def value(self, expression: Any) -> Any:
        """Evaluate an expression; a property set to AWS::NoValue is left out of its container."""
        if isinstance(expression, list):
            values = [self.value(item) for item in expression]
            return [value for value in values if value is not _MISSING]
        if not isinstance(expression, dict):
            return expression
        if len(expression) == 1:
            ((name, argument),) = expression.items()
            # `Condition` is also a key of IAM statements, whose argument is not a name.
            if name in _FUNCTIONS and (name != "Condition" or isinstance(argument, str)):
                return _FUNCTIONS[name](self, argument)
        pairs = ((key, self.value(item)) for key, item in expression.items())
        return {key: value for key, value in pairs if value is not _MISSING}

    def _present(self, section: str) -> dict[str, dict[str, Any]]:
        return {
            name: self.value({k: v for k, v in body.items() if k != "Condition"})
            for name, body in self.document.get(section, {}).items()
            if "Condition" not in body or self.condition(body["Condition"])
        }

    def ref(self, name: str) -> Any:
        """The value of Ref for a parameter, a pseudo parameter or a resource."""
        pseudo: dict[str, Any] = {
            "AWS::AccountId": self.account_id,
            "AWS::Region": self.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            NO_VALUE: _MISSING,
        }
        if name in pseudo:
            return pseudo[name]
        declared = self.document.get("Parameters", {}).get(name)
        if declared is None:
            return self.physical_ids.get(name, Unknown(name))
        value = self.parameters.get(name, declared.get("Default"))
        if value is None or declared["Type"].startswith(_LOOKED_UP):
            return Unknown(name)
        is_list = declared["Type"].startswith("List<") or declared["Type"] == "CommaDelimitedList"
        return _text(value).split(",") if is_list else _text(value)

    def get_att(self, argument: Any) -> Any:
        """The value of Fn::GetAtt, if it is known."""
        path = argument if isinstance(argument, str) else ".".join(map(str, argument))
        return self.attributes.get(path, Unknown(path))


def _text(value: Any) -> str:
    """A value as CloudFormation writes it into a string."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _if(resolver: Resolver, argument: Any) -> Any:
    name, yes, no = argument
    return resolver.value(yes if resolver.condition(name) else no)


def _join(resolver: Resolver, argument: Any) -> Any:
    separator, parts = argument[0], resolver.value(argument[1])
    if isinstance(parts, Unknown):
        return parts
    joined = separator.join(map(_text, parts))
    return Unknown(joined) if any(isinstance(part, Unknown) for part in parts) else joined


def _sub(resolver: Resolver, argument: Any) -> Any:
    text, own = (argument, {}) if isinstance(argument, str) else argument
    unknown: list[Unknown] = []

    def replace(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal:
            return f"${{{name}}}"
        if name in own:
            value = resolver.value(own[name])
        else:
            value = resolver.get_att(name) if "." in name else resolver.ref(name)
        if isinstance(value, Unknown):
            unknown.append(value)
        return _text(value)

    replaced = SUB_VARIABLE.sub(replace, text)
    return Unknown(replaced) if unknown else replaced


def _select(resolver: Resolver, argument: Any) -> Any:
    index, items = resolver.value(argument)
    if isinstance(items, Unknown):
        return Unknown(f"{items.expression}[{index}]")
    if not str(index).isdigit():
        return Unknown(f"Select({index})")
    if int(index) >= len(items):  # CloudFormation refuses it, but only during the deployment
        return Unknown(f"Select({index})")
    return items[int(index)]


def _split(resolver: Resolver, argument: Any) -> Any:
    separator, text = resolver.value(argument)
    return text if isinstance(text, Unknown) else text.split(separator)


def _cidr(resolver: Resolver, argument: Any) -> Any:
    from ipaddress import ip_network
    from itertools import islice

    block, count, *host_bits = resolver.value(argument)
    if isinstance(block, Unknown):
        return block
    if not host_bits or any(isinstance(part, Unknown) for part in (count, *host_bits)):
        return Unknown(f"Cidr({block})")
    network = ip_network(block)
    subnets = network.subnets(new_prefix=network.max_prefixlen - int(host_bits[0]))
    return [str(subnet) for subnet in islice(subnets, int(count))]


def _find_in_map(resolver: Resolver, argument: Any) -> Any:
    names = resolver.value(argument)
    found = resolver.document.get("Mappings", {})
    for name in names:  # CloudFormation refuses a missing one, but only during the deployment
        if not isinstance(name, str) or not isinstance(found, dict) or name not in found:
            return Unknown(f"FindInMap({', '.join(map(str, names))})")
        found = found[name]
    return resolver.value(found)


def _equals(resolver: Resolver, argument: Any) -> bool:
    left, right = resolver.value(argument)
    return _text(left) == _text(right)


_FUNCTIONS: Final[dict[str, Callable[[Resolver, Any], Any]]] = {
    "Ref": lambda resolver, name: resolver.ref(name),
    "Condition": lambda resolver, name: resolver.condition(name),
    "Fn::GetAtt": lambda resolver, argument: resolver.get_att(argument),
    "Fn::If": _if,
    "Fn::Join": _join,
    "Fn::Sub": _sub,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Cidr": _cidr,
    "Fn::GetAZs": lambda resolver, argument: Unknown(
        f"GetAZs({resolver.value(argument) or resolver.region})"
    ),
    "Fn::FindInMap": _find_in_map,
    "Fn::Equals": _equals,
    "Fn::And": lambda resolver, items: all(resolver.value(item) for item in items),
    "Fn::Or": lambda resolver, items: any(resolver.value(item) for item in items),
    "Fn::Not": lambda resolver, items: not resolver.value(items[0]),
    "Fn::ImportValue": lambda resolver, name: Unknown(f"ImportValue({resolver.value(name)})"),
}


def references(expression: Any) -> frozenset[str]:
    """The names in an expression, at any depth: of parameters, resources and conditions.

    Pseudo parameters such as AWS::Region are included.
    """
    if isinstance(expression, list):
        return frozenset().union(*map(references, expression))
    if not isinstance(expression, dict):
        return frozenset()
    found: set[str] = set()
    for name, argument in expression.items():
        if name in {"Ref", "Condition"} and isinstance(argument, str):
            found.add(argument)
        elif name == "Fn::GetAtt":
            found.add(argument.split(".")[0] if isinstance(argument, str) else argument[0])
        elif name == "Fn::Sub":
            text, own = (argument, {}) if isinstance(argument, str) else argument
            named = (
                match[2].split(".")[0] for match in SUB_VARIABLE.finditer(text) if not match[1]
            )
            found |= {name for name in named if name not in own} | references(own)
        else:
            if name == "Fn::If":
                found.add(argument[0])
            found |= references(argument)
    return frozenset(found)
