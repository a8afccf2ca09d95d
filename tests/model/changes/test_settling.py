"""Protection that comes after the creation, on the shipped templates."""

from __future__ import annotations

import pytest

from tapgen.model.changes.settling import is_unsettled, protected_later, settled, unsettled
from tapgen.model.stack import Stack
from tapgen.render.rendering import Rendered


def stack_of(rendered: Rendered, environment: str, layer: str) -> Stack:
    return next(one for one in rendered.stacks[environment] if one.layer == layer)


def test_a_protected_stack_is_made_without_protection(rendered: Rendered) -> None:
    data = stack_of(rendered, "prod", "data")
    before = unsettled(data, data.parameters)
    assert before == {**data.parameters, "Settled": "false"}
    assert is_unsettled(data, before)
    assert protected_later(data, before) == (
        "IdempotencyTable",
        "SessionsTable",
        "TransactionsTable",
    )
    assert settled(data, before) == data.parameters
    assert not is_unsettled(data, data.parameters)
    assert protected_later(data, data.parameters) == ()


@pytest.mark.parametrize(("environment", "layer"), [("dev", "data"), ("prod", "storage")])
def test_where_nothing_is_protected_nothing_comes_later(
    rendered: Rendered, environment: str, layer: str
) -> None:
    stack = stack_of(rendered, environment, layer)
    assert unsettled(stack, stack.parameters) == stack.parameters
    assert settled(stack, stack.parameters) == stack.parameters
    assert not is_unsettled(stack, {"Settled": "false"})
