"""Resources that moved to another stack, or changed their logical id."""

from __future__ import annotations

from tapgen.review.diff.effect import Effect
from tests.review.diff.made import both, diff, make, one, resource, table


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
    assert moved.properties[0].path == "KeySchema/id"
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
