from __future__ import annotations

from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import Comparison, EnvironmentDiff, LayerDiff, ResourceChange


def change(layer: str, effect: Effect, *, refused: bool = False) -> ResourceChange:
    return ResourceChange(layer, "It", "AWS::SQS::Queue", "modify", effect, refused=refused)


QUIET = LayerDiff("network", "same")
DATA = LayerDiff("data", "changed", (change("data", Effect.IN_PLACE),))
API = LayerDiff(
    "api", "changed", (change("api", Effect.REPLACEMENT, refused=True), change("api", Effect.MOVE))
)


def test_a_layer_is_as_bad_as_its_worst_resource() -> None:
    assert [one.effect for one in (QUIET, DATA, API)] == [None, Effect.IN_PLACE, Effect.REPLACEMENT]
    assert [one.refused for one in (QUIET, DATA, API)] == [False, False, True]


def test_resources_are_told_worst_first() -> None:
    diff = EnvironmentDiff("dev", False, (QUIET, DATA, API))
    assert [one.effect for one in diff.resources] == [
        Effect.REPLACEMENT,
        Effect.MOVE,
        Effect.IN_PLACE,
    ]
    assert [one.name for one in diff.resources] == ["api.It", "api.It", "data.It"]


def test_environments_differ_where_a_layer_does() -> None:
    same = EnvironmentDiff("dev", False, (QUIET,))
    other = EnvironmentDiff("qa", False, (QUIET, DATA))
    assert not Comparison("main", {"dev": same}).differs
    both = Comparison("main", {"dev": same, "qa": other})
    assert both.differs
    assert both.resources == DATA.resources
