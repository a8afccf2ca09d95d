"""One stack beside itself on the other side."""

from __future__ import annotations

from tapgen.review.diff.effect import Effect
from tapgen.review.diff.snapshot import Snapshot
from tests.review.diff.made import both, diff, make, resource, table


def test_what_decides_nothing_is_a_difference_of_the_template_only() -> None:
    found = both({"T": table()}, {"T": table(Metadata={"a": 1}, DependsOn=[])})
    (layer,) = found.layers
    assert (layer.kind, layer.resources, layer.template_differs) == ("changed", (), True)


def test_stacks_have_tags_policies_protection_and_inputs() -> None:
    before = make(tags={"A": "1"}, policy={"Statement": []}, inputs={"P": "a.X"})
    after = make(tags={"A": "2"}, policy={"Statement": [1]}, inputs={"P": "b.X"}, protected=False)
    (layer,) = diff([before], [after]).layers
    assert [(change.what, change.name) for change in layer.stack] == [
        ("input", "P"),
        ("tag", "A"),
        ("policy", "Statement/0"),
        ("termination protection", ""),
    ]
    assert layer.kind == "changed"


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
