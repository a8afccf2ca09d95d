"""Many disturbed runs: whatever happens on the way, they end where an undisturbed run ends.

`TAPGEN_FAULT_RUNS` says how many (10 by default, 200 is the long form), `TAPGEN_FAULT_SEED` which:
run n of a seed has the same faults at the same calls, see `Disturbance`; threads and processes keep
their own time all the same.
"""

from __future__ import annotations

import itertools
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest

from tapgen.errors import TapgenError
from tests.faults.proxy import (
    CUT_AFTER,
    CUT_BEFORE,
    EXPIRED,
    INTERNAL,
    OBSOLETE,
    SLOW,
    THROTTLE,
    UNAVAILABLE,
    Proxy,
    Rule,
)
from tests.faults.world import World
from tests.lab import Reacting

if TYPE_CHECKING:
    from tapgen.deploy.flow.events import Event
    from tapgen.deploy.flow.host import Host

RUNS: Final = int(os.environ.get("TAPGEN_FAULT_RUNS", "10"))
SEED: Final = os.environ.get("TAPGEN_FAULT_SEED", "2024")
ALWAYS: Final = 10**9
LOGICAL_IDS: Final = ("Note", "Table", "DataNote", "Bucket", "StorageNote", "Far", "Here", "Zone")

pytestmark = pytest.mark.slow
Faults = Callable[[dict[str, object]], None]


@dataclass
class Disturbance:
    """What goes wrong in one run, decided by its seed alone.

    Threads ask in any order, so each decision depends on the operation and how often it was asked
    for, and not on what was decided before.
    """

    seed: str
    asked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - reproducible on purpose

    def likely(self, name: str, share: float) -> bool:
        self.asked[name] += 1
        decision = random.Random(f"{self.seed}/{name}/{self.asked[name]}")  # noqa: S311 - likewise
        return decision.random() < share

    def rules(self) -> list[Rule]:
        """Faults of the network and of AWS; sometimes the credentials expire on the way."""
        share = self.chance.choice((0.0, 0.05, 0.2, 0.4))
        kinds = (THROTTLE, INTERNAL, UNAVAILABLE, SLOW, CUT_BEFORE, CUT_AFTER)
        rules = [self._now_and_then(kind, share / len(kinds)) for kind in kinds]
        rules.append(Rule("ExecuteChangeSet", CUT_AFTER, self.chance.randint(0, 2)))
        rules.append(Rule("ExecuteChangeSet", OBSOLETE, self.chance.choice((0, 0, 0, 1))))
        if self.chance.random() < 0.2:
            left = self.chance.randint(3, 60)
            rules.insert(0, Rule("*", EXPIRED, ALWAYS, when=lambda: self._spent(left)))
        return rules

    def resources(self) -> dict[str, object]:
        """Resources that fail, and how slow all of them are."""
        faults: dict[str, object] = {"delay": {"*": self.chance.choice((0.0, 0.02, 0.1))}}
        while self.chance.random() < 0.4:
            verb = self.chance.choice(("create", "update", "update", "delete"))
            faults[f"{verb}:{self.chance.choice(LOGICAL_IDS)}"] = "injected"
        return faults

    def _now_and_then(self, kind: str, share: float) -> Rule:
        return Rule("*", kind, ALWAYS, when=lambda: self.likely(kind, share))

    def _spent(self, left: int) -> bool:
        self.asked["calls"] += 1
        return self.asked["calls"] > left


def attempt(world: World, proxy: Proxy, disturbance: Disturbance, version: str) -> str:
    """One run that may fail, be interrupted or be killed; says what was tried."""
    chance = disturbance.chance
    command = "destroy" if not world.protected and chance.random() < 0.15 else "deploy"
    way = chance.choice(("to its end", "interrupted", "killed"))
    if way == "killed":
        process = world.process(command, version, proxy.url)
        world.kill(process, chance.uniform(0.0, 1.2))
    else:
        most = chance.randint(1, 25) if way == "interrupted" else ALWAYS
        try:
            run = {"deploy": world.deploy, "destroy": world.destroy}[command]
            run(version, proxy.url, interrupted_after(most))
        except (TapgenError, KeyboardInterrupt) as error:
            way += f" ({error})"
    return f"{command} {version}: {way}"


def interrupted_after(most: int) -> Host:
    """A host that presses Ctrl-C at that event."""
    events = itertools.count(1)

    def interrupting(_: Event) -> None:
        if next(events) == most:
            raise KeyboardInterrupt

    return Reacting(then=interrupting)


@pytest.mark.parametrize("number", range(RUNS))
def test_a_disturbed_deployment_converges(
    world: World, proxy: Proxy, faults: Faults, number: int
) -> None:
    disturbance = Disturbance(f"{SEED}/{number}")
    chance = disturbance.chance
    world.protected = chance.random() < 0.3
    filled = chance.random() < 0.8
    if filled:
        world.deploy("one")
        world.fill()
    story = []
    for _ in range(chance.randint(1, 3)):
        proxy.rules = disturbance.rules()
        faults(disturbance.resources())
        version = chance.choice(("one", "two", "two"))
        story.append(attempt(world, proxy, disturbance, version))
        # Whatever AWS is still at work on may go on under the faults for a while, or not.
        if chance.random() < 0.5:
            world.settle()
    proxy.rules = []
    faults({})
    print(*story, sep="\n")  # noqa: T201 - shown when the run fails
    world.converge("two")
    if filled:
        world.assert_kept()
    world.assert_as_if_undisturbed("two")
