"""What is stored: which key encrypts it, how long it is kept by which setting, what guards it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tapgen.payments.layers.registry import LAYERS
from tapgen.render.rendering import Rendered
from tapgen.review.lint.rules.rule import nodes

STORED_HEAD = ("what", "encrypted with", "kept", "guarded by")
_KEYS = {"kmskeyid", "kmsmasterkeyid"}
_SECONDS_A_DAY = 86_400
# Attribute by which DynamoDB expires items -> the parameter of compute that functions add to now.
_LIFETIMES = {"expiration": "IdempotencyTtlSeconds", "expiresAt": "SessionTtlSeconds"}
_OWN_KEYS = {"AWS::Cognito::UserPool": "Cognito's own key", "AWS::S3::Bucket": "S3's own key"}
_GUARDS = {
    "DeletionProtection": "deletion protection where `protection` is on",
    "DeletionProtectionEnabled": "deletion protection where `protection` is on",
    "PointInTimeRecoverySpecification": "restorable where `data.point_in_time_recovery` is on",
    "VersioningConfiguration": "versions",
}


def stored_rows(rendered: Rendered) -> Iterator[list[str]]:
    """A row for everything that holds data; keys are told where they are used."""
    for template in rendered.templates.values():
        for name, resource in template.resources.items():
            if name in template.stateful and "KMS" not in resource["Type"]:
                one = _Stored(template.layer, resource, rendered)
                yield [f"{one.layer}: `{name}`", one.key(), one.kept(), one.guarded()]


@dataclass(frozen=True)
class _Stored:
    layer: str
    resource: Mapping[str, Any]
    rendered: Rendered

    @property
    def properties(self) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = self.resource["Properties"]
        return properties

    def key(self) -> str:
        """Which key encrypts it, by the resource that is the key."""
        for path, value in nodes(self.properties):
            if path and str(path[-1]).lower() in _KEYS:
                return f"`{self._source(value)}`"
        return _OWN_KEYS.get(self.resource["Type"], "-")

    def _source(self, value: Mapping[str, Any]) -> str:
        if "Fn::GetAtt" in value:
            return f"{self.layer}.{value['Fn::GetAtt'][0]}"
        (source,) = [layer.inputs[value["Ref"]] for layer in LAYERS if layer.name == self.layer]
        made = self.rendered.templates[source.layer].outputs[source.output]["Value"]
        return f"{source.layer}.{made['Fn::GetAtt'][0]}"

    def kept(self) -> str:
        """How long what is in it is kept, and which setting says so."""
        limits = {path[-1]: value for path, value in nodes(self.properties) if path}
        for name in ("RetentionInDays", "ExpirationInDays"):
            if name in limits:
                return self._by_setting(self.layer, limits[name]["Ref"], "days")
        if "NoncurrentDays" in limits:
            days = self._by_setting(self.layer, limits["NoncurrentDays"]["Ref"], "days")
            return f"while current; replaced versions: {days}"
        if "TimeToLiveSpecification" in limits:
            attribute = limits["TimeToLiveSpecification"]["AttributeName"]
            return self._by_setting("compute", _LIFETIMES[attribute], "seconds")
        if "MessageRetentionPeriod" in limits:
            return f"{limits['MessageRetentionPeriod'] // _SECONDS_A_DAY} days"
        return "until it is deleted"

    def _by_setting(self, layer: str, parameter: str, unit: str) -> str:
        setting = self.rendered.templates[layer].settings[parameter]
        each = {
            environment: stack.parameters[parameter]
            for environment, stacks in self.rendered.stacks.items()
            for stack in stacks
            if stack.layer == layer
        }
        if len(set(each.values())) == 1:
            return f"{each.popitem()[1]} {unit} (`{setting}`)"
        told = ", ".join(f"{environment} {number}" for environment, number in each.items())
        return f"{unit} by `{setting}`: {told}"

    def guarded(self) -> str:
        """What keeps it from being lost."""
        retained = str(self.resource.get("DeletionPolicy")).startswith("Retain")
        marks = ["retained"] if retained else []
        return ", ".join(marks + [w for name, w in _GUARDS.items() if name in self.properties])
