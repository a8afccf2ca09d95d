from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.guards.protection import loses_protection

if TYPE_CHECKING:
    from tests.lab import Lab


def test_a_stack_is_protected_by_termination_protection_or_by_its_parameter(lab: Lab) -> None:
    settings = {"Protection": "protection"}
    stack = lab.stack(
        "data", {"Note": lab.note()}, parameters={"Protection": "false"}, settings=settings
    )
    by_stack = StackState(stack.name, termination_protection=True)
    by_parameter = StackState(stack.name, parameters={"Protection": "true"})
    neither = StackState(stack.name, parameters={"Protection": "false"})
    assert [loses_protection(stack, one) for one in (by_stack, by_parameter, neither)] == [
        True,
        True,
        False,
    ]
    protected = lab.stack("data", {"Note": lab.note()}, protected=True)
    assert not loses_protection(protected, by_stack)
    without_parameter = lab.stack("data", {"Note": lab.note()})
    assert not loses_protection(without_parameter, by_parameter)
