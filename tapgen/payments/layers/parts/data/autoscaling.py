"""Target tracking of DynamoDB's read and write capacity, for tables and indexes."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from troposphere import Ref, Sub
from troposphere.applicationautoscaling import (
    PredefinedMetricSpecification,
    ScalableTarget,
    ScalingPolicy,
    TargetTrackingScalingPolicyConfiguration,
)

from tapgen.payments.layers.blueprint import Blueprint
from tapgen.payments.limits import SCALING_TARGET_PERCENT, TABLE_CAPACITY

_COOLDOWN_SECONDS: Final = 60  # DynamoDB's console also uses a minute


class Span(NamedTuple):
    """The initial and minimum capacity of a table, and its maximum."""

    low: Ref
    high: Ref


class Capacity(NamedTuple):
    """Capacity units of each table and index, and the target utilisation in percent."""

    read: Span
    write: Span
    target_percent: Ref

    @classmethod
    def of(cls, blueprint: Blueprint) -> Capacity:
        """Declare the parameters."""
        return cls(
            read=_span(blueprint, "Read"),
            write=_span(blueprint, "Write"),
            target_percent=blueprint.number(
                "ScalingTargetPercent",
                "data.scaling_target_percent",
                "Target utilisation of autoscaling, in percent.",
                SCALING_TARGET_PERCENT,
            ),
        )


class Autoscaling(NamedTuple):
    """Adds a target and a policy for each direction of a table or an index."""

    blueprint: Blueprint
    capacity: Capacity

    def add_table(self, title: str, name: Ref) -> None:
        """Scale the table `name`."""
        self._add(f"{title}Table", "table", Sub("table/${Table}", Table=name))

    def add_index(self, title: str, name: Ref, index: str) -> None:
        """Scale an index of the table `name`."""
        self._add(f"{title}{index}", "index", Sub(f"table/${{Table}}/index/{index}", Table=name))

    def _add(self, title: str, kind: str, resource_id: Sub) -> None:
        for direction, span in (("Read", self.capacity.read), ("Write", self.capacity.write)):
            # Without a role, Application Auto Scaling creates and uses its service-linked one (user
            # guide). Whoever names a role, even that one, needs permission to pass it.
            target = self.blueprint.add(
                ScalableTarget(
                    f"{title}{direction}Target",
                    ServiceNamespace="dynamodb",
                    ScalableDimension=f"dynamodb:{kind}:{direction}CapacityUnits",
                    ResourceId=resource_id,
                    MinCapacity=span.low,
                    MaxCapacity=span.high,
                )
            )
            self.blueprint.add(self._policy(f"{title}{direction}", direction, target))

    def _policy(self, title: str, direction: str, target: Any) -> ScalingPolicy:
        return ScalingPolicy(
            f"{title}Policy",
            PolicyName=f"{title}Utilization",
            PolicyType="TargetTrackingScaling",
            ScalingTargetId=Ref(target),
            TargetTrackingScalingPolicyConfiguration=TargetTrackingScalingPolicyConfiguration(
                PredefinedMetricSpecification=PredefinedMetricSpecification(
                    PredefinedMetricType=f"DynamoDB{direction}CapacityUtilization"
                ),
                TargetValue=self.capacity.target_percent,
                ScaleInCooldown=_COOLDOWN_SECONDS,
                ScaleOutCooldown=_COOLDOWN_SECONDS,
            ),
        )


def _span(blueprint: Blueprint, direction: str) -> Span:
    setting, what = f"data.{direction.lower()}_capacity", f"{direction} capacity units"
    return Span(
        blueprint.number(
            f"{direction}Capacity", setting, f"{what} of each table and index.", TABLE_CAPACITY
        ),
        blueprint.number(
            f"{direction}CapacityMax",
            f"{setting}_max",
            f"{what} at most, with autoscaling.",
            TABLE_CAPACITY,
        ),
    )
