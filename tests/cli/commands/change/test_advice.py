"""What tapgen prints leads out: each layer fails in each way, and the advice is followed literally.

A person does what the words ask for ("mend the cause", a line of YAML), answers questions with yes,
and runs the commands that stand between backticks, as they stand there. Layers that do not take
from each other fail together, so that a run is enough for a whole rank of them.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tapgen.render.resolved import resolved_template
from tests import advice
from tests.cli.conftest import Ran, Run
from tests.environment_files import set_apart
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws
    from tapgen.model.stack import Stack
    from tapgen.render.rendering import Rendered

pytestmark = pytest.mark.slow

_ASKS: Final = frozenset({"adopt", "deploy", "destroy", "recover", "cancel"})
Faults = Callable[[dict[str, Any]], None]


def advised(ran: Ran) -> list[str]:
    """The commands that a run ends with, each once, in the order in which they are told."""
    lines = [line for line in ran.err.splitlines() if line.strip().startswith("next:")]
    return advice.advised("\n".join(lines))


@dataclass
class Person:
    """Whoever works on `prod`, with a copy of its settings in an account of its own."""

    tapgen: Run
    settings: Path

    def begins(self, command: str, *options: str) -> Ran:
        place = ("--env", "prod", "--local", "--envs-dir", str(self.settings.parent))
        return self.runs(shlex.join([command, *place, *options]))

    def runs(self, command: str) -> Ran:
        """Run a command as it was printed, and agree to what it asks."""
        name, *rest = shlex.split(command)
        return self.tapgen(name, *rest, *(["--yes"] if name in _ASKS else []))

    def writes(self, old: str, new: str) -> None:
        text = self.settings.read_text()
        assert old in text
        self.settings.write_text(text.replace(old, new))


@pytest.fixture
def person(
    project: Path, local_aws: LocalAws, tapgen: Run, monkeypatch: pytest.MonkeyPatch
) -> Person:
    somebody = Person(tapgen, project / "envs" / "prod.yaml")
    set_apart(somebody.settings, 8)
    monkeypatch.chdir(local_aws.directory.parents[1])
    return somebody


@pytest.fixture(scope="session")
def stacks(rendered: Rendered) -> dict[str, Stack]:
    return {stack.layer: stack for stack in rendered.stacks["prod"]}


def ranks(needs: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Layers that wait for nobody but those of the ranks before; `needs` tells for whom."""
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    found = []
    while sorter.is_active():
        found.append(sorted(sorter.get_ready()))
        sorter.done(*found[-1])
    return found


def victims(stacks: dict[str, Stack], wanted: Callable[[dict[str, Any]], bool]) -> dict[str, str]:
    """For each layer a resource that is wanted, and has a logical id that no other layer has."""
    found = {name: resolved_template(stack)["Resources"] for name, stack in stacks.items()}
    often = Counter(logical_id for resources in found.values() for logical_id in resources)
    fit = {
        name: [one for one, body in resources.items() if often[one] == 1 and wanted(body)]
        for name, resources in found.items()
    }
    return {name: one[-1] for name, one in fit.items() if one}


def failed(ran: Ran) -> set[str]:
    """The layers that a run says have failed."""
    assert ran.code == 1
    return set(re.findall(r"^(\w+) failed after ", ran.err, re.MULTILINE))


def test_what_is_advised_leads_out_of_every_failure_of_every_layer(
    person: Person, stacks: dict[str, Stack], faults: Faults
) -> None:
    create_each(person, stacks, faults)
    update_each(person, stacks, faults)
    delete_each(person, stacks, faults)


def create_each(person: Person, stacks: dict[str, Stack], faults: Faults) -> None:
    """Rank after rank cannot be made; the deployment that is advised makes it."""
    broken = victims(stacks, lambda _: True)
    assert broken.keys() == stacks.keys()
    faults({f"create:{broken['zone']}": "out of luck"})
    (command,) = advised(person.begins("deploy", "--layer", "zone"))
    assert "--layer zone" in command  # what was not asked for is not deployed either
    assert failed(person.runs(command)) == {"zone"}
    first = [layer for layer, stack in stacks.items() if not stack.dependencies]
    faults({f"create:{broken[layer]}": "out of luck" for layer in first})
    begun = person.begins("deploy")
    assert failed(begun) == set(first)
    deploy_each(begun, person, stacks, faults, ("create", broken))


def update_each(person: Person, stacks: dict[str, Stack], faults: Faults) -> None:
    """Rank after rank cannot be updated: its tags are others, and its protection goes.

    That is what is advised to whoever destroys what is protected.
    """
    broken = victims(stacks, lambda body: "CostCenter" in str(body.get("Properties")))
    assert broken.keys() == stacks.keys() - {"dns"}  # records have no tags
    person.writes("cost_center: PROD-001", "cost_center: PROD-002")
    refused = person.begins("destroy")
    assert refused.code == 4
    assert "Set `protection: false` in its YAML file" in refused.err
    person.writes("protection: true", "protection: false")
    deploy_each(refused, person, stacks, faults, ("update", broken))


def deploy_each(
    ran: Ran,
    person: Person,
    stacks: dict[str, Stack],
    faults: Faults,
    broken: tuple[str, dict[str, str]],
) -> None:
    """Let rank after rank fail in deployments that are advised, and the last one succeed."""
    verb, resources = broken
    for rank in ranks({name: stack.dependencies for name, stack in stacks.items()}):
        if at := [layer for layer in rank if layer in resources]:
            faults({f"{verb}:{resources[layer]}": "out of luck" for layer in at})
            (command,) = advised(ran)
            ran = person.runs(command)
            assert failed(ran) == set(at)
    faults({})
    (command,) = advised(ran)
    assert person.runs(command).code == 0


def delete_each(person: Person, stacks: dict[str, Stack], faults: Faults) -> None:
    """Rank after rank cannot be deleted, the last one first.

    Where the cause is mended, the destruction that is advised goes on; where it stays, the recovery
    that is advised leaves behind what cannot be deleted, and then the destruction goes on.
    """
    broken = victims(stacks, lambda body: "DeletionPolicy" not in body)
    takers = {
        name: {other for other, stack in stacks.items() if name in stack.dependencies}
        for name in stacks
    }
    command = ""
    for mended, rank in zip(cycle((True, False)), ranks(takers), strict=False):
        if at := [layer for layer in rank if layer in broken]:
            faults({f"delete:{broken[layer]}": "out of luck" for layer in at})
            ran = person.runs(command) if command else person.begins("destroy")
            assert failed(ran) == set(at)
            command, *rescues = advised(ran)
            if mended:
                faults({})
            else:
                assert [person.runs(rescue).code for rescue in rescues] == [0] * len(at)
    faults({})
    assert person.runs(command).code == 0
    assert person.begins("status").out.count("ABSENT") == len(stacks)


def test_who_meets_another_run_waits_for_it_as_is_advised(at_work: Run, tapgen: Run) -> None:
    refused = at_work("deploy", "--layer", "zone", "--yes")
    assert refused.code == 4
    (watch,) = advised(refused)
    assert tapgen(*shlex.split(watch)).code == 0
    wait_until(lambda: at_work("deploy", "--layer", "zone", "--yes").code == 0)
