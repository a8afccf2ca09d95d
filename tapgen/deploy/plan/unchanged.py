"""Stacks that are as declared, recognised from a listing of stacks alone.

A stack is as declared if its last operation succeeded and everything that a change set carries is
there: the template (by its seal), parameters, tags and notification topics; and termination
protection. The stack policy is part of the seal and is set before a run counts a stack as finished;
the lock lists the layers that a run left without it. In case of doubt the answer is no: then a
change set shows it.
"""

from __future__ import annotations

from collections.abc import Mapping

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.target.inputs import input_values
from tapgen.deploy.target.lock import untouched
from tapgen.deploy.target.run import Run
from tapgen.model.deployed.stack_status import DEPLOYED, usable
from tapgen.model.graph import Graph
from tapgen.model.layer import PARAMETER_STORE
from tapgen.model.plan import NoChange, Plan
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template


def no_op_plan(run: Run, graph: Graph) -> Plan | None:
    """A plan with nothing to do, if that is certain after two calls and without the lock.

    The stacks' ids prove the account, so STS is not called. None if a layer may differ from its
    declaration or takes from another environment, or if another run is at work. If settings read
    parameters of Systems Manager, a third call reads these.
    """
    target = run.target
    if any(s.environment for layer in graph for s in target.stacks[layer].read_inputs.values()):
        return None
    states = target.states(target.concerned(graph))
    outputs: dict[str, Mapping[str, str]] = {
        layer: state.outputs or {} for layer, state in states.items() if usable(state.status)
    }
    if target.read_parameters(graph):
        if not all(_in_account(target.stacks[layer], states[layer]) for layer in graph):
            return None  # parameters are not read in what may be another account
        outputs[PARAMETER_STORE] = target.outputs(PARAMETER_STORE) or {}
    entries = {}
    for layer in target.stacks:
        if layer in graph:
            stack, state = target.stacks[layer], states[layer]
            parameters = {**stack.parameters, **input_values(stack, outputs)}
            if not unchanged(run, stack, state, parameters):
                return None
            entries[layer] = same(stack, state)
    return Plan(target.environment, entries) if untouched(target) else None


def same(stack: Stack, state: StackState) -> NoChange:
    """The entry of a stack that is unchanged."""
    return NoChange(stack, state.outputs or {}, state.updated, complete=True)


def unchanged(run: Run, stack: Stack, state: StackState, parameters: Mapping[str, str]) -> bool:
    """Whether the stack is certain to be as declared, with these values of its parameters."""
    options = run.target.options
    return (
        stack.layer not in run.state.unfinished
        and state.status in DEPLOYED
        and _self_contained(stack.template)
        and state.seal == stack.template.seal
        and state.parameters == {**stack.template.defaults, **parameters}
        and state.tags == stack.tags
        and state.termination_protection == stack.protected
        and state.notification_arns == options.notification_arns
        and _in_account(stack, state)
    )


def _in_account(stack: Stack, state: StackState) -> bool:
    return f":{stack.region}:{stack.account_id}:stack/" in state.stack_id


def _self_contained(template: Template) -> bool:
    """Whether the seal covers the whole template: no part of it is read only at deployment."""
    return (
        bool(template.seal)
        and "Transform" not in template.document
        and not any("AWS::SSM::" in declared["Type"] for declared in template.parameters.values())
    )
