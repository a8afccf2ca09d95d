"""What is the same in several environments, told once."""

from __future__ import annotations

from typing import Any

from tapgen.model.templates.intrinsics import Unknown
from tapgen.review.diff.causes import Context
from tapgen.review.diff.comparison import compare
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.reading.together import Whole, listed, together
from tapgen.review.diff.report import (
    Cause,
    Comparison,
    EnvironmentDiff,
    LayerDiff,
    OutputChange,
    PropertyChange,
    ResourceChange,
    StackChange,
)
from tapgen.settings.faults import Source
from tests.review.diff.made import make, table

ACCOUNTS = {"dev": "111111111111", "prod": "333333333333"}


def change(*properties: PropertyChange, **about: Any) -> ResourceChange:
    given: dict[str, Any] = {"layer": "data", "logical_id": "Key", "resource_type": "AWS::KMS::Key"}
    given |= {"action": "modify", "effect": Effect.IN_PLACE, "properties": properties}
    return ResourceChange(**{**given, **about})


def of(before: Any, after: Any, path: str = "P", **about: Any) -> PropertyChange:
    return PropertyChange(path, before, after, Effect.IN_PLACE, **about)


def every(**layers: LayerDiff) -> Comparison:
    diffs = {
        name: EnvironmentDiff(name, False, (layer,), account_id=ACCOUNTS.get(name, ""))
        for name, layer in layers.items()
    }
    return Comparison("main", diffs)


def changed(*resources: ResourceChange, **about: Any) -> LayerDiff:
    return LayerDiff("data", "changed", resources, **about)


def test_what_differs_nowhere_is_named() -> None:
    found = together(every(dev=changed(change(of(1, 2))), prod=LayerDiff("data", "same")))
    assert (found.differing, found.same) == (("dev",), ("prod",))
    assert found.resources[0].environments == ("dev",)


def test_equal_changes_are_one_and_others_stay_apart_below_one_resource() -> None:
    found = together(
        every(
            dev=changed(change(of(1, 2), of("a", "b", "Q"))),
            qa=changed(change(of(1, 2), of("a", "b", "Q"))),
            prod=changed(change(of(1, 3), of("a", "b", "Q"))),
        )
    )
    (one,) = found.resources
    assert one.environments == ("dev", "qa", "prod")
    assert one.change.properties == ()
    told = {(each.one.path, each.one.after): each.environments for each in one.properties}
    assert told == {
        ("P", 2): ("dev", "qa"),
        ("P", 3): ("prod",),
        ("Q", "b"): ("dev", "qa", "prod"),
    }


def test_names_and_accounts_do_not_keep_changes_apart() -> None:
    def layer(name: str) -> LayerDiff:
        values = (f"pay-{name}-a", [{"Arn": f"arn::{ACCOUNTS[name]}:b"}, Unknown(f"{name}.X")])
        return changed(change(of(*values), notes=(f"pay-{name}-x",)))

    (one,) = together(every(dev=layer("dev"), prod=layer("prod"))).resources
    assert one.environments == ("dev", "prod")
    assert one.change.notes == ("pay-{environment}-x",)
    (each,) = one.properties
    assert each.one.before == "pay-{environment}-a"
    assert each.one.after == [{"Arn": "arn::{account}:b"}, Unknown("{environment}.X")]
    (alone,) = together(every(dev=layer("dev"))).resources
    assert alone.properties[0].one.before == "pay-dev-a"
    assert alone.change.notes == ("pay-dev-x",)


def test_a_name_that_every_environment_has_as_a_value_stays() -> None:
    layer = changed(change(of("dev", "prod")))
    (one,) = together(every(dev=layer, prod=layer)).resources
    assert [(each.one.before, each.one.after) for each in one.properties] == [("dev", "prod")]


def test_every_place_of_a_setting_is_kept() -> None:
    def layer(name: str) -> LayerDiff:
        cause = Cause("setting", "data.reads", Source(f"envs/{name}.yaml", 1, 1))
        return changed(change(of(1, 2, causes=(cause,))))

    (one,) = together(every(dev=layer("dev"), prod=layer("prod"))).resources
    (each,) = one.properties
    assert [str(cause.place) for cause in each.one.causes] == [
        "envs/dev.yaml:1:1",
        "envs/prod.yaml:1:1",
    ]


def test_the_worst_comes_first_then_what_is_refused_then_what_explains_others() -> None:
    follows = change(logical_id="A", causes=(Cause("upstream", "data.Key"),))
    refused = change(logical_id="C", refused=True)
    worse = change(logical_id="D", effect=Effect.REPLACEMENT)
    layer = changed(follows, change(logical_id="B"), refused, worse)
    found = together(every(dev=layer, prod=changed(change(logical_id="B", refused=True))))
    assert [(one.change.logical_id, one.refused) for one in found.resources] == [
        ("D", ()),
        ("B", ("prod",)),
        ("C", ("dev",)),
        ("A", ()),
    ]


def test_stacks_are_told_once_for_layers_and_environments() -> None:
    tag = StackChange("tag", "Owner", "a", "b")

    def stacks(name: str) -> EnvironmentDiff:
        layers = [LayerDiff(layer, "changed", stack=(tag,)) for layer in ("network", "data")]
        layers += [LayerDiff("zone", "added", (change(layer="zone"),)), LayerDiff("x", "changed")]
        return EnvironmentDiff(name, False, tuple(layers))

    found = together(Comparison("main", {name: stacks(name) for name in ("dev", "prod")}))
    assert [(one.layers, one.one, one.environments) for one in found.stacks] == [
        (("network", "data"), tag, ("dev", "prod")),
        (("zone",), Whole("added", 1), ("dev", "prod")),
        (("x",), Whole("changed"), ("dev", "prod")),
    ]
    assert found.resources == ()
    assert listed(stacks("dev")) == []


def test_outputs_and_refactors_are_told_once() -> None:
    def sides(name: str) -> EnvironmentDiff:
        named = {"environment": name, "account_id": ACCOUNTS[name]}
        moved = table(f"pay-{name}-t")
        outputs = {"T": {"Value": {"Ref": "Table"}}}
        data = make(**named, name=f"pay-{name}-data", Resources={"Table": moved}, Outputs=outputs)
        other = make("other", **named, name=f"pay-{name}-other")
        before = {"data": data, "other": other}
        after = {
            "data": make(**named, name=f"pay-{name}-data"),
            "other": make("other", **named, name=f"pay-{name}-other", Resources={"Table": moved}),
        }
        return compare(name, before, after, Context({}, "templates_out/"))

    found = together(Comparison("main", {name: sides(name) for name in ("dev", "prod")}))
    (refactor,) = found.refactors
    assert refactor.environments == ("dev", "prod")
    assert refactor.one.source == "pay-dev-data"
    (output,) = [one for one in found.stacks if one.layers == ("data",)]
    assert output.environments == ("dev", "prod")
    assert isinstance(output.one, OutputChange)
    assert output.one.name == "T"
