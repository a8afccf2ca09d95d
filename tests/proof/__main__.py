"""`make test-aws`: ask a real account how AWS behaves, and take dev there from nothing to nothing.

Ends with 0 when AWS is as the tests say, 1 when something failed or was left, 3 when AWS differs, 4
when it is refused, 130 when it was interrupted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.behaviour import removal
from tests.behaviour.run import VARIABLE, Run
from tests.paths import ROOT
from tests.proof import consent, processes, report
from tests.proof.consent import RefusedError
from tests.proof.journey import ENVIRONMENT, KIND, FailedError, Journey, steps
from tests.proof.processes import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.behaviour.ledger import Entry
    from tests.behaviour.removal import Clients, Remover

# In place of AWS in the tests of this folder: the endpoint of a local AWS, and its project.
ENDPOINT: Final = "TAPGEN_TEST_AWS_ENDPOINT"
PROJECT: Final = "TAPGEN_TEST_AWS_PROJECT"
FACTS, JOURNEY, CLEAN = "facts", "journey", "clean"
# Exit codes of pytest when it has run all tests.
_ASKED: Final = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
DONE, FAILED, DIFFERS, REFUSED, INTERRUPTED = 0, 1, 3, 4, 130


def main(arguments: Sequence[str], ask: Callable[[str], str] = input) -> int:
    options = _parse(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    runs = Path(os.environ.get(PROJECT, ROOT)) / ".tapgen" / "test-aws"
    run = _new_run(runs, options)
    try:
        caller = consent.check(run, os.environ)
        if options.part != CLEAN:
            told = consent.terms(run, caller, _parts(options.part))
            consent.agree(run, told, (lambda _: run.account) if options.yes else ask)
    except (RefusedError, BotoCoreError, ClientError) as error:
        shutil.rmtree(run.directory)
        say(f"refused: {error}")
        return REFUSED
    problems = [problem for old in Run.unfinished(runs, run.account) for problem in clean(old)]
    if options.part == CLEAN:
        shutil.rmtree(run.directory)
        say("\n".join(problems) or "nothing is left")
        return FAILED if problems else DONE
    return end(run, *_asked(run, options.part, problems))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make test-aws")
    parser.add_argument("--account", required=True, help="the 12-digit id that may be used")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--profile")
    parser.add_argument("--part", choices=[FACTS, JOURNEY, CLEAN], help="only this part")
    parser.add_argument("--yes", action="store_true", help="do not ask; for automation")
    return parser.parse_args(arguments)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _new_run(runs: Path, options: argparse.Namespace) -> Run:
    return Run.begin(
        runs,
        options.account,
        options.region,
        profile=options.profile,
        endpoint=os.environ.get(ENDPOINT),
        project=Path(os.environ.get(PROJECT, ROOT)),
    )


def _parts(part: str | None) -> dict[str, consent.Estimate]:
    parts = {}
    if part != JOURNEY:
        facts = consent.facts()
        parts[f"{len(facts)} facts about its behaviour"] = consent.estimate(facts)
    if part != FACTS:
        name = f"{ENVIRONMENT} deployed, verified, updated, looked at for drift and destroyed"
        parts[name] = consent.JOURNEY
    return parts


def _asked(run: Run, part: str | None, problems: list[str]) -> tuple[list[str], bool]:
    """Ask for everything, and remove what it has made; gives what failed, and if interrupted."""
    interrupted = False
    try:
        if part != JOURNEY:
            _ask_for_facts(run)
        if part != FACTS:
            Journey(run, run.aws()).go()
    except KeyboardInterrupt:
        interrupted = True
        problems.append("it was interrupted")
        say("\ninterrupted: what was made is removed now")
    except (FailedError, BotoCoreError, ClientError) as error:
        problems.append(str(error))
    try:
        problems += clean(run)
    except KeyboardInterrupt:
        interrupted = True
    return problems, interrupted


def _ask_for_facts(run: Run) -> None:
    command = [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider"]
    workers = ["--numprocesses", str(consent.WORKERS)]
    ended = processes.run(
        [*command, *workers, str(consent.FACTS)],
        run.directory / "facts.log",
        cwd=ROOT,
        env={**os.environ, **run.credentials(), VARIABLE: str(run.directory)},
    )
    if ended.code not in _ASKED:
        raise FailedError(f"pytest ended with {ended.code}, so not all facts were asked for")


def clean(run: Run) -> list[str]:
    """Remove what a run has made; gives what could not be removed."""
    aws = run.aws()

    def environment(_clients: Clients, _entry: Entry, _pause: float) -> None:
        Journey(run, aws).destroy()

    more: dict[str, Remover] = {KIND: environment}
    return [
        problem
        for ledger in run.ledgers()
        for problem in removal.clean(ledger, aws.client, aws.pause, more)
    ]


def end(run: Run, problems: list[str], interrupted: bool) -> int:
    """Write the report, show it, and give the exit code."""
    path = run.directory / report.FILE
    path.write_text(report.text(run, datetime.now(UTC).date(), steps(run), problems))
    say(f"\n{path.read_text()}\nThis report is {path}.")
    if interrupted:
        return INTERRUPTED
    results = {fact["result"] for fact in run.facts()}
    if problems or run.left() or "broke off" in results:
        return FAILED
    return DIFFERS if report.DIFFERS in results else DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
