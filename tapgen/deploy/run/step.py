"""One stack of a deployment, from its entry in the plan to its outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tapgen.aws.cloudformation.change_sets import CREATE
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import StillRunningError, Watched
from tapgen.aws.resources.artifacts import Artifacts
from tapgen.deploy.flow.events import Message, Note, Started
from tapgen.deploy.flow.walk import Emit
from tapgen.deploy.guards.data_loss import policy_during, refuse_data_loss
from tapgen.deploy.plan.approval import Question, other_inputs, unseen
from tapgen.deploy.plan.planner import Planner
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.failures import explain
from tapgen.deploy.stack.open_change_sets import OpenChangeSets
from tapgen.deploy.target.cross_environment import not_deployed
from tapgen.deploy.target.inputs import Outputs, input_values
from tapgen.deploy.target.target import ARTIFACTS_BUCKET, Target
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Created, Failed, Outcome, Unchanged, Updated
from tapgen.model.deployed.stack_status import SUCCEEDED, DeployAction, actions_for
from tapgen.model.plan import Blocked, Entry, FailedCreation, NoChange, Pending, Planned
from tapgen.model.stack import Stack
from tapgen.payments.guards.capacity import refuse_capacity_reset
from tapgen.payments.guards.delegation import CERTIFICATE, ZONE, check_delegation, validation_hint
from tapgen.payments.guards.rotation import refuse_broken_rotation

_MADE: Final = SUCCEEDED - {"DELETE_COMPLETE"}


@dataclass(frozen=True)
class Run:
    """What the steps of a deployment share. `outputs` gives the outputs of a layer.

    `strict` is for a plan that was reviewed as a file: its change sets or none. `approve` is asked
    about losses that the plan did not show.
    """

    target: Target
    change_sets: OpenChangeSets
    planner: Planner
    outputs: Callable[[str], Outputs]
    allowed_losses: frozenset[str] = frozenset()
    skip_delegation_check: bool = False
    allow_capacity_reset: bool = False
    strict: bool = False
    approve: Callable[[Planned, Emit[Message | Question]], bool] = lambda *_: False


@dataclass
class Step:
    """The work on one stack, in a thread of its own. It emits before each thing that it does."""

    shared: Run
    entry: Entry
    emit: Emit[Message | Question]
    stack: Stack = field(init=False)

    def __post_init__(self) -> None:
        self.stack = self.entry.stack

    @property
    def target(self) -> Target:
        return self.shared.target

    @property
    def layer(self) -> str:
        return self.stack.layer

    def run(self) -> Outcome:
        entry = self._current()
        if isinstance(entry, FailedCreation):
            if (failure := self._remove()) is not None:
                return failure
            entry = self._replan()
        adopted: tuple[str, ...] = ()
        if isinstance(entry, Planned) and entry.adoptions:
            if (failure := self._adopt(entry)) is not None:
                return failure
            adopted = tuple(adoption.logical_id for adoption in entry.adoptions)
            entry = self._replan()
        return self._finish(entry, adopted)

    def _current(self) -> Entry:
        """The reviewed entry while its inputs are what they were; otherwise a fresh one."""
        entry = self.entry
        if isinstance(entry, Pending):
            return self._replan()
        if isinstance(entry, Planned):
            now = {**self.stack.parameters, **input_values(self.stack, self._upstream())}
            if now != entry.parameters:
                if self.shared.strict:
                    raise other_inputs(self.target, entry, now)
                self.shared.change_sets.discard(entry)
                return self._replan()
        return entry

    def _replan(self) -> Entry:
        upstream = self._upstream()
        missing = [
            source
            for source in dict.fromkeys(self.stack.inputs.values())
            if not source.optional and source.output not in upstream[source.producer]
        ]
        if missing:
            raise not_deployed(self.target, self.layer, missing)
        return self.shared.planner.entry_with(self.layer, upstream, self.emit)

    def _takes_others(self, state: StackState) -> bool:
        """Whether this run gave the stack other inputs than it has: no plan can foresee them all.

        An output may change although no resource that it mentions does.
        """
        inputs = input_values(self.stack, self._upstream()) if self.stack.inputs else {}
        deployed = state.parameters or {}
        return any(deployed.get(parameter) != value for parameter, value in inputs.items())

    def _upstream(self) -> dict[str, Outputs]:
        return {producer: self.shared.outputs(producer) for producer in self.stack.producers}

    def _remove(self) -> Outcome | None:
        """Delete what is left of a failed creation; gives the failure if that does not succeed."""
        state = operations.watch_to_rest(self.target, self.stack, self.emit)
        if actions_for(state.status).deploy is not DeployAction.RECREATE:
            return None  # somebody has seen to it since the plan was made
        text = f"{state.status}: deleting what is left before making it again"
        self.emit(Note(self.layer, text))
        self.target.cloudformation(self.stack).protect(state, wanted=False)
        self.emit(Started(self.layer, "delete"))
        watched = operations.delete(self.target, self.stack, state, self.emit)
        return None if watched.state.status in SUCCEEDED else self._failed(watched)

    def _adopt(self, entry: Planned) -> Outcome | None:
        names = ", ".join(adoption.logical_id for adoption in entry.adoptions)
        self.emit(Note(self.layer, f"taking over retained resources: {names}"))
        self.emit(Started(self.layer, "adopt"))
        watched = self._execute(entry)
        return None if watched.state.status in SUCCEEDED else self._failed(watched)

    def _finish(self, entry: Entry, adopted: tuple[str, ...]) -> Outcome:
        if isinstance(entry, NoChange):
            # Somebody may have changed it since the plan: others take what it gives now.
            state = self.target.describe(self.layer)
            if entry is self.entry and self._takes_others(state):
                return self._finish(self._replan(), adopted)
            if not entry.complete or state.updated != entry.updated:
                self._align(state)
            outputs = state.outputs or {}
            return Created(outputs, adopted) if adopted else Unchanged(outputs)
        if isinstance(entry, Blocked):
            return Failed(entry.reason, entry.status, hint=entry.hint)
        if not isinstance(entry, Planned):
            raise TapgenError(
                f"stack {self.stack.name} changed while it was being deployed",
                "Somebody else is at work on it. Run the command again.",
            )
        return self._carry_out(entry, adopted)

    def _carry_out(self, entry: Planned, adopted: tuple[str, ...]) -> Outcome:
        refuse_data_loss(entry, self.shared.allowed_losses)
        refuse_broken_rotation(self.target, {self.layer})
        for reset in refuse_capacity_reset(
            self.target, entry, allowed=self.shared.allow_capacity_reset
        ):
            self.emit(Note(self.layer, reset))
        if entry is not self.entry:
            self._approve(entry)
        self._prepare(entry)
        self.emit(Started(self.layer, "create" if entry.kind == CREATE else "update"))
        before = self.layer in self.target.unfinished
        self.target.unfinished.add(self.layer)
        lifted = self._lift_policy(entry)
        overdue = False
        try:
            watched = self._execute(entry)
        except StillRunningError:
            overdue = True
            watched = self._cancel()
        except TapgenError:
            if self.stack not in self.target.abandoned():  # nothing was begun
                self._put_back_policy(lifted=lifted, unfinished=before)
            raise
        if watched.state.status not in _MADE:
            self._put_back_policy(lifted=lifted, unfinished=before)
            return self._overdue(watched) if overdue else self._failed(watched)
        self._align(watched.state, new=entry.kind == CREATE)
        outputs = watched.state.outputs or {}
        if adopted or entry.kind == CREATE:
            return Created(outputs, adopted)
        return Updated(outputs)

    def _approve(self, entry: Planned) -> None:
        """Go on with a change set that nobody has seen only if it loses nothing, or is agreed to.

        Raises `RefusedError` otherwise.
        """
        losses = [change for change in entry.change_set.changes if change.loses]
        if not losses or self.shared.approve(entry, self.emit):
            return
        self.shared.change_sets.discard(entry)
        raise unseen(self.target, self.layer, losses, strict=self.shared.strict)

    def _execute(self, entry: Planned) -> Watched:
        return operations.execute(self.target, entry, self.shared.change_sets, self.emit)

    def _lift_policy(self, entry: Planned) -> bool:
        """Let the stack policy allow what the deployment may lose; gives whether it has to."""
        if not entry.data_losses:
            return False
        policy = policy_during(entry, self.shared.allowed_losses)
        return self.target.cloudformation(self.stack).set_policy(self.stack.name, policy)

    def _prepare(self, entry: Planned) -> None:
        """What has to be true before the change set is executed."""
        if self.stack.code_parameter:
            bucket = entry.parameters[ARTIFACTS_BUCKET.output]
            region = self.target.stacks[ARTIFACTS_BUCKET.layer].region
            code = self.target.code
            if Artifacts(self.target.account, region, bucket).put(code.key, code.zip()):
                self.emit(Note(self.layer, f"uploaded {code.key}"))
        if self.layer == CERTIFICATE and entry.kind == CREATE:
            self._check_delegation()

    def _check_delegation(self) -> None:
        if self.shared.skip_delegation_check or self.target.account.connection.local:
            self.emit(Note(self.layer, "delegation of the domain is not checked"))
        else:
            zone = self.shared.outputs(ZONE)
            check_delegation(self.stack.parameters["DomainName"], zone["NameServers"].split(","))
        self.emit(
            Note(
                self.layer,
                "waiting for AWS to see the validation record in public DNS, "
                f"at most {self.stack.deadline_minutes} minutes",
            )
        )

    def _align(self, state: StackState, *, new: bool = False) -> None:
        """Bring in line what a change set does not carry: stack policy, termination protection."""
        self._set_policy(new=new)
        if self.target.cloudformation(self.stack).protect(state, wanted=self.stack.protected):
            words = "on" if self.stack.protected else "off"
            self.emit(Note(self.layer, f"termination protection {words}"))
        self.target.unfinished.discard(self.layer)

    def _set_policy(self, *, new: bool = False) -> None:
        cloudformation = self.target.cloudformation(self.stack)
        if cloudformation.set_policy(self.stack.name, self.stack.policy(), new=new):
            self.emit(Note(self.layer, "stack policy set"))

    def _put_back_policy(self, *, lifted: bool, unfinished: bool) -> None:
        """Leave the stack policy as it was before this run, which an earlier one left `unfinished`.

        Only where it was lifted, it is known what it should be.
        """
        if lifted:
            self._set_policy()
        if lifted or not unfinished:
            self.target.unfinished.discard(self.layer)

    def _cancel(self) -> Watched:
        minutes = self.stack.deadline_minutes
        self.emit(Note(self.layer, f"not done after {minutes} minutes: cancelling"))
        return operations.cancel(self.target, self.stack, self.emit)

    def _overdue(self, watched: Watched) -> Failed:
        minutes = self.stack.deadline_minutes
        longer = (
            f"If it needs longer, raise timeout_minutes.{self.layer}. "
            f"Then run `{self.target.command('deploy')}` again."
        )
        certificate = self.layer == CERTIFICATE
        return Failed(
            f"{self.layer} was not done after {minutes} minutes and was cancelled",
            watched.state.status,
            hint=validation_hint(self.target.command) if certificate else longer,
        )

    def _failed(self, watched: Watched) -> Failed:
        return explain(self.target, self.stack, watched)
