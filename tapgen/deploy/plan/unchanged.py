"""Stacks that are as declared, told from a listing of stacks alone.

A stack is what it should be where its last operation succeeded and everything that a change set
would carry is there: the template by its seal, parameters, tags, and where its events are reported.
So is termination protection. The stack policy is part of the seal, and set before a run calls a
stack finished; layers that a run left without it are known by the lock. Whoever is unsure here
gives no for an answer: then a change set tells.
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
    """A plan that has nothing to do, where that is certain: two calls tell it, and take no lock.

    The stacks' ids prove the account, so that nobody else has to be asked. None where a layer is,
    or may be, other than declared, where it takes from another environment, or somebody is at work.
    Parameters of Systems Manager that settings read are asked for with a third call.
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
            return None  # nobody reads in an account that may be another one
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
    """Whether the stack certainly is as declared, with these values for its parameters."""
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
    """Whether the seal speaks for all of the template: nothing is read only when it is deployed."""
    return (
        bool(template.seal)
        and "Transform" not in template.document
        and not any("AWS::SSM::" in declared["Type"] for declared in template.parameters.values())
    )
