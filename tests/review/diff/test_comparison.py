"""Comparing stacks: what differs, why, what it does, and where it goes on downstream."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tapgen.errors import TapgenError
from tapgen.model.changes.differences import ABSENT
from tapgen.model.layer import OutputRef
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Unknown
from tapgen.model.templates.template import Template
from tapgen.review.diff.causes import Context
from tapgen.review.diff.comparison import compare
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.report import (
    Cause,
    Comparison,
    EnvironmentDiff,
    ResourceChange,
    StackChange,
)
from tapgen.review.diff.snapshot import Snapshot, from_files, snapshot
from tapgen.review.diff.verdict import fails
from tapgen.review.parity.staleness import StaleInput
from tapgen.settings.faults import Source

Make = Callable[..., Snapshot]
PLACE = Source("envs/prod.yaml", 3, 9)
CONTEXT = Context({"data.reads": PLACE, "flag": PLACE}, "templates_out/")


def make(layer: str = "data", /, **parts: Any) -> Snapshot:
    """A stack of the layer; `Resources` and other sections of the template, fields of the stack."""
    fields: dict[str, Any] = {
        "environment": "prod",
        "layer": layer,
        "name": f"pay-prod-{layer}",
        "account_id": "333333333333",
        "region": "us-east-1",
        "parameters": {},
        "inputs": {},
        "tags": {},
        "protected": True,
    }
    policy = parts.pop("policy", {})
    fields |= {name: parts.pop(name) for name in fields.keys() & parts.keys()}
    settings = parts.pop("Settings", {})
    document = {"Metadata": {"tapgen": {"Settings": settings}}, "Resources": {}, **parts}
    fields["inputs"] = {name: OutputRef.parsed(text) for name, text in fields["inputs"].items()}
    template = Template(layer, json.dumps(document, indent=1))
    return Snapshot(Stack(template=template, **fields), policy)


def resource(type_: str, /, **properties: Any) -> dict[str, Any]:
    return {"Type": type_, "Properties": properties}


def table(name: Any = "pay-transactions", key: str = "id", **more: Any) -> dict[str, Any]:
    return {
        **resource(
            "AWS::DynamoDB::Table",
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        ),
        **more,
    }


def diff(
    before: list[Snapshot], after: list[Snapshot], context: Context = CONTEXT
) -> EnvironmentDiff:
    old, new = ({each.stack.layer: each for each in side} for side in (before, after))
    return compare("prod", old, new, context)


def one(found: EnvironmentDiff) -> ResourceChange:
    (change,) = found.resources
    return change


def both(before: dict[str, Any], after: dict[str, Any], **shared: Any) -> EnvironmentDiff:
    return diff([make(Resources=before, **shared)], [make(Resources=after, **shared)])


# --- single stacks --------------------------------------------------------------------------------


def test_equal_stacks_do_not_differ() -> None:
    found = both({"Table": table()}, {"Table": table()})
    assert [layer.kind for layer in found.layers] == ["same"]
    assert not found.differs
    assert found.protected
    assert found.layers[0].effect is None


def test_a_key_change_replaces_the_table_and_is_refused() -> None:
    found = one(both({"Table": table()}, {"Table": table(key="other")}))
    assert (found.name, found.action, found.effect) == ("data.Table", "modify", Effect.DATA_LOSS)
    assert found.refused
    (part,) = found.properties
    assert (part.path, part.before, part.after) == ("KeySchema/0/AttributeName", "id", "other")
    assert part.reason == "DynamoDB cannot change the key of a table"
    assert part.causes[0].place == Source("templates_out/data.json", 14, 7)
    assert found.notes == (
        "the new one starts empty; the old one is deleted with its data",
        (
            "the update would fail: the new one cannot be called pay-transactions while the old "
            "one is. Change its name too"
        ),
    )


def test_a_retained_table_stays_behind_under_its_old_name() -> None:
    keep = {"UpdateReplacePolicy": "Retain"}
    found = one(both({"Table": table(**keep)}, {"Table": table("pay-new", **keep)}))
    assert found.effect is Effect.DATA_LOSS
    assert found.notes == (
        (
            "the new one starts empty; the old one stays behind, outside of the stack "
            "(UpdateReplacePolicy: Retain)"
        ),
    )


def test_a_generated_secret_that_may_be_made_anew_is_replaced_without_a_loss() -> None:
    def secret(generation: int, *marks: str) -> dict[str, Any]:
        return {
            "Type": "AWS::SecretsManager::Secret",
            "Metadata": {"tapgen": dict.fromkeys(marks, "because")},
            "Properties": {"Name": f"origin/{generation}", "GenerateSecretString": {}},
        }

    marked = one(both({"It": secret(1, "Regenerable")}, {"It": secret(3, "Regenerable")}))
    assert (marked.effect, marked.refused, marked.notes) == (Effect.REPLACEMENT, False, ())
    plain = one(both({"It": secret(1)}, {"It": secret(3)}))
    assert (plain.effect, plain.refused) == (Effect.DATA_LOSS, True)


def test_nothing_is_refused_where_nothing_is_protected() -> None:
    found = both({"Table": table()}, {"Table": table(key="other")}, protected=False)
    assert not one(found).refused
    assert not found.layers[0].refused


def test_a_setting_is_named_with_its_place() -> None:
    shared = {
        "Parameters": {"Reads": {"Type": "Number"}},
        "Settings": {"Reads": "data.reads"},
        "Resources": {
            "Table": table(ProvisionedThroughput=1)
            | resource("AWS::DynamoDB::Table", BillingMode={"Ref": "Reads"})
        },
    }
    before = make(parameters={"Reads": "5"}, **json.loads(json.dumps(shared)))
    found = diff([before], [make(parameters={"Reads": "7"}, **shared)])
    (cause,) = one(found).causes
    assert (cause.kind, cause.name, cause.place) == ("setting", "data.reads", PLACE)
    assert one(found).effect is Effect.IN_PLACE
    (parameter,) = found.layers[0].stack
    assert (parameter.what, parameter.name) == ("parameter", "Reads")
    assert (parameter.before, parameter.after) == ("5", "7")
    assert parameter.causes == (cause,)
    assert not found.layers[0].template_differs


def test_a_condition_adds_and_removes_because_of_its_setting() -> None:
    shared: dict[str, Any] = {
        "Parameters": {"Flag": {"Type": "String"}},
        "Conditions": {"IsFlag": {"Fn::Equals": [{"Ref": "Flag"}, "true"]}},
        "Settings": {"Flag": "flag"},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Condition": "IsFlag"}},
    }
    off, on = (make(parameters={"Flag": flag}, **shared.copy()) for flag in ("false", "true"))
    added, removed = one(diff([off], [on])), one(diff([on], [off]))
    assert (added.action, added.effect) == ("add", Effect.ADDITION)
    assert (removed.action, removed.effect) == ("remove", Effect.REMOVAL)
    assert [cause.name for cause in (*added.causes, *removed.causes)] == ["flag", "flag"]


def test_a_parameter_without_a_setting_has_no_cause_to_name() -> None:
    (layer,) = diff([make(parameters={"P": "1"})], [make(parameters={"P": "2"})]).layers
    assert layer.stack[0].causes == ()


def test_a_condition_that_is_new_on_a_resource_is_a_line_of_the_template() -> None:
    topic = resource("AWS::SNS::Topic")
    conditions = {"No": {"Fn::Equals": ["a", "b"]}}
    found = one(both({"T": topic}, {"T": {**topic, "Condition": "No"}}, Conditions=conditions))
    assert found.action == "remove"
    assert str(found.causes[0].place) == "templates_out/data.json:8:3"


def test_another_condition_is_a_line_of_the_template() -> None:
    resources = {"Topic": {"Type": "AWS::SNS::Topic", "Condition": "Is"}}
    no, yes = ({"Is": {"Fn::Equals": [value, "a"]}} for value in ("b", "a"))
    found = one(
        diff(
            [make(Resources=resources, Conditions=no)], [make(Resources=resources, Conditions=yes)]
        )
    )
    assert [str(cause.place) for cause in found.causes] == ["templates_out/data.json:14:3"]


def test_another_mapping_is_a_line_of_the_template() -> None:
    resources = {
        "Topic": resource("AWS::SNS::Topic", DisplayName={"Fn::FindInMap": ["Map", "a", "b"]})
    }
    old, new = ({"Map": {"a": {"b": value}}} for value in ("x", "y"))
    found = one(
        diff([make(Resources=resources, Mappings=old)], [make(Resources=resources, Mappings=new)])
    )
    assert (found.properties[0].before, found.properties[0].after) == ("x", "y")
    assert [str(cause.place) for cause in found.causes] == ["templates_out/data.json:22:3"]


@pytest.mark.parametrize(
    ("policy", "type_", "effect", "refused"),
    [
        ("RetainExceptOnCreate", "AWS::DynamoDB::Table", Effect.RETAINED, True),
        ("Delete", "AWS::DynamoDB::Table", Effect.REMOVAL_DATA_LOSS, True),
        ("Delete", "AWS::SNS::Topic", Effect.REMOVAL, False),
        ("Snapshot", "AWS::EC2::Volume", Effect.RETAINED, True),
    ],
)
def test_removal_by_what_is_kept(policy: str, type_: str, effect: Effect, refused: bool) -> None:
    found = one(both({"Thing": {"Type": type_, "DeletionPolicy": policy}}, {}))
    assert (found.action, found.effect, found.refused) == ("remove", effect, refused)
    assert [cause.kind for cause in found.causes] == ["template"]
    assert found.causes[0].place is None


def test_an_added_resource_is_a_line_of_the_template() -> None:
    found = one(both({}, {"Topic": resource("AWS::SNS::Topic")}))
    assert str(found.causes[0].place) == "templates_out/data.json:8:3"


def test_another_type_under_the_same_id_is_not_possible() -> None:
    found = one(both({"Thing": table()}, {"Thing": resource("AWS::SNS::Topic")}))
    assert found.effect is Effect.DATA_LOSS
    assert found.refused
    assert found.properties[0].path == "Type"
    assert "refuses another type" in found.notes[0]


def test_policies_of_a_resource_change_in_place() -> None:
    found = one(both({"T": table()}, {"T": table(DeletionPolicy="Retain")}))
    (part,) = found.properties
    assert (part.path, part.before, part.after) == ("DeletionPolicy", ABSENT, "Retain")
    assert found.effect is Effect.IN_PLACE


def test_what_decides_nothing_is_a_difference_of_the_template_only() -> None:
    found = both({"T": table()}, {"T": table(Metadata={"a": 1}, DependsOn=[])})
    (layer,) = found.layers
    assert (layer.kind, layer.resources, layer.template_differs) == ("changed", (), True)


def test_numbers_and_booleans_are_their_text_to_cloudformation() -> None:
    before = {"T": resource("AWS::SNS::Topic", A=25, B=True)}
    found = both(before, {"T": resource("AWS::SNS::Topic", A="25", B="true")})
    assert found.resources == ()


def test_parts_of_lists_and_tags_are_found_in_the_template() -> None:
    def topic(value: str, *items: Any) -> dict[str, Any]:
        tags = [{"Key": "A", "Value": "1"}, {"Key": "B", "Value": value}]
        return {"T": resource("AWS::SNS::Topic", Tags=tags, Subscription=[*items])}

    either = {"Fn::If": ["No", "x", {"Ref": "AWS::NoValue"}]}
    conditions = {"No": {"Fn::Equals": ["a", "b"]}}
    found = both(topic("2", either, "q"), topic("3", either, "r"), Conditions=conditions)
    places = {p.path: [str(c.place) for c in p.causes] for p in one(found).properties}
    assert places == {
        "Tags/B/Value": ["templates_out/data.json:18:7"],
        # Which member is meant is not known while one of them is a function: the list is.
        "Subscription/0": ["templates_out/data.json:21:5"],
    }


def test_a_property_that_is_gone_is_told_at_its_resource() -> None:
    found = one(
        both(
            {"T": resource("AWS::SNS::Topic", DisplayName="x")},
            {"T": resource("AWS::SNS::Topic")},
        )
    )
    assert found.properties[0].after is ABSENT
    assert str(found.causes[0].place) == "templates_out/data.json:8:3"


def test_stacks_have_tags_policies_protection_and_inputs() -> None:
    before = make(tags={"A": "1"}, policy={"Statement": []}, inputs={"P": "a.X"})
    after = make(tags={"A": "2"}, policy={"Statement": [1]}, inputs={"P": "b.X"}, protected=False)
    (layer,) = diff([before], [after]).layers
    assert [(change.what, change.name) for change in layer.stack] == [
        ("input", "P"),
        ("tag", "A"),
        ("policy", "Statement"),
        ("termination protection", ""),
    ]
    assert layer.kind == "changed"


# --- propagation ----------------------------------------------------------------------------------


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


def test_a_new_version_moves_its_alias_in_place() -> None:
    def resources(text: str) -> dict[str, Any]:
        return {
            "V": resource("AWS::Lambda::Version", Description=text),
            "A": resource("AWS::Lambda::Alias", FunctionVersion={"Fn::GetAtt": ["V", "Version"]}),
        }

    found = both(resources("1"), resources("2"))
    assert {change.logical_id: change.effect for change in found.resources} == {
        "V": Effect.VERSION,
        "A": Effect.IN_PLACE,
    }
    assert not fails(Comparison("x", {"prod": found}), "replacement")


def test_a_name_that_is_computed_from_nothing_known_is_unknown() -> None:
    given = {"Ref": "AWS::NoValue"}
    before = {"T": table(given), "R": resource("AWS::SNS::Topic", DisplayName={"Ref": "T"})}
    after = {**before, "T": table(given, key="other")}
    changed = {change.logical_id: change for change in both(before, after).resources}
    assert changed["R"].properties[0].before == Unknown("data.T")
    assert changed["R"].properties[0].after == Unknown("new data.T")
    assert changed["T"].notes == ("the new one starts empty; the old one is deleted with its data",)


# --- whole stacks, and stacks elsewhere -----------------------------------------------------------


def test_whole_stacks_come_and_go() -> None:
    stack = make(Resources={"Table": table(), "Topic": resource("AWS::SNS::Topic")})
    added, removed = diff([], [stack]), diff([stack], [])
    assert (added.layers[0].kind, added.layers[0].effect) == ("added", Effect.ADDITION)
    assert removed.layers[0].kind == "removed"
    assert [change.effect for change in removed.resources] == [
        Effect.REMOVAL_DATA_LOSS,
        Effect.REMOVAL,
    ]
    assert removed.resources[0].refused
    assert removed.protected


def test_a_stack_in_another_account_is_another_stack() -> None:
    def stacks(account: str) -> list[Snapshot]:
        data = make(account_id=account, Resources={"T": table()}, Outputs={"O": {"Value": "v"}})
        own = {"T": resource("AWS::SNS::Topic", DisplayName={"Ref": "AWS::AccountId"})}
        return [
            data,
            make("zone", account_id="333333333333", Resources=own, inputs={"P": "data.O"}),
        ]

    found = diff(stacks("333333333333"), stacks("444444444444"))
    data, zone = found.layers
    assert (data.kind, zone.kind) == ("added", "same")
    (change,) = data.stack
    assert (change.what, change.before, change.after) == ("account", "333333333333", "444444444444")
    assert [resource.effect for resource in data.resources] == [Effect.ADDITION]


def test_what_takes_from_a_stack_that_moves_to_another_account_changes_with_it() -> None:
    def stacks(account: str) -> list[Snapshot]:
        outputs = {"O": {"Value": {"Fn::GetAtt": ["T", "Arn"]}}, "N": {"Value": {"Ref": "T"}}}
        return [
            make(account_id=account, Resources={"T": table()}, Outputs=outputs),
            make(
                "zone",
                Parameters={"Arn": {"Type": "String"}, "Name": {"Type": "String"}},
                Resources={
                    "Own": resource(
                        "AWS::SNS::Topic", DisplayName={"Ref": "Arn"}, TopicName={"Ref": "Name"}
                    )
                },
                inputs={"Arn": "data.O", "Name": "data.N"},
            ),
        ]

    found = diff(stacks("333333333333"), stacks("444444444444"))
    assert [layer.kind for layer in found.layers] == ["added", "changed"]
    topic = next(change for change in found.resources if change.layer == "zone")
    (part,) = topic.properties
    assert (part.path, part.causes[0].name) == ("DisplayName", "data.O")
    assert part.before == Unknown("pay-transactions.Arn")
    assert part.after == Unknown("new pay-transactions.Arn")


def test_a_template_that_cannot_be_evaluated_is_reported() -> None:
    broken = {"T": {"Type": "AWS::SNS::Topic", "Condition": "Nowhere"}}
    with pytest.raises(TapgenError, match="pay-prod-data cannot be evaluated: KeyError"):
        both(broken, {})


def test_an_input_of_a_stack_that_is_not_there_is_unknown() -> None:
    def stacks(text: str) -> list[Snapshot]:
        topic = resource("AWS::SNS::Topic", DisplayName={"Fn::Sub": f"{text}${{P}}"})
        parameters = {"P": {"Type": "String"}}
        return [make(Parameters=parameters, Resources={"T": topic}, inputs={"P": "gone.X"})]

    (part,) = one(diff(stacks("a"), stacks("b"))).properties
    assert part.before == Unknown("a{gone.X}")


# --- moves ----------------------------------------------------------------------------------------


def test_a_table_in_another_layer_is_a_refactor() -> None:
    moved = table(DeletionPolicy="Retain")
    reader = make(
        "compute",
        Parameters={"Name": {"Type": "String"}},
        Resources={"F": resource("AWS::Lambda::Function", Description={"Ref": "Name"})},
        inputs={"Name": "data.Name"},
    )
    outputs = {"Name": {"Value": {"Ref": "Table"}}}
    before = [make(Resources={"Table": moved}, Outputs=outputs), make("ledger"), reader]
    elsewhere = make(
        "compute",
        Parameters={"Name": {"Type": "String"}},
        Resources={"F": resource("AWS::Lambda::Function", Description={"Ref": "Name"})},
        inputs={"Name": "ledger.Name"},
    )
    after = [make(), make("ledger", Resources={"Table": moved}, Outputs=outputs), elsewhere]
    found = diff(before, after)
    change = one(found)
    assert (change.name, change.moved_from) == ("ledger.Table", "data.Table")
    assert (change.action, change.effect) == ("move", Effect.MOVE)
    assert "stack refactor before deploying" in change.notes[-1]
    (refactor,) = found.refactors
    assert (refactor.source, refactor.target) == ("pay-prod-data", "pay-prod-ledger")
    assert refactor.mappings == (("Table", "Table"),)
    assert refactor.templates == ("templates_out/data.json", "templates_out/ledger.json")
    assert not refactor.creates_target
    # The name is the same in its new place, so nothing downstream differs but the input.
    assert [layer.resources for layer in found.layers if layer.layer == "compute"] == [()]


def test_what_else_changes_about_a_moved_resource_is_told() -> None:
    found = diff(
        [make(Resources={"Table": table(), "Topic": resource("AWS::SNS::Topic")})],
        [make("ledger", Resources={"Table": table(key="other")})],
    )
    moved, removed = found.resources
    assert (moved.effect, moved.action, moved.refused) == (Effect.DATA_LOSS, "move", True)
    assert moved.properties[0].path == "KeySchema/0/AttributeName"
    assert removed.action == "remove"
    assert found.refactors[0].creates_target


def test_without_a_name_equal_properties_make_it_the_same_in_another_layer_only() -> None:
    tags = [{"Key": "Layer", "Value": "data"}]
    key = resource("AWS::KMS::Key", Description="d", Tags=tags)
    other = resource("AWS::KMS::Key", Description="d")
    twin = resource("AWS::KMS::Key", Description="d")
    found = diff(
        [make(Resources={"Key": key, "Twin": twin})], [make("keys", Resources={"Key": other})]
    )
    moved = next(change for change in found.resources if change.action == "move")
    assert (moved.moved_from, moved.name) == ("data.Key", "keys.Key")
    assert moved.effect is Effect.MOVE  # its tag changes in place
    renamed = both({"Old": other}, {"New": other})
    assert {change.action for change in renamed.resources} == {"add", "remove"}
    assert renamed.refactors == ()


def test_a_name_under_another_logical_id_is_the_same_thing() -> None:
    found = both({"Old": table()}, {"New": table()})
    assert one(found).moved_from == "data.Old"
    assert found.refactors[0].mappings == (("Old", "New"),)
    different = both({"Old": table()}, {"New": table("pay-other")})
    assert {change.action for change in different.resources} == {"add", "remove"}


def test_no_refactor_leaves_its_region() -> None:
    found = diff(
        [make(Resources={"T": table()})],
        [make("cdn", region="eu-west-1", Resources={"T": table()})],
    )
    assert one(found).action == "move"
    assert found.refactors == ()


# --- two environments -----------------------------------------------------------------------------


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


# --- limits and files -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "failing"),
    [
        ({"T": table()}, {"T": table(key="other")}, {"any", "replacement", "data-loss"}),
        ({"T": table()}, {}, {"any", "data-loss", "replacement"}),
        ({"T": resource("AWS::SNS::Topic", TopicName="a")},
         {"T": resource("AWS::SNS::Topic", TopicName="b")}, {"any", "replacement"}),
        ({"T": resource("Custom::T", A=1)}, {"T": resource("Custom::T", A=2)},
         {"any", "replacement"}),
        ({"C": resource("Custom::T", A=1), "T": table({"Fn::GetAtt": ["C", "Name"]})},
         {"C": resource("Custom::T", A=2), "T": table({"Fn::GetAtt": ["C", "Name"]})},
         {"any", "replacement", "data-loss"}),
        ({"T": table()}, {"T": table(DeletionPolicy="Retain")}, {"any"}),
        ({}, {"T": resource("AWS::SNS::Topic")}, {"any"}),
        ({}, {}, set()),
    ],
)  # fmt: skip
def test_limits(before: dict[str, Any], after: dict[str, Any], failing: set[str]) -> None:
    comparison = Comparison("x", {"prod": both(before, after)})
    limits = ("any", "replacement", "data-loss", None)
    assert {limit for limit in limits if fails(comparison, limit)} == failing


def test_files_become_what_was_rendered(rendered: Any) -> None:
    files = {**rendered.files, "README.md": "", "a/b/c.json": "{}", "x/notes.txt": ""}
    found = from_files(files, "")
    assert found == {
        environment: {stack.layer: snapshot(stack) for stack in stacks}
        for environment, stacks in rendered.stacks.items()
    }


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"Template": "data.json", "Layer": "data"}', "[" * 200_000]
)
def test_other_files_in_their_place_are_reported(text: str) -> None:
    with pytest.raises(TapgenError, match=r"main: prod/data\.json is not a stack file"):
        from_files({"prod/data.json": text, "data.json": "{}"}, "main: ")


# --- outputs of other environments ----------------------------------------------------------------


def reading(parent: str) -> Snapshot:
    """A zone whose parent is a setting: a value, or an output ("staging.zone.Id")."""
    is_output = "." in parent
    return make(
        "zone",
        Settings={"Parent": "flag"},
        Parameters={"Parent": {"Type": "String"}},
        Conditions={"HasParent": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Parent"}, ""]}]}},
        Resources={
            "Record": {
                "Type": "AWS::Route53::RecordSet",
                "Condition": "HasParent",
                "Properties": {"HostedZoneId": {"Ref": "Parent"}, "Name": "a", "Type": "NS"},
            }
        },
        inputs={"Parent": parent} if is_output else {},
        parameters={} if is_output else {"Parent": parent},
    )


@pytest.mark.parametrize(
    ("before", "after", "values"),
    [
        ("Z1", "staging.zone.Id", ("Z1", Unknown("staging.zone.Id"))),
        ("qa.zone.Id", "staging.zone.Id", (Unknown("qa.zone.Id"), Unknown("staging.zone.Id"))),
    ],
)
def test_an_output_of_another_environment_is_named_and_its_setting_is_the_cause(
    before: str, after: str, values: tuple[Any, Any]
) -> None:
    found = diff([reading(before)], [reading(after)])
    change = one(found)
    assert (change.properties[0].before, change.properties[0].after) == values
    assert change.properties[0].causes == (Cause("setting", "flag", PLACE),)
    (layer,) = found.layers
    told = {part.what: (part.after, part.causes) for part in layer.stack}
    assert told["input"] == ("staging.zone.Id", (Cause("setting", "flag", PLACE),))
    assert diff([reading(after)], [reading(after)]).layers[0].kind == "same"


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
