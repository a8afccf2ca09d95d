"""One stack of a deployment, from its entry in the plan to its outcome."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from shlex import quote
from typing import Final

from tapgen.aws.cloudformation.change_sets import CREATE, UPDATE
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import StillRunningError, StoppedError, Watched
from tapgen.deploy.adopt.adoption import PLACEHOLDER
from tapgen.deploy.adopt.consent import NO_CONSENT, Consent
from tapgen.deploy.flow.events import Started
from tapgen.deploy.guards.data_loss import policy_during
from tapgen.deploy.guards.guard import Subject, guards_of
from tapgen.deploy.guards.under_way import wait_until_over
from tapgen.deploy.guards.whole_plan import check
from tapgen.deploy.hooks.calling import call_hooks
from tapgen.deploy.plan.approval import other_inputs, question, unseen
from tapgen.deploy.plan.planner import Planner
from tapgen.deploy.run.taken_over import not_as_declared
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.blocked_names import deleted_lately, wait_for_names
from tapgen.deploy.stack.failures import explain
from tapgen.deploy.stack.next_steps import with_command
from tapgen.deploy.stack.open_change_sets import OpenChangeSets
from tapgen.deploy.stack.run_each import MAX_CONCURRENCY
from tapgen.deploy.target.artifacts import artifacts_for
from tapgen.deploy.target.elsewhere import not_deployed
from tapgen.deploy.target.inputs import Outputs, input_values, missing_inputs
from tapgen.deploy.target.run import Asked, Run
from tapgen.deploy.target.target import Target, layer_options
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.changes.settling import is_unsettled, protected_later, settled
from tapgen.model.deployed.events import Created, Failed, Outcome, Unchanged, Updated
from tapgen.model.deployed.stack_status import DEPLOYED, SUCCEEDED, DeployAction, actions_for
from tapgen.model.plan import Blocked, Entry, FailedCreation, NoChange, Pending, Planned
from tapgen.model.stack import Stack
from tapgen.model.templates.stack_policy import is_ours
from tapgen.model.templates.stateful import SNAPSHOT_TYPES

# Types whose loss needs no question.
_NO_LOSS: Final = SNAPSHOT_TYPES | {PLACEHOLDER}


@dataclass(frozen=True)
class Choices:
    """The choices of a deployment: permitted losses, overridden guards, concurrency.

    `allowed_losses` are resources ("layer.LogicalId") of protected environments that may be
    replaced or removed. `lifted` are the options that override guards of the platform. `strict` is
    for a plan that was reviewed as a file: only its change sets are executed. `may_ask` is off if
    the run must not ask questions after it has started. `full` creates a change set even if a stack
    is known to be unchanged. `mark` is the suffix of change sets that are kept after the run.
    `layers` are the named layers; empty means all. `consent` says what `adopt` may take over.
    `release` is the release that a rollback returns to. `unapproved` is the reason for deploying
    without approvals; "" if approvals are required. `source` is the environment that `promote`
    names, `source_profile` the AWS profile of the one that this is promoted from. A suggested
    command repeats all of these, and also `operation`, the options of the command line for
    CloudFormation, such as `--rollout`, and `recorded`, those for the record, such as `--reason`.
    """

    allowed_losses: frozenset[str] = frozenset()
    lifted: frozenset[str] = frozenset()
    max_concurrency: int = MAX_CONCURRENCY
    strict: bool = False
    may_ask: bool = True
    full: bool = False
    mark: str = ""
    layers: tuple[str, ...] = ()
    consent: Consent = NO_CONSENT
    release: int | None = None
    unapproved: str = ""
    operation: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    source: str = ""
    source_profile: str | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """The options that override guards, as on the command line."""
        losses = (f"--allow-replacement {name}" for name in sorted(self.allowed_losses))
        return (*losses, *sorted(self.lifted))

    @property
    def asked(self) -> Asked:
        """The command that does exactly the same again."""
        verb = self.consent.verb
        if self.source:
            verb = "promote"
        if self.release is not None:
            verb = "rollback"
        source = (f"--from {self.source}",) if self.source else ()
        width = self.max_concurrency
        workers = () if width == MAX_CONCURRENCY else (f"--max-concurrency {width}",)
        return Asked(verb, (*source, *self._planned, *workers, *self._reached, *self.recorded))

    @property
    def planning(self) -> Asked:
        """The command that writes a plan file for the same."""
        verb = "plan" if self.release is None else "rollback"
        return Asked(verb, ("--out FILE", *self._planned))

    def carrying_out(self, file: str) -> Asked:
        """The command that carries out the plan in a file."""
        return Asked("deploy", (f"--plan {file}", *self.options, *self._reached, *self.recorded))

    def of_layers(self, target: Target, layers: Collection[str]) -> Choices:
        """The same choices for these layers; none is named if they are all layers."""
        chosen = tuple(one for one in target.stacks if one in layers)
        return replace(self, layers=chosen if target.only(chosen) else ())

    def with_layers(self, target: Target, layers: Collection[str]) -> Choices:
        """The same choices with more layers."""
        return self.of_layers(target, {*self.layers, *layers}) if self.layers else self

    @property
    def _planned(self) -> tuple[str, ...]:
        """The options that a plan depends on."""
        release = () if self.release is None else (f"--to {self.release}",)
        full = ("--full",) if self.full else ()
        layers = layer_options(self.layers)
        return (*release, *layers, *self.consent.options, *full, *self.options, *self.operation)

    @property
    def _reached(self) -> tuple[str, ...]:
        """The options for reaching the environment that this is promoted from."""
        profile = self.source_profile
        return (f"--from-profile {quote(profile)}",) if profile else ()


@dataclass(frozen=True)
class Shared:
    """Shared by the steps of a deployment. `outputs` returns the outputs of a layer."""

    change_sets: OpenChangeSets
    planner: Planner
    outputs: Callable[[str], Outputs]
    choices: Choices


@dataclass
class Step:
    """The work on one stack, in its own thread. It reports each action before it starts it."""

    run: Run
    shared: Shared
    entry: Entry
    stack: Stack = field(init=False)
    creates: bool = field(default=False, init=False)
    overlooked: bool = field(default=False, init=False)
    adopted: tuple[str, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        self.stack = self.entry.stack
        # An earlier run did not finish the layer, so its hooks may not have been called.
        self.overlooked = self.layer in self.run.state.unfinished

    @property
    def target(self) -> Target:
        return self.run.target

    @property
    def _again(self) -> str:
        """The command that does exactly the same again."""
        return self.run.again()

    @property
    def _planned_again(self) -> str:
        """The command that writes a plan file for the same again."""
        planning = self.shared.choices.planning
        return self.target.command(planning.verb, *planning.options)

    def _again_with(self, layers: Collection[str]) -> str:
        """The command that does the same with more layers."""
        choices = self.shared.choices
        if choices.consent.layer:
            return self.target.command("deploy", *layer_options(layers))
        asked = choices.with_layers(self.target, layers).asked
        return self.target.command(asked.verb, *asked.options)

    @property
    def layer(self) -> str:
        return self.stack.layer

    def carry_out(self) -> Outcome:
        """Carry out the entry, or a new one if it is no longer valid."""
        entry = self._current()
        if isinstance(entry, FailedCreation):
            if (failure := self._remove()) is not None:
                return failure
            entry = self._replan()
        self.creates = isinstance(entry, Planned) and entry.creates
        while isinstance(entry, Planned) and entry.adoptions:
            if (failure := self._adopt(entry)) is not None:
                return failure
            entry = self._replan()
        return self._finish(entry)

    def _current(self) -> Entry:
        """The reviewed entry if its inputs are unchanged, otherwise a new one."""
        entry = self.entry
        if isinstance(entry, Pending):
            return self._replan()
        if isinstance(entry, Planned):
            now = {**self.stack.parameters, **input_values(self.stack, self._upstream())}
            if now != settled(self.stack, entry.parameters):
                if self.shared.choices.strict:
                    raise other_inputs(entry, now, self._planned_again)
                self.shared.change_sets.discard(entry)
                return self._replan()
        return entry

    def _replan(self) -> Entry:
        upstream = self._upstream()
        if missing := missing_inputs(self.stack, upstream):
            raise not_deployed(self.target, self.layer, missing, self._again_with)
        return self.shared.planner.entry_with(self.run, self.layer, upstream)

    def _takes_others(self, state: StackState) -> bool:
        """Whether this run changed inputs of the stack that the plan did not expect to change.

        An output may change although none of the resources that it refers to does.
        """
        inputs = input_values(self.stack, self._upstream()) if self.stack.inputs else {}
        deployed = state.parameters or {}
        return any(deployed.get(parameter) != value for parameter, value in inputs.items())

    def _upstream(self) -> dict[str, Outputs]:
        return {producer: self.shared.outputs(producer) for producer in self.stack.producers}

    def _remove(self) -> Outcome | None:
        """Delete the remains of a failed creation; return the failure if that fails."""
        state = operations.watch_to_rest(self.run, self.stack)
        if actions_for(state.status).deploy is not DeployAction.RECREATE:
            return None  # it was already deleted or repaired since the plan was made
        self.run.note(
            self.stack, f"{state.status}: deleting the failed stack before creating it again"
        )
        self.run.cloudformation(self.stack).protect(state, wanted=False)
        self._started("delete")
        lately = deleted_lately(self.run, self.stack, state.stack_id)
        watched = operations.delete(self.run, self.stack, state)
        if watched.state.status not in SUCCEEDED:
            return self._failed(watched)
        wait_for_names(self.run, self.stack, (*lately, *watched.events))
        return None

    def _adopt(self, entry: Planned) -> Outcome | None:
        """Import the resources, or create the stack for it; return the failure if that fails."""
        names = tuple(adoption.logical_id for adoption in entry.adoptions)
        if entry.kind == CREATE:
            what = "existing" if self.shared.choices.consent.layer else "retained"
            self.run.note(self.stack, f"creating the stack that takes over {what} resources")
            self._started("create")
        else:
            kept = "" if self.shared.choices.consent.layer else "retained "
            self.run.note(self.stack, f"taking over {kept}resources: {', '.join(names)}")
            self._started("adopt")
            self.adopted += names
            self.run.state.taken_over |= {f"{self.layer}.{name}" for name in names}
        watched = self._execute(entry)
        return None if watched.state.status in SUCCEEDED else self._failed(watched)

    def _finish(self, entry: Entry) -> Outcome:
        if isinstance(entry, NoChange):
            # It may have been changed since the plan; the other stacks need its current outputs.
            state = self.target.describe(self.layer)
            if entry is self.entry and self._takes_others(state):
                return self._finish(self._replan())
            if not entry.complete or state.updated != entry.updated:
                self._align(state)
            outputs = state.outputs or {}
            hooked = self._hook_after(outputs) if self.overlooked else None
            return self._otherwise() or hooked or self._outcome(Unchanged(outputs))
        if isinstance(entry, Blocked):
            # The hints of a refusal and of a blocked status are complete.
            complete = entry.refused or entry.status
            hint = entry.hint if complete else with_command(entry.hint, self._again)
            return Failed(entry.reason, entry.status, hint=hint, refused=entry.refused)
        if not isinstance(entry, Planned):
            raise TapgenError(
                f"stack {self.stack.name} changed while it was being deployed",
                "Somebody else is changing it. Run the command again.",
            )
        return self._deploy(entry)

    def _deploy(self, entry: Planned) -> Outcome:
        self._guard(entry)
        if entry is not self.entry:
            self._approve(entry)
        self._upload(entry)
        if entry.foreign:
            self.run.note(self.stack, f"taking over stack {self.stack.name}")
        call_hooks(self.run, self.stack, "before", entry.outputs, self.shared.outputs)
        self._started("create" if entry.kind == CREATE else "update")
        state = self._change(entry)
        if isinstance(state, StackState) and is_unsettled(self.stack, entry.parameters):
            state = self._settle(entry, state)
        if isinstance(state, Failed):
            return state
        self.creates = self.creates or entry.creates
        outputs = state.outputs or {}
        return self._otherwise() or self._hook_after(outputs) or self._outcome(Updated(outputs))

    def _hook_after(self, outputs: Outputs) -> Failed | None:
        """Call the hooks after the layer; return the failure if one fails.

        The stack is as declared, but the layer does not count as finished: the next run calls them
        again, even if it has nothing else to do.
        """
        unfinished = self.run.state.unfinished
        unfinished.add(self.layer)
        try:
            call_hooks(self.run, self.stack, "after", outputs, self.shared.outputs)
        except StoppedError:
            raise
        except TapgenError as error:
            refused = isinstance(error, RefusedError)
            again = f"The stack is as declared; `{self._again}` calls the hook again."
            hint = " ".join(filter(None, [error.hint, again]))
            return Failed(error.message, hint=hint, refused=refused)
        unfinished.discard(self.layer)
        return None

    def _change(self, entry: Planned) -> StackState | Failed:
        """Execute the change set, then set what it does not contain."""
        unfinished = self.run.state.unfinished
        before = self.layer in unfinished
        unfinished.add(self.layer)
        lifted = self._lift_policy(entry)
        overdue = False
        try:
            watched = self._execute(entry)
        except StillRunningError:
            overdue = True
            watched = self._cancel()
        except TapgenError:
            if self.stack not in self.run.abandoned():  # nothing was started
                self._put_back_policy(lifted=lifted, unfinished=before)
            raise
        if watched.state.status not in DEPLOYED:
            self._put_back_policy(lifted=lifted, unfinished=before)
            return self._overdue(watched) if overdue else self._failed(watched)
        self._align(watched.state, new=entry.kind == CREATE)
        return watched.state

    def _settle(self, entry: Planned, state: StackState) -> StackState | Failed:
        """Add the deletion protection that the creation left out, see `model.changes.settling`.

        It is part of what was agreed to, so there is no question; guards are called.
        """
        names = ", ".join(protected_later(self.stack, entry.parameters))
        self.run.note(self.stack, f"protecting against deletion: {names}")
        settlement = self.shared.planner.settlement(entry, state)
        self._guard(settlement)
        self._started("protect")
        return self._change(settlement)

    def _outcome(self, outcome: Unchanged | Updated) -> Outcome:
        """The outcome of the stack, with the resources that it took over."""
        if self.creates:
            return Created(outcome.outputs, self.adopted)
        return Updated(outcome.outputs, self.adopted) if self.adopted else outcome

    def _otherwise(self) -> Failed | None:
        """The failure if adopted resources are not as declared, otherwise None.

        They may have been adopted by an earlier run that was interrupted.
        """
        state = self.run.state
        every = frozenset(state.taken_over)  # other layers add to it meanwhile
        mine = {name for name in every if name.startswith(f"{self.layer}.")}
        faults = not_as_declared(self.target, mine)
        if not faults:
            state.taken_over -= mine
            return None
        state.unfinished.add(self.layer)
        repair = self.target.command("drift", "--layer", self.layer, "--repair")
        return Failed(
            f"what {self.layer} took over is not as declared: {faults}",
            hint=f"`{repair}` sets back what it can; set the rest by hand. Then run "
            f"`{self._again}`, which checks it again.",
        )

    def _guard(self, entry: Planned) -> None:
        """Wait for operations of AWS, then call all guards; raises what they raise."""
        choices = self.shared.choices
        subject = Subject(self.target, {self.layer}, entry, self.shared.outputs, choices.lifted)
        wait_until_over(self.run, self.stack, subject)
        for note in check(subject, entry, choices.allowed_losses):
            self.run.note(self.stack, note)

    def _approve(self, entry: Planned) -> None:
        """Accept a change set that was not reviewed if it loses nothing, or if the host agrees.

        Raises `RefusedError` otherwise.
        """
        changes = entry.change_set.changes
        choices = self.shared.choices
        named = choices.allowed_losses if choices.consent.layer else frozenset()
        losses = [
            one
            for one in changes
            if one.loses
            and one.resource_type not in _NO_LOSS
            and f"{self.layer}.{one.logical_id}" not in named
        ]
        if not losses:
            return
        if choices.may_ask and self.run.ask(question(entry)):
            return
        self.shared.change_sets.discard(entry)
        again = self._planned_again if choices.strict else self._again
        raise unseen(self.layer, losses, again)

    def _execute(self, entry: Planned) -> Watched:
        return operations.execute(self.run, entry, self.shared.change_sets)

    def _lift_policy(self, entry: Planned) -> bool:
        """Allow in the stack policy what the deployment may lose; return whether it was changed.

        A policy that was set by hand may deny any update, so it is replaced first.
        """
        cloudformation = self.run.cloudformation(self.stack)
        if not entry.data_losses:
            if entry.kind == UPDATE and not is_ours(cloudformation.policy(self.stack.name)):
                self.run.note(
                    self.stack, "the stack policy was changed by hand and may deny this update"
                )
                self._set_policy()
            return False
        policy = policy_during(entry, self.shared.choices.allowed_losses)
        return cloudformation.set_policy(self.stack.name, policy)

    def _upload(self, entry: Planned) -> None:
        """Upload the function code to where the change set expects it."""
        if not self.stack.code_parameter:
            return
        code = self.target.code_of(self.stack)
        artifacts = artifacts_for(self.target, self.stack, entry.parameters)
        if artifacts is None:
            raise TapgenError(
                f"{self.layer} has function code, but no bucket to read it from",
                "Add the platform's `artifacts` output to its inputs in the registry of layers.",
            )
        if artifacts.put(code.key, code.zip()):
            self.run.note(self.stack, f"uploaded {code.key}")

    def _align(self, state: StackState, *, new: bool = False) -> None:
        """Set what a change set does not contain: stack policy and termination protection."""
        self._set_policy(new=new)
        if self.run.cloudformation(self.stack).protect(state, wanted=self.stack.protected):
            words = "on" if self.stack.protected else "off"
            self.run.note(self.stack, f"termination protection {words}")
        self.run.state.unfinished.discard(self.layer)

    def _set_policy(self, *, new: bool = False) -> None:
        cloudformation = self.run.cloudformation(self.stack)
        if cloudformation.set_policy(self.stack.name, self.stack.policy(), new=new):
            self.run.note(self.stack, "stack policy set")

    def _put_back_policy(self, *, lifted: bool, unfinished: bool) -> None:
        """Restore the stack policy if this run `lifted` it.

        If an earlier run left the layer `unfinished` and the policy was not lifted now, its policy
        is unknown, and the layer stays unfinished.
        """
        if lifted:
            self._set_policy()
        if lifted or not unfinished:
            self.run.state.unfinished.discard(self.layer)

    def _cancel(self) -> Watched:
        minutes = self.stack.deadline_minutes
        self.run.note(self.stack, f"not done after {minutes} minutes: cancelling")
        return operations.cancel(self.run, self.stack)

    def _overdue(self, watched: Watched) -> Failed:
        minutes = self.stack.deadline_minutes
        hints = (guard.way_out(self.target, self.layer) for guard in guards_of(self.target))
        longer = f"If it needs longer, raise timeout_minutes.{self.layer}."
        known = next(filter(None, hints), longer)
        return Failed(
            f"{self.layer} was not done after {minutes} minutes and was cancelled",
            watched.state.status,
            hint=f"{known} Then run `{self._again}` again.",
        )

    def _failed(self, watched: Watched) -> Failed:
        return explain(self.run, self.stack, watched)

    def _started(self, action: str) -> None:
        self.run.tell(Started(self.layer, action))
