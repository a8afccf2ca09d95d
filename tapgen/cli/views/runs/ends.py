"""Plans before a run, and how it ended: of one environment, or of several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tapgen.cli import machine
from tapgen.cli.boundary import DIFFERENT, INTERRUPTED
from tapgen.cli.terminal import echo, remark
from tapgen.cli.views import drift
from tapgen.cli.views.outputs import outputs_table
from tapgen.cli.views.runs import fleet, plans
from tapgen.cli.views.runs.outcomes import outcome_record, plan_record
from tapgen.cli.views.runs.summary import AS_DECLARED, End, show_failures, show_summary
from tapgen.cli.views.runs.timing import Times
from tapgen.cli.views.text import columns, counted, folded
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Failed, Outcome
from tapgen.model.parts.running import results
from tapgen.model.plan import Plan

if TYPE_CHECKING:
    from tapgen.operations.deployment import Deployed, Planned
    from tapgen.operations.observation import Repaired
    from tapgen.operations.record.restoration import WayBack
    from tapgen.operations.removal import Destroyed
    from tapgen.operations.rescue import Rescued


def plans_text(found: Mapping[str, Plan], verbosity: int, stream: TextIO) -> str:
    """The plans as text, folded where the terminal of `stream` ends."""
    text = fleet.plans_text(found, verbosity)
    if len(found) == 1:
        (plan,) = found.values()
        text = plans.plan_text(plan, verbosity)
    return folded(text, columns(stream))


def show_plans(made: Planned, output: str, verbosity: int) -> None:
    """Print the plans, as the result of `plan`; on stderr which file was written."""
    if made.replaced is not None:
        count = counted(made.replaced, "change set")
        remark(f"{made.file} held another plan; removed its {count}")
    if made.file:
        approved = ""
        if made.approvals:
            approved = f"`{made.approve}` by {counted(made.approvals, 'approver')}, then "
        remark(f"wrote {made.file}: {approved}`{made.command}` carries it out")
    if output == "json":
        record = {name: plan_record(plan) for name, plan in made.plans.items()}
        machine.show({"environments": record}, made.problem)
    else:
        echo(plans_text(made.plans, verbosity, results()))


def show_discarded(path: Path, count: int) -> None:
    """Print that a plan file was removed, with its change sets."""
    remark(f"removed {path} and its {counted(count, 'change set')}")


def deployed(
    done: Deployed, output: str, verbosity: int, times: Times, *, nothing: str = AS_DECLARED
) -> int:
    """Print how a deployment ended, with the outputs of a single environment; return the exit code.

    `nothing` is that of `End`. Outputs are shown if something was done and everything succeeded:
    after a failure, they would hide it.
    """
    if not done.agreed:
        return declined(output)
    outcomes, many = done.outcomes, len(done.outcomes) > 1
    each = [outcome for one in outcomes.values() for outcome in one.values()]
    code = exit_code(each, interrupted=done.interrupted)
    if output == "json":
        show_outcomes(outcomes, done.releases, done.ways_back)
    else:
        end = End(
            outcomes,
            times,
            done.commands,
            done.command,
            done.interrupted,
            nothing,
            done.releases,
            {name: (one.release, one.command) for name, one in done.ways_back.items()},
        )
        _show(end, verbosity)
        if verbosity >= 0 and not (many or end.idle or code):
            (of_one,) = outcomes.values()
            echo("", err=True)
            echo(outputs_table(plans.outputs_of(of_one)))
    return code


def destroyed(done: Destroyed, output: str, verbosity: int, times: Times) -> int:
    """Print how a destruction ended, and what is left behind. Returns the exit code."""
    if not done.agreed:
        return declined(output)
    if output == "json":
        show_outcomes({done.environment: done.outcomes}, _numbers(done.environment, done.release))
    elif done.idle:
        remark(f"{done.environment}: nothing to destroy, there is no stack.")
    else:
        end = _end_of_one(done, times, interrupted=done.interrupted)
        show_summary(end, verbosity)
        plans.show_retained(done.outcomes, done.purge)
        show_failures(end, verbosity)
    return exit_code(done.outcomes.values(), interrupted=done.interrupted)


def rescued(done: Rescued, output: str, verbosity: int, times: Times, nothing: str) -> int:
    """Print how it ended and what to do next; `nothing` is printed if there was nothing to do."""
    if not done.found:
        if output == "json":
            show_outcomes({done.environment: {}})
        remark(nothing)
        return 0
    if not done.agreed:
        return declined(output)
    _show_rescue(done, output, verbosity, times)
    failed = any(isinstance(outcome, Failed) for outcome in done.outcomes.values())
    if output != "json" and verbosity >= 0 and not failed:
        echo(f"\nnext: `{done.command}` continues.", err=True)
    return exit_code(done.outcomes.values())


def watched(done: Rescued, output: str, verbosity: int, times: Times) -> int:
    """Print how the watched operations ended. Returns the exit code."""
    if done.outcomes or output == "json":
        _show_rescue(done, output, verbosity, times)
    else:
        remark("Nothing is in progress.")
    return exit_code(done.outcomes.values())


def repaired(done: Repaired, output: str, verbosity: int, times: Times) -> int:
    """Print how the repair of drift ended. Returns the exit code."""
    if done.plan and not done.plan.has_changes:
        echo("CloudFormation finds nothing to repair; correct the drift by hand.", err=True)
    elif not done.agreed:
        return declined(output)
    if done.outcomes and output == "json":
        show_outcomes({done.environment: done.outcomes}, _numbers(done.environment, done.release))
    elif done.outcomes:
        _show(_end_of_one(done, times), verbosity)
    if code := exit_code(done.outcomes.values()):
        return code
    if done.outcomes and output == "text":
        drift.show(done.after, verbosity)
    if output == "json":
        drift.show_event(done.after)
    return 0 if done.after.is_clean else DIFFERENT


def exit_code(outcomes: Iterable[Outcome], *, interrupted: bool = False) -> int:
    """0 if everything succeeded, 4 if a guard refused, 1 if something else failed."""
    if interrupted:
        return INTERRUPTED
    failures = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    if any(failure.refused for failure in failures):
        return RefusedError.exit_code
    return TapgenError.exit_code if failures else 0


def show_outcomes(
    outcomes: Mapping[str, Mapping[str, Outcome]],
    releases: Mapping[str, int] | None = None,
    ways_back: Mapping[str, WayBack] | None = None,
) -> None:
    """Print the end of a run as JSON: one line, after the events."""
    record = {
        name: {layer: outcome_record(outcome) for layer, outcome in each.items()}
        for name, each in outcomes.items()
    }
    machine.show_event(
        "Outcomes",
        {
            "environments": record,
            "releases": {**(releases or {})},
            "ways_back": {name: asdict(one) for name, one in (ways_back or {}).items()},
        },
    )


def declined(output: str) -> int:
    """Print that nothing was done. Returns an exit code that is not a success."""
    code, words = TapgenError.exit_code, "Nothing was changed."
    if output == "json":
        machine.show_problem(machine.Problem(code, "declined", words))
    echo(words, err=True)
    return code


def _show_rescue(done: Rescued, output: str, verbosity: int, times: Times) -> None:
    if output == "json":
        show_outcomes({done.environment: done.outcomes}, _numbers(done.environment, done.release))
        return
    end = _end_of_one(done, times)
    show_summary(end, verbosity)
    plans.show_left(done.outcomes)
    show_failures(end, verbosity)


def _end_of_one(
    done: Destroyed | Rescued | Repaired, times: Times, *, interrupted: bool = False
) -> End:
    name = done.environment
    return End(
        {name: done.outcomes},
        times,
        {name: done.command},
        done.command,
        interrupted,
        releases=_numbers(name, done.release),
    )


def _numbers(environment: str, release: int | None) -> dict[str, int]:
    return {} if release is None else {environment: release}


def _show(end: End, verbosity: int) -> None:
    show_summary(end, verbosity)
    show_failures(end, verbosity)
