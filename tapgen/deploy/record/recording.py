"""The record of one run: begun before anything is changed, ended afterwards.

Before the run asks, the ledger is read. If it cannot be read or written, this is reported before
the run starts, and in a protected environment the run is refused. If another run considered this
one dead and wrote its end, that end is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from tapgen import __version__
from tapgen.deploy.plan.plan_file import stack_record
from tapgen.deploy.plan.plan_records import entry_record
from tapgen.deploy.record.ledger import Content, Ledger, code_key, template_key
from tapgen.deploy.record.mending import NOT_BEGUN, complete, now, outcome_of
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Failed, Outcome, Skipped
from tapgen.model.plan import Plan
from tapgen.model.platform import NO_RECORD
from tapgen.model.release import Begun, Commit, Ended, Release, StackEnd
from tapgen.model.stack import Stack
from tapgen.render.code.function_package import Code

WITHOUT: Final = f"{NO_RECORD} --reason TEXT"


@dataclass(frozen=True, kw_only=True)
class About:
    """The fields that are the same in the records of all environments of a run, see `Begun`."""

    command: str
    reason: str = ""
    source: str = ""
    plan_digest: str = ""
    approvals: tuple[Mapping[str, Any], ...] = ()
    lifted: tuple[str, ...] = ()
    commit: Commit | None = None


@dataclass(eq=False)
class Recording:
    """The record of a run in the ledger of its environment.

    `problem` says why the record is missing or incomplete; empty if it is complete. `told` is
    whether the problem was reported. An `urgent` run is never refused. `release` is the number,
    once the record is begun.
    """

    run: Run
    ledger: Ledger
    about: About
    urgent: bool = False
    problem: str = field(default="", init=False)
    told: bool = field(default=False, init=False)
    release: int | None = field(default=None, init=False)
    _last: Release | None = field(default=None, init=False)
    _next: int = field(default=1, init=False)
    _stacks: dict[str, dict[str, Any]] = field(default_factory=dict, init=False)

    def look(self) -> None:
        """Find the next number, and complete releases that killed runs left without an end.

        Raises `RefusedError` if the environment is protected and the ledger cannot be read.
        """
        try:
            numbers = self.ledger.numbers()
            self._mend(numbers)
            if numbers:
                self._next = max(numbers) + 1
                self._last = self.ledger.read(max(numbers))
        except TapgenError as error:
            self._without(error)

    def mend(self) -> None:
        """Complete releases that killed runs left without an end, if that is possible now."""
        with suppress(TapgenError):
            self._mend(self.ledger.numbers())

    def begin_plan(self, plan: Plan) -> None:
        """Write what is about to be done, with its templates and code.

        Raises `RefusedError` if the environment is protected and the ledger cannot be written.
        """
        stacks = {
            layer: {"stack": stack_record(entry.stack), **entry_record(entry)}
            for layer, entry in plan.entries.items()
        }
        self._begin(stacks, [entry.stack for entry in plan.entries.values()])

    def begin_layers(self, layers: Iterable[str]) -> None:
        """Write that something is about to be done to these layers without a plan."""
        found = [self.run.target.stacks[layer] for layer in layers]
        stacks = {stack.layer: {"stack": stack_record(stack), "kind": ""} for stack in found}
        self._begin(stacks, [])

    def end(self, outcomes: Mapping[str, Outcome]) -> None:
        """Write the outcomes, once. An error is kept as `problem`.

        Layers without an outcome were not started. If the end cannot be written, the next run
        completes the release.
        """
        release = self.run.state.release
        if release is None:
            return
        self.run.state.release = None
        stacks = {
            layer: self._stack_end(layer, outcomes.get(layer, Skipped(NOT_BEGUN)))
            for layer in self._stacks
        }
        outcome = outcome_of([*stacks.values()], broken_off=not outcomes)
        try:
            self.ledger.end(Ended(release, now(), outcome, stacks))
        except TapgenError as error:
            self.problem = (
                f"the end of release {release} was not written: {error.message}. The next run, or "
                f"`{self.run.target.command('history')}`, completes it from AWS."
            )

    def _begin(self, stacks: dict[str, dict[str, Any]], deployed: list[Stack]) -> None:
        if self.problem:
            return
        target = self.run.target
        codes = [target.code_of(stack) for stack in deployed if stack.code_parameter]
        content = _content(deployed, codes)
        known = self._last.begun.content if self._last else ()
        try:
            self.ledger.keep({key: give for key, give in content.items() if key not in known})
            begun = self.ledger.begin(
                Begun(
                    release=self._next,
                    run=uuid4().hex,
                    environment=target.environment,
                    account_id=target.account.account_id,
                    region=target.home_region,
                    prefix=target.prefix,
                    command=self.about.command,
                    caller=target.account.caller(target.home_region),
                    began=now(),
                    tapgen=__version__,
                    platform=target.platform.name,
                    source=self.about.source,
                    commit=self.about.commit,
                    code_sha256=codes[0].sha256 if codes else "",
                    plan_digest=self.about.plan_digest,
                    approvals=self.about.approvals,
                    lifted=self.about.lifted,
                    reason=self.about.reason,
                    content=tuple(sorted(content)),
                    stacks=stacks,
                )
            )
        except TapgenError as error:
            self._without(error)
            return
        self._stacks = stacks
        self.release = self.run.state.release = begun.release

    def _mend(self, numbers: Mapping[int, bool]) -> None:
        target = self.run.target
        left = [number for number, ended in numbers.items() if not ended]
        caller = target.account.caller(target.home_region) if left else ""
        for release in self.ledger.read_all(left):
            complete(self.ledger, target, release, caller)

    def _stack_end(self, layer: str, outcome: Outcome) -> StackEnd:
        trace = self.run.state.trace(layer)
        untouched = self._stacks[layer].get("updated", "") if not trace.change_sets else ""
        return StackEnd(
            type(outcome).__name__,
            None if trace.seconds is None else round(trace.seconds, 1),
            reason_of(outcome),
            outcome.status if isinstance(outcome, Failed) else "",
            tuple(trace.change_sets),
            trace.updated or untouched,
        )

    def _without(self, error: TapgenError) -> None:
        target = self.run.target
        said = f"this run cannot be recorded in {self.ledger.name}: {error.message}"
        if not self.urgent and any(stack.protected for stack in target.stacks.values()):
            raise RefusedError(
                f"{target.environment} is protected, and {said}",
                f"Nothing was started. {error.hint} Use {WITHOUT} to run without a record.".replace(
                    "  ", " "
                ),
            ) from error
        self.problem = said


def _content(deployed: Iterable[Stack], codes: Iterable[Code]) -> Content:
    """The templates and the code that are deployed, to keep in the ledger."""
    return {
        **{template_key(stack.template.sha256): stack.template.text.encode for stack in deployed},
        **{code_key(code.sha256): code.zip for code in codes},
    }


def reason_of(outcome: Outcome) -> str:
    """Why the stack failed or was skipped; "" otherwise."""
    match outcome:
        case Failed():
            return outcome.reason
        case Skipped():
            return outcome.because
        case _:
            return ""
