"""What becomes of a single resource."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.model.changes.differences import ABSENT
from tapgen.review.diff.effect import Effect
from tapgen.settings.faults import Source
from tests.review.diff.made import both, one, resource, table


def test_a_key_change_replaces_the_table_and_is_refused() -> None:
    found = one(both({"Table": table()}, {"Table": table(key="other")}))
    assert (found.name, found.action, found.effect) == ("data.Table", "modify", Effect.DATA_LOSS)
    assert found.refused
    gone, came = found.properties
    assert (gone.path, gone.before["KeyType"], gone.after) == ("KeySchema/id", "HASH", ABSENT)
    assert (came.path, came.before, came.after["KeyType"]) == ("KeySchema/other", ABSENT, "HASH")
    assert {part.reason for part in found.properties} == {
        "DynamoDB cannot change the key of a table"
    }
    places = [part.causes[0].place for part in found.properties]
    assert places == [Source("templates_out/data.json", *at) for at in ((12, 5), (13, 6))]
    assert found.notes == (
        "the new one starts empty; the old one is deleted with its data",
        (
            "the update would fail: the old one still has the name pay-transactions when the new "
            "one is created. Change the name too"
        ),
    )


@pytest.mark.parametrize(
    ("kind", "before", "after", "name"),
    [
        ("AWS::Cognito::UserPoolDomain", {"UserPoolId": "a"}, {"UserPoolId": "b"}, "Domain"),
        ("AWS::WAFv2::WebACL", {"Name": "n", "Scope": "REGIONAL"},
         {"Name": "n", "Scope": "CLOUDFRONT"}, ""),
    ],
)  # fmt: skip
def test_a_name_may_be_less_or_more_than_what_identifies_a_resource(
    kind: str, before: dict[str, str], after: dict[str, str], name: str
) -> None:
    same = {name: "payments"} if name else {}
    found = one(both(*({"It": resource(kind, **same, **side)} for side in (before, after))))
    assert found.effect is Effect.REPLACEMENT
    in_the_way = [note for note in found.notes if "still has the name payments" in note]
    assert bool(in_the_way) == bool(name)


def test_a_retained_table_stays_behind_under_its_old_name() -> None:
    keep = {"UpdateReplacePolicy": "Retain"}
    found = one(both({"Table": table(**keep)}, {"Table": table("pay-new", **keep)}))
    assert found.effect is Effect.DATA_LOSS
    assert found.notes == (
        (
            "the new one starts empty; the old one is kept outside of the stack "
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


def test_another_type_under_the_same_id_is_not_possible() -> None:
    found = one(both({"Thing": table()}, {"Thing": resource("AWS::SNS::Topic")}))
    assert found.effect is Effect.DATA_LOSS
    assert found.refused
    assert found.properties[0].path == "Type"
    assert "refuses to change the type" in found.notes[0]


def test_policies_of_a_resource_change_in_place() -> None:
    found = one(both({"T": table()}, {"T": table(DeletionPolicy="Retain")}))
    (part,) = found.properties
    assert (part.path, part.before, part.after) == ("DeletionPolicy", ABSENT, "Retain")
    assert found.effect is Effect.IN_PLACE


def test_numbers_and_booleans_are_their_text_to_cloudformation() -> None:
    before = {"T": resource("AWS::SNS::Topic", A=25, B=True)}
    found = both(before, {"T": resource("AWS::SNS::Topic", A="25", B="true")})
    assert found.resources == ()
