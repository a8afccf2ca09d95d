"""Who may ask a real account, and what they are told before anything is made in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Final

import pytest

from tests.behaviour.facts import Fact, fact_of
from tests.paths import ROOT
from tests.proof.processes import say

if TYPE_CHECKING:
    from tests.behaviour.run import Run

FACTS: Final = ROOT / "tests" / "behaviour"
# So many facts are asked for at the same time: AWS throttles calls about stacks by account.
WORKERS: Final = 4
# Measured nowhere yet; docs/aws-tests.md adds them up.
JOURNEY_MINUTES: Final = 75
JOURNEY_DOLLARS: Final = 0.10
_ENDPOINTS: Final = "AWS_ENDPOINT_URL"


class RefusedError(Exception):
    """What is missing or wrong, and what to do about it."""


@dataclass(frozen=True)
class Estimate:
    """How long something takes on AWS, and what it costs there."""

    minutes: float
    dollars: float

    def __str__(self) -> str:
        return f"about {self.minutes:.0f} minutes and ${self.dollars:.2f}"


JOURNEY: Final = Estimate(JOURNEY_MINUTES, JOURNEY_DOLLARS)


class _Collected:
    """A plugin of pytest that keeps the facts it has found."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.facts = [found for item in session.items if (found := fact_of(item))]


def facts() -> list[Fact]:
    """The facts that would be asked for."""
    collected = _Collected()
    with redirect_stdout(StringIO()):
        pytest.main(["--collect-only", "--quiet", str(FACTS)], plugins=[collected])
    return collected.facts


def estimate(found: list[Fact]) -> Estimate:
    seconds = sum(fact.seconds for fact in found) / WORKERS
    return Estimate(max(1, seconds / 60), sum(fact.dollars for fact in found))


def check(run: Run, environment: Mapping[str, str]) -> str:
    """Look who asks, and where: gives the caller's ARN.

    Raises RefusedError where the caller's account is another than the one named, where the caller
    cannot take on a role, and where something else than AWS would answer.
    """
    redirected = sorted(name for name in environment if name.startswith(_ENDPOINTS))
    if redirected and not run.endpoint:
        raise RefusedError(f"{redirected[0]} is set, so it would not be AWS that answers: unset it")
    caller = run.aws().client("sts").get_caller_identity()
    refuse_caller(run, caller)
    return str(caller["Arn"])


def refuse_caller(run: Run, caller: Mapping[str, str]) -> None:
    if caller["Account"] != run.account:
        raise RefusedError(
            f"these credentials are of account {caller['Account']}, not of {run.account}: "
            "name the account that may be used, and a profile of it"
        )
    if caller["Arn"].endswith(":root") and not run.endpoint:
        raise RefusedError(
            f"{caller['Arn']} cannot assume a role: use a user or role with full access"
        )


def terms(run: Run, caller: str, parts: Mapping[str, Estimate]) -> str:
    """What is about to be done, for whoever has to agree."""
    lines = [
        f"This asks AWS in account {run.account}, {run.region}, as {caller}:",
        *(f"  {part}: {costs}" for part, costs in parts.items()),
        f"Everything it makes is named {run.prefix}... and removed at the end, also after Ctrl-C.",
        "Should this process be killed, run it again with PART=clean: it knows what is left.",
    ]
    return "\n".join(lines)


def agree(run: Run, told: str, ask: Callable[[str], str]) -> None:
    """Tell what is about to be done; RefusedError unless the answer is the account's id."""
    say(told)
    try:
        answer = ask("Type the account id to begin: ")
    except EOFError:
        answer = ""
    if answer.strip() != run.account:
        raise RefusedError("the account's id was not given, so nothing was done")
