"""Hooks that a test may let do anything: what is called is in `CALLED`, `DOING` is what is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tapgen.deploy.hooks.hook import Hook, HookSubject

CALLED: list[tuple[str, HookSubject]] = []
DOING: dict[str, Callable[[HookSubject], object]] = {}


def before(subject: HookSubject) -> None:
    CALLED.append(("before", subject))
    DOING.get("before", str)(subject)


def after(subject: HookSubject) -> None:
    CALLED.append(("after", subject))
    DOING.get("after", str)(subject)


class Object:
    """What is called need not be a function."""

    def __call__(self, subject: HookSubject) -> None:
        CALLED.append(("object", subject))


HOOKS = (
    Hook(name="migrate", layers=("data",), before=before, after=after, seconds=5),
    Hook(name="warm", layers=("data", "api"), after=Object()),
)
FAST = (Hook(name="slow", layers=("data",), before=before, seconds=0.1),)
LOST = (Hook(name="lost", layers=("dta",), before=before),)
WRONG = (
    Hook(name="far", layers=("elsewhere",), before=before),
    Hook(name="lost", layers=("elsewhere",), before=before),
)
FAULTY: Any = (
    Hook(name="one", layers="data", before=before, seconds="x"),  # type: ignore[arg-type]
    Hook(name="two", layers=("data",), after=Hook),  # type: ignore[arg-type]
)
# What is called for nothing is a mistake, and two of one name cannot be told apart.
IDLE = (
    Hook(name="idle", layers=("data",)),
    Hook(name="idle", layers=(), after=after),
)
