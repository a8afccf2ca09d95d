"""Deploying an environment: plan everything that can be planned, ask, then carry it out.

The stages, each a function below:

1. `plan` compares every stack with AWS and creates change sets for those whose inputs are real.
2. Whoever reads the messages sees the plan and may stop there; `carry_out` does what it says.
3. A stack starts the moment the last stack it takes from has ended well. It executes the reviewed
   change set if its inputs still are what they were; a stack that was pending is planned now.
4. Before a change set is executed: the guard against losing data, the delegation check, the upload
   of function code. Afterwards: stack policy and termination protection.
5. A failed stack's descendants are skipped; everything independent goes on to its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tapgen.aws.artifacts import Artifacts
from tapgen.aws.cloudformation import StackState
from tapgen.aws.watch import StillRunningError, Watched
from tapgen.deploy import operations
from tapgen.deploy.delegation import CERTIFICATE, ZONE, check_delegation
from tapgen.deploy.messages import Finished, Message, Note, Started
from tapgen.deploy.planner import Outputs, Planner, input_values
from tapgen.deploy.schedule import Emit, Ended, walk
from tapgen.deploy.target import ARTIFACTS_BUCKET, Target
from tapgen.errors import RefusedError, TapgenError
from tapgen.stacks.events import (
    Created,
    Failed,
    Outcome,
    Skipped,
    Unchanged,
    Updated,
    root_cause,
    succeeded,
)
from tapgen.stacks.graph import Graph
from tapgen.stacks.plan import Blocked, Entry, Leftover, Pending, Plan, Planned, Same
from tapgen.stacks.stack import Stack
from tapgen.stacks.status import SUCCEEDED

DEFAULT_CONCURRENCY = 8


@dataclass
class Deployment:
    """One run over an environment, or over some of its layers."""

    target: Target
    graph: Graph
    max_concurrency: int = DEFAULT_CONCURRENCY
    allowed_losses: frozenset[str] = frozenset()
    skip_delegation_check: bool = False
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def plan(self) -> Iterator[Message]:
        """Check the account, then plan; the last message carries the plan."""
        self.target.verify_account()
        yield from Planner(self.target).plan(self.graph, self.max_concurrency)

    def carry_out(self, plan: Plan) -> Iterator[Message]:
        """Do what the plan says. `outcomes` is complete when the messages end."""

        def work(layer: str, emit: Emit[Message]) -> Outcome:
            try:
                return _Step(self, layer, plan.entries[layer], emit).run()
            except TapgenError as error:
                return Failed(
                    error.message, hint=error.hint, refused=isinstance(error, RefusedError)
                )

        for item in walk(self.graph, work, skip=self._skip, max_concurrency=self.max_concurrency):
            if isinstance(item, Ended):
                self.outcomes[item.name] = item.result
                yield Finished(item.name, item.result, item.seconds)
            else:
                yield item

    def discard(self, plan: Plan) -> None:
        """Remove the plan's change sets, and the shells of stacks that exist only through them."""
        for entry in plan.entries.values():
            if isinstance(entry, Planned):
                _discard(self.target, entry)

    def outputs(self, layer: str) -> Outputs:
        """The outputs of a layer as this run left them, or as AWS has them."""
        outcome = self.outcomes.get(layer)
        if isinstance(outcome, Created | Updated | Unchanged):
            return outcome.outputs
        return self.target.outputs(layer) or {}

    def _skip(self, layer: str, results: Mapping[str, Outcome]) -> Outcome | None:
        failed = [
            name
            for name in self.target.stacks
            if name in self.graph[layer] and name in results and not succeeded(results[name])
        ]
        if not failed:
            return None
        words = {True: "failed", False: "was skipped"}
        return Skipped(
            ", ".join(f"{name} {words[isinstance(results[name], Failed)]}" for name in failed)
        )


@dataclass
class _Step:
    """One stack of a deployment, in a thread of its own."""

    deployment: Deployment
    layer: str
    entry: Entry
    emit: Emit[Message]

    @property
    def target(self) -> Target:
        return self.deployment.target

    @property
    def stack(self) -> Stack:
        return self.target.stacks[self.layer]

    def run(self) -> Outcome:
        entry = self._current()
        if isinstance(entry, Leftover):
            if (failure := self._remove(entry)) is not None:
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
                _discard(self.target, entry)
                return self._replan()
        return entry

    def _replan(self) -> Entry:
        upstream = self._upstream()
        missing = [
            source
            for source in dict.fromkeys(self.stack.inputs.values())
            if not source.optional and source.output not in upstream[source.layer]
        ]
        if missing:
            raise TapgenError(
                f"{self.layer} needs {', '.join(map(str, missing))}, which is not deployed",
                f"Deploy {', '.join(sorted({source.layer for source in missing}))} first.",
            )
        return Planner(self.target).entry_with(self.layer, upstream, self.emit)

    def _upstream(self) -> dict[str, Outputs]:
        return {layer: self.deployment.outputs(layer) for layer in self.stack.dependencies}

    def _remove(self, entry: Leftover) -> Outcome | None:
        self.emit(Note(self.layer, f"{entry.status}: deleting what is left before making it again"))
        cloudformation = self.target.cloudformation(self.stack)
        state = cloudformation.describe(self.stack.name)
        cloudformation.protect(state, wanted=False)
        self.emit(Started(self.layer, "delete"))
        watched = operations.delete(self.target, self.stack, state, self.emit)
        return None if watched.state.status in SUCCEEDED else self._failed(watched)

    def _adopt(self, entry: Planned) -> Outcome | None:
        names = ", ".join(adoption.logical_id for adoption in entry.adoptions)
        self.emit(Note(self.layer, f"taking over retained resources: {names}"))
        self.emit(Started(self.layer, "adopt"))
        watched = operations.execute(self.target, self.stack, entry.change_set, self.emit)
        return None if watched.state.status in SUCCEEDED else self._failed(watched)

    def _finish(self, entry: Entry, adopted: tuple[str, ...]) -> Outcome:
        if isinstance(entry, Same):
            self._align(self.target.describe(self.layer))
            return Created(entry.outputs, adopted) if adopted else Unchanged(entry.outputs)
        if isinstance(entry, Blocked):
            return Failed(entry.reason, entry.status, hint=entry.hint)
        if not isinstance(entry, Planned):
            raise TapgenError(
                f"stack {self.stack.name} changed while it was being deployed",
                "Somebody else is at work on it. Run the command again.",
            )
        self._guard(entry)
        self._prepare(entry)
        self.emit(Started(self.layer, "create" if entry.kind == "CREATE" else "update"))
        try:
            watched = operations.execute(self.target, self.stack, entry.change_set, self.emit)
        except StillRunningError:
            return self._overdue()
        if watched.state.status not in SUCCEEDED:
            return self._failed(watched)
        self._align(watched.state)
        outputs = watched.state.outputs or {}
        if adopted or entry.kind == "CREATE":
            return Created(outputs, adopted)
        return Updated(outputs)

    def _guard(self, entry: Planned) -> None:
        """Refuse to replace or remove what holds data in a protected environment."""
        losses = [
            change
            for change in entry.data_losses
            if f"{self.layer}.{change.logical_id}" not in self.deployment.allowed_losses
        ]
        if not self.stack.protected or not losses:
            return
        _discard(self.target, entry)
        named = [f"{self.layer}.{change.logical_id}" for change in losses]
        verbs = {True: "removed", False: "replaced"}
        raise RefusedError(
            "; ".join(
                f"{name} ({change.resource_type}) would be {verbs[change.action == 'Remove']}"
                for name, change in zip(named, losses, strict=True)
            )
            + f" and {self.stack.environment} is protected",
            "If that is meant, name it: "
            + " ".join(f"--allow-replacement {name}" for name in named),
        )

    def _prepare(self, entry: Planned) -> None:
        """What has to be true before the change set is executed."""
        if self.stack.code_parameter:
            bucket = entry.parameters[ARTIFACTS_BUCKET.output]
            region = self.target.stacks[ARTIFACTS_BUCKET.layer].region
            code = self.target.code
            if Artifacts(self.target.account, region, bucket).put(code.key, code.zip()):
                self.emit(Note(self.layer, f"uploaded {code.key}"))
        if self.layer == CERTIFICATE and entry.kind == "CREATE":
            self._check_delegation()

    def _check_delegation(self) -> None:
        if self.deployment.skip_delegation_check or self.target.account.connection.local:
            self.emit(Note(self.layer, "delegation of the domain is not checked"))
        else:
            zone = self.deployment.outputs(ZONE)
            check_delegation(self.stack.parameters["DomainName"], zone["NameServers"].split(","))
        self.emit(
            Note(
                self.layer,
                "waiting for AWS to see the validation record in public DNS, "
                f"at most {self.stack.deadline_minutes} minutes",
            )
        )

    def _align(self, state: StackState) -> None:
        """Bring in line what a change set does not carry: stack policy, termination protection."""
        cloudformation = self.target.cloudformation(self.stack)
        if cloudformation.set_policy(self.stack.name, self.stack.policy()):
            self.emit(Note(self.layer, "stack policy set"))
        if cloudformation.protect(state, wanted=self.stack.protected):
            words = "on" if self.stack.protected else "off"
            self.emit(Note(self.layer, f"termination protection {words}"))

    def _overdue(self) -> Outcome:
        minutes = self.stack.deadline_minutes
        self.emit(Note(self.layer, f"not done after {minutes} minutes: cancelling"))
        watched = operations.cancel(self.target, self.stack, self.emit)
        return Failed(
            f"{self.layer} was not done after {minutes} minutes and was cancelled",
            watched.state.status if watched else "",
            hint="Check that the domain's name servers at the registrar or in the parent zone are "
            f"those of the zone stack (`{self.target.command('outputs')}`), then deploy again.",
        )

    def _failed(self, watched: Watched) -> Failed:
        cause = root_cause(self.layer, watched.state.stack_id, watched.events)
        reason = str(cause) if cause else watched.state.reason or watched.state.status
        return Failed(
            reason,
            watched.state.status,
            cause,
            hint=f"Mend the cause, then run `{self.target.command('deploy')}` again: "
            "what has succeeded stays as it is.",
        )


def _discard(target: Target, entry: Planned) -> None:
    cloudformation = target.cloudformation(entry.stack)
    cloudformation.discard(entry.change_set)
    state = cloudformation.describe(entry.stack.name)
    if state.status == "REVIEW_IN_PROGRESS":
        cloudformation.delete(state.stack_id)
