"""All stacks of an environment: changes travel downstream."""

from __future__ import annotations

from typing import Any

from tapgen.model.layer import OutputRef
from tapgen.model.templates.intrinsics import Unknown
from tapgen.review.diff.causes import Context
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import (
    Cause,
    StackChange,
)
from tapgen.review.diff.snapshot import Snapshot
from tapgen.review.parity.staleness import StaleInput
from tests.review.diff.made import both, diff, make, one, reading, resource, table


def test_equal_stacks_do_not_differ() -> None:
    found = both({"Table": table()}, {"Table": table()})
    assert [layer.kind for layer in found.layers] == ["same"]
    assert not found.differs
    assert found.protected
    assert found.layers[0].effect is None


def test_a_replaced_resource_replaces_what_points_at_it_through_layers() -> None:
    def stacks(key: str) -> list[Snapshot]:
        target = resource(
            "AWS::ApplicationAutoScaling::ScalableTarget",
            ResourceId={"Fn::Sub": "table/${Table}"},
            RoleARN="role",
        )
        policy = resource(
            "AWS::ApplicationAutoScaling::ScalingPolicy", ScalingTargetId={"Ref": "Target"}
        )
        outputs = {
            "TableName": {"Value": {"Ref": "Table"}},
            "TableArn": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}},
            "Fixed": {"Value": {"Fn::GetAtt": "Table.TableName"}},
        }
        data = make(
            Resources={"Table": table(key=key), "Target": target, "Policy": policy},
            Outputs=outputs,
        )
        permission = resource("AWS::Lambda::Permission", SourceArn={"Ref": "TableArn"})
        function = resource("AWS::Lambda::Function", Description={"Ref": "TableName"})
        compute = make(
            "compute",
            Parameters={"TableArn": {"Type": "String"}, "TableName": {"Type": "String"}},
            Resources={"Permission": permission, "Function": function},
            inputs={"TableArn": "data.TableArn", "TableName": "data.TableName"},
        )
        return [compute, make("zone"), data]

    found = diff(stacks("id"), stacks("other"))
    assert [layer.layer for layer in found.layers] == ["zone", "data", "compute"]
    assert {change.name: change.effect for change in found.resources} == {
        "data.Table": Effect.DATA_LOSS,
        "data.Target": Effect.REPLACEMENT,
        "data.Policy": Effect.REPLACEMENT,
        "compute.Permission": Effect.REPLACEMENT,
        "compute.Function": Effect.IN_PLACE,
    }
    outputs = {output.name: output for output in found.layers[1].outputs}
    assert outputs.keys() == {"TableName", "TableArn"}  # what is declared stays what it is
    assert outputs["TableName"].before == "pay-transactions"
    assert outputs["TableName"].after == Unknown("new pay-transactions")
    assert outputs["TableArn"].reaches == ("compute.TableArn",)
    permission = next(c for c in found.resources if c.name == "compute.Permission")
    assert [(c.kind, c.name, c.certain) for c in permission.causes] == [
        ("upstream", "data.TableArn", True)
    ]


def test_what_may_be_replaced_may_replace_what_points_at_it() -> None:
    def stacks(value: str) -> list[Snapshot]:
        data = make(
            Resources={
                "Thing": resource("Custom::Thing", Value=value),
                "Inner": resource("AWS::Lambda::Permission", SourceArn={"Ref": "Thing"}),
            },
            Outputs={"Id": {"Value": {"Ref": "Thing"}}},
        )
        outer = make(
            "compute",
            Parameters={"Id": {"Type": "String"}},
            Resources={"Outer": resource("AWS::Lambda::Permission", SourceArn={"Ref": "Id"})},
            inputs={"Id": "data.Id"},
        )
        return [data, outer]

    found = diff(stacks("a"), stacks("b"))
    assert {change.name: change.effect for change in found.resources} == {
        "data.Thing": Effect.DEPENDS,
        "data.Inner": Effect.DEPENDS,
        "compute.Outer": Effect.DEPENDS,
    }
    assert not found.layers[0].outputs[0].certain


def test_a_known_value_reaches_other_stacks() -> None:
    def stacks(name: str) -> list[Snapshot]:
        data = make(Outputs={"Names": {"Value": name}, "Many": {"Value": ["a", name]}})
        taker = make(
            "compute",
            Parameters={"Names": {"Type": "CommaDelimitedList"}, "Many": {"Type": "String"}},
            Resources={
                "T": resource(
                    "AWS::SNS::Topic",
                    DisplayName={"Fn::Select": [1, {"Ref": "Names"}]},
                    Other={"Ref": "Many"},
                )
            },
            inputs={"Names": "data.Names", "Many": "data.Many"},
        )
        return [data, taker]

    (part,) = one(diff(stacks("a,b"), stacks("a,c"))).properties
    assert (part.path, part.before, part.after) == ("DisplayName", "b", "c")
    assert part.causes[0].name == "data.Names"


def test_between_environments_nothing_is_predicted() -> None:
    def stack(environment: str, key: str, **extra: Any) -> Snapshot:
        return make(
            environment=environment,
            name=f"pay-{environment}-data",
            parameters={"Prefix": f"pay-{environment}"},
            tags={"Environment": environment},
            Parameters={"Prefix": {"Type": "String"}},
            Settings={"Prefix": "prefix"},
            Resources={
                "Table": table({"Fn::Sub": "${Prefix}-t"}, key=key),
                "Target": resource(
                    "AWS::ApplicationAutoScaling::ScalableTarget", ResourceId={"Ref": "Table"}
                ),
                **extra,
            },
        )

    own = stack("prod", "id", Only=resource("AWS::SNS::Topic"))
    other = stack("staging", "other", Less=resource("AWS::SNS::Topic")).as_if_in(own)
    found = diff([other], [own], Context({}, "templates_out/", "staging"))
    changes = {change.logical_id: change for change in found.resources}
    assert changes.keys() == {"Table", "Only", "Less"}  # names do not count, nothing follows
    assert {change.effect for change in changes.values()} == {Effect.DIFFERS}
    assert not any(change.refused for change in changes.values())
    assert changes["Only"].notes == ("only in prod",)
    assert changes["Less"].notes == ("only in staging",)
    assert found.layers[0].stack == ()


def test_an_environment_may_be_called_like_a_layer() -> None:
    data = make(Outputs={"Id": {"Value": "here"}})
    found = diff([data, reading("Z1")], [data, reading("data.data.Id")])
    assert one(found).properties[0].after == Unknown("data.data.Id")


def stale(*sources: str) -> Context:
    inputs = tuple(StaleInput("Parent", OutputRef.parsed(one), "Z1", "Z2") for one in sources)
    return Context({}, "templates_out/", stale={"zone": inputs})


def test_a_stale_input_differs_although_no_file_does() -> None:
    zone = reading("staging.zone.Id")
    found = diff([zone], [zone], stale("staging.zone.Id"))
    cause = (Cause("upstream", "staging.zone.Id"),)
    change = one(found)
    assert [(p.path, p.before, p.after, p.causes) for p in change.properties] == [
        ("HostedZoneId", "Z1", "Z2", cause)
    ]
    assert change.effect is Effect.REPLACEMENT
    (layer,) = found.layers
    assert layer.kind == "changed"
    assert layer.stack == (StackChange("stale input", "Parent", "Z1", "Z2", cause),)


def test_a_stale_input_that_nothing_uses_is_told_too() -> None:
    zone = make("zone", inputs={"Parent": "data.Id"}, Parameters={"Parent": {"Type": "String"}})
    (layer,) = diff([zone], [zone], stale("data.Id")).layers
    assert (layer.kind, layer.resources) == ("changed", ())


def test_what_is_stale_and_about_to_change_once_more_is_what_it_will_be() -> None:
    def data(value: str) -> Snapshot:
        return make(Outputs={"Id": {"Value": value}})

    zone = reading("data.Id")
    found = diff([data("Z2"), zone], [data("Z3"), zone], stale("data.Id"))
    (parent,) = one(found).properties
    assert (parent.before, parent.after) == ("Z1", "Z3")
