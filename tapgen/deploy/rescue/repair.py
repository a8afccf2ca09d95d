"""Reverting drift: drift-aware change sets set resources back to what was last deployed.

Template and parameters stay the deployed ones, so a repair deploys no changed settings. It only
modifies resources: if one would have to be replaced or removed, the repair is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from tapgen.aws.cloudformation.change_sets import UPDATE, ChangeSetRequest
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.flow.events import Started
from tapgen.deploy.guards.guard import Subject
from tapgen.deploy.guards.ownership import refuse_other_owner
from tapgen.deploy.guards.under_way import wait_until_over
from tapgen.deploy.plan.arguments import change_set_arguments
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.open_change_sets import OpenChangeSets
from tapgen.deploy.stack.run_each import ending, run_each
from tapgen.deploy.target.run import Asked, Run
from tapgen.deploy.target.target import layer_options
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.changes.change import Change
from tapgen.model.deployed.events import Outcome
from tapgen.model.plan import NoChange, Plan, Planned
from tapgen.model.stack import Stack

REVERT_DRIFT: Final = "REVERT_DRIFT"
# Drift-aware change sets resolve Ref of an AWS::ApiGateway::Resource to the id of its REST API, so
# ParentId and ResourceId, which only a replacement changes, seem to have drifted.
_REF_BUG: Final = (
    "https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2505"
)
_HIT_BY_REF_BUG: Final = frozenset({"AWS::ApiGateway::Method", "AWS::ApiGateway::Resource"})


@dataclass
class Repair:
    """One run over the drifted stacks of an environment."""

    run: Run
    _change_sets: OpenChangeSets = field(init=False)

    def __post_init__(self) -> None:
        self._change_sets = OpenChangeSets(self.run)

    def plan(self, layers: Iterable[str]) -> Plan:
        """A change set for each of the layers; `NoChange` if CloudFormation sees no drift.

        Raises `RefusedError`, with no change set left, if a resource would be replaced or removed
        or a stack belongs to somebody else, and `TapgenError` in the local AWS.
        """
        target = self.run.target
        target.verify_account()
        if target.account.connection.local:
            raise TapgenError(
                "the local AWS has no drift-aware change sets (REVERT_DRIFT)",
                "Set back by hand what is shown above. In AWS, --repair does it.",
            )
        try:
            plan = Plan(
                target.environment,
                {layer: self._entry(target.stacks[layer]) for layer in layers},
            )
            self._refuse_losses(plan)
        except BaseException:
            self.discard()
            raise
        return plan

    def carry_out(self, plan: Plan) -> dict[str, Outcome]:
        """Execute the change sets; return the outcomes."""
        planned = {entry.stack.layer: entry for entry in plan.planned}
        graph = {layer: self.run.target.graph[layer] & planned.keys() for layer in planned}

        options = ("--repair", *layer_options(graph), *self.run.target.options.recorded)
        self.run.state.asked = Asked("drift", options)

        def work(run: Run, stack: Stack) -> Outcome:
            entry = planned[stack.layer]
            wait_until_over(run, stack, Subject(run.target, {stack.layer}, entry))
            run.tell(Started(stack.layer, "repair"))
            return ending(run, stack, operations.execute(run, entry, self._change_sets))

        try:
            return run_each(self.run, graph, work, "drift", options)
        finally:
            self.discard()

    def discard(self) -> None:
        """Remove the change sets that were not executed."""
        self._change_sets.discard_all()

    def _entry(self, stack: Stack) -> Planned | NoChange:
        cloudformation = self.run.cloudformation(stack)
        state = cloudformation.describe(stack.name)
        refuse_other_owner(self.run.target, stack, state)
        change_set = cloudformation.create_change_set(self._request(stack, state))
        outputs = state.outputs or {}
        if change_set is None:
            return NoChange(stack, outputs, state.updated)
        entry = Planned(stack, UPDATE, state.parameters or {}, change_set, outputs)
        self._change_sets.add(entry)
        return entry

    def _request(self, stack: Stack, state: StackState) -> ChangeSetRequest:
        # AWS does not return the values of secret parameters, but it can keep them.
        parameters: list[dict[str, Any]] = [
            {"ParameterKey": name, "UsePreviousValue": True}
            for name in sorted(state.parameters or {})
        ]
        return ChangeSetRequest(
            stack_name=stack.name,
            name=f"tapgen-{sha256(f'{REVERT_DRIFT} {stack.name}'.encode()).hexdigest()[:16]}",
            kind=UPDATE,
            template={},
            parameters={},
            tags=state.tags or {},
            capabilities=stack.template.capabilities,
            options={
                **change_set_arguments(self.run.target, stack, UPDATE),
                "DeploymentMode": REVERT_DRIFT,
                "Parameters": parameters,
                "UsePreviousTemplate": True,
            },
        )

    def _refuse_losses(self, plan: Plan) -> None:
        losses = [
            (entry.stack.layer, change)
            for entry in plan.planned
            for change in entry.change_set.changes
            if change.loses
        ]
        if not losses:
            return
        lost = "; ".join(
            f"{layer}.{change.logical_id} ({change.resource_type}) would be {change.loss}"
            for layer, change in losses
        )
        raise RefusedError(
            f"reverting the drift would lose resources: {lost}",
            f"Nothing was changed. {_way_out(losses)}",
        )


def _way_out(losses: Iterable[tuple[str, Change]]) -> str:
    """How to repair the drift without a change set that would lose these resources of layers."""
    hit = {
        layer
        for layer, change in losses
        if change.replaces and change.resource_type in _HIT_BY_REF_BUG
    }
    if not hit:
        return "Set it back by hand, or declare the current values and deploy."
    return (
        "Resources and methods of a REST API may seem to be replaced although they have not "
        f"drifted, because of a bug in AWS ({_REF_BUG}). Set back the drift of "
        f"{', '.join(sorted(hit))} by hand, or deploy a change of the drifted properties."
    )
