"""The decision table of promotion: what the environment before runs, and what speaks against it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tapgen.model.deployed.drift import (
    DELETED,
    IN_SYNC,
    MODIFIED,
    NOT_CHECKED,
    LayerDrift,
    ResourceDrift,
)
from tapgen.model.deployed.stack_status import HEALTHY
from tapgen.model.stack import Stack
from tapgen.render.rendering import Rendered
from tapgen.review.parity.promotion import Objection, Running, objections

OTHER_TEMPLATE = "runs another template than the rendered one"


@pytest.fixture(scope="module")
def compute(rendered: Rendered) -> Stack:
    return next(stack for stack in rendered.stacks["prod"] if stack.layer == "compute")


def proven(stack: Stack) -> Running:
    """What an environment runs that this stack may be promoted from."""
    code = stack.parameters[stack.code_parameter] if stack.code_parameter else None
    drift = LayerDrift(stack.layer, "CREATE_COMPLETE", drifting(IN_SYNC, NOT_CHECKED))
    return Running("CREATE_COMPLETE", stack.template.document, code, drift)


def drifting(*statuses: str) -> tuple[ResourceDrift, ...]:
    return tuple(ResourceDrift(f"R{n}", "T", status) for n, status in enumerate(statuses))


def reasons(stack: Stack, running: Running | None) -> list[str]:
    found = objections({stack.layer: stack}, {stack.layer: running} if running else {})
    assert {one.layer for one in found} <= {stack.layer}
    return [one.reason for one in found]


@pytest.mark.parametrize("status", sorted(HEALTHY))
def test_the_same_healthy_and_undrifted_may_go_on(compute: Stack, status: str) -> None:
    assert reasons(compute, replace(proven(compute), status=status)) == []


def test_what_is_not_protected_yet_may_not_go_on(compute: Stack) -> None:
    assert reasons(compute, replace(proven(compute), settled=False)) == [
        "is not protected yet: its creation has not finished"
    ]


def test_the_order_of_keys_is_no_difference(compute: Stack) -> None:
    document = dict(reversed(compute.template.document.items()))
    assert list(document) != list(compute.template.document)
    assert reasons(compute, replace(proven(compute), document=document)) == []


def test_a_layer_without_code_needs_none(rendered: Rendered) -> None:
    data = next(stack for stack in rendered.stacks["prod"] if stack.layer == "data")
    assert reasons(data, proven(data)) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "ABSENT"}, ["is not deployed"]),
        ({"status": "UPDATE_IN_PROGRESS"}, ["has an operation in progress (UPDATE_IN_PROGRESS)"]),
        ({"status": "UPDATE_FAILED"}, ["is not healthy (UPDATE_FAILED)"]),
        ({"status": "ROLLBACK_COMPLETE"}, ["is not healthy (ROLLBACK_COMPLETE)"]),
        ({"document": None}, [OTHER_TEMPLATE]),
        ({"document": {"Resources": {}}}, [OTHER_TEMPLATE]),
        ({"code": "functions/other.zip"}, ["runs other code than the packaged one"]),
        ({"code": None}, ["runs other code than the packaged one"]),
        ({"drift": None}, []),
        (
            {"drift": LayerDrift("compute", "CREATE_COMPLETE", drifting(MODIFIED, IN_SYNC))},
            ["has drifted (R0)"],
        ),
        (
            {"drift": LayerDrift("compute", "CREATE_COMPLETE", drifting(*[DELETED] * 3))},
            ["has drifted (R0, R1, R2)"],
        ),
        (
            {
                "drift": LayerDrift(
                    "compute", "CREATE_COMPLETE", drifting(MODIFIED, DELETED, *[MODIFIED] * 3)
                )
            },
            ["has drifted (R0, R1, R2, 2 more)"],
        ),
    ],
)
def test_each_objection_by_itself(
    compute: Stack, change: dict[str, Any], expected: list[str]
) -> None:
    assert reasons(compute, replace(proven(compute), **change)) == expected


def test_every_objection_is_told(compute: Stack) -> None:
    drift = LayerDrift("compute", "UPDATE_FAILED", drifting(DELETED))
    found = reasons(compute, Running("UPDATE_FAILED", None, None, drift))
    assert len(found) == 4


def test_a_layer_that_the_environment_before_does_not_have(compute: Stack) -> None:
    assert reasons(compute, None) == ["is not one of its layers"]


def test_an_objection_in_words() -> None:
    assert str(Objection("data", "is not deployed")) == "data is not deployed"
