"""What a run has found, as a page of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from tests.behaviour.run import Run
    from tests.proof.journey import Step

DIFFERS = "differs"
AS_TOLD = "as told"
FILE = "report.md"


def text(run: Run, day: date, taken: Sequence[Step], problems: Sequence[str]) -> str:
    """The report: what differs first, then what is left behind, what went wrong, what is as told.

    `problems` are other failures, in words.
    """
    facts = run.facts()
    by_result = {
        name: [fact for fact in facts if fact["result"] == name]
        for name in (DIFFERS, "broke off", "not asked", AS_TOLD)
    }
    left = run.left()
    lines = [
        f"# AWS asked on {day.isoformat()}",
        "",
        f"Account {run.account}, {run.region}, run {run.prefix}.",
        f"{len(facts)} facts were asked for, {len(by_result[DIFFERS])} differ.",
        *_section("AWS differs from what the tests say", by_result[DIFFERS], _told),
        *_section("Could not be asked to the end", by_result["broke off"], _told),
        *_section("Not asked", by_result["not asked"], _told),
        *_section("What went wrong beside", problems, str),
        *_section("Left in the account: run it again with PART=clean", left, str),
        *_section("dev, step by step", taken, _step),
        *_section("The local AWS is known to differ", [f for f in facts if f["here"]], _here),
        *_section(
            f'As the tests say: their origin can become `confirmed("{day.isoformat()}")`',
            by_result[AS_TOLD],
            _confirmed,
        ),
    ]
    return "\n".join([*lines, ""])


def _section(title: str, items: Iterable[Any], line: Any) -> Iterator[str]:
    found = list(items)
    if found:
        yield from ("", f"## {title}", "")
        yield from (f"- {line(item)}" for item in found)


def _told(fact: dict[str, Any]) -> str:
    return f"{fact['fact']} ({fact['origin']}): {fact['detail'] or 'no reason given'}"


def _here(fact: dict[str, Any]) -> str:
    return f"{fact['fact']}: {fact['here']}; AWS: {fact['result']}"


def _confirmed(fact: dict[str, Any]) -> str:
    return f"{fact['fact']}, {fact['seconds']:.0f} s: `{fact['test']}`"


def _step(step: Step) -> str:
    end = "done" if step.code == 0 else f"ended with {step.code}"
    words = "".join(f"\n      {line}" for line in step.words.splitlines())
    return f"{step.name}: {end} after {step.seconds / 60:.1f} minutes\n{words}".rstrip()
