"""Ctrl-C in three steps, pressed in this process and at a real terminal."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.deploy.flow.events import Event, Note, Progress, Within
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.run.step import Step
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.stack.interruption import InterruptedRunError
from tapgen.errors import TapgenError
from tapgen.local import state
from tapgen.model.deployed.events import Created, Deleted, Failed, Skipped
from tapgen.model.layer import OutputRef
from tests.lab import Pressing
from tests.paths import ROOT
from tests.predicaments import at_rest, data
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from tapgen.deploy.run.fleet import Fleet
    from tapgen.local.client import LocalAws
    from tapgen.model.deployed.events import Outcome
    from tapgen.model.plan import Planned
    from tapgen.model.stack import Stack
    from tests.lab import Lab

pytestmark = pytest.mark.slow

Faults = Callable[[dict[str, Any]], None]
SHIPPED = ROOT / "envs"


def below(lab: Lab) -> Stack:
    """A stack that takes from `data`."""
    note = lab.note({"Ref": "Value"})
    return lab.stack("api", {"Note": note}, inputs={"Value": OutputRef("data", "Value")})


def above(lab: Lab, value: str = "one") -> Stack:
    late = {**lab.note(value), "DependsOn": "Note"}
    return lab.stack(
        "data", {"Note": lab.note(value), "Late": late}, outputs={"Value": {"Ref": "Note"}}
    )


def pressing(
    presses: int = 1, at: str = "Note", then: Callable[[], None] = lambda: None
) -> Pressing:
    """Presses Ctrl-C when AWS is at a resource."""
    return Pressing(when=lambda event, _: is_at(event, at), presses=presses, then=then)


def is_at(event: Event, logical_id: str) -> bool:
    event = event.event if isinstance(event, Within) else event
    return (
        isinstance(event, Progress)
        and event.event.logical_id == logical_id
        and event.event.status.endswith("IN_PROGRESS")
    )


def deploy(fleet: Fleet, host: Pressing) -> dict[str, Outcome]:
    """Carry out what was planned, and let the host press Ctrl-C."""
    fleet.plan(SILENT)
    host.carry_out(fleet)
    return {**fleet.outcomes["lab"]}


def test_the_first_begins_nothing_new_and_watches_to_the_end(lab: Lab, faults: Faults) -> None:
    faults({"hold": ["Note"]})
    host = pressing(then=lambda: faults({}))
    outcomes = deploy(lab.fleet(above(lab), below(lab)), host)
    (offer,) = host.answers
    assert offer == (
        "interrupted: nothing new is started. Watching to its end: data (stack lab-data). "
        "Ctrl-C again cancels it."
    )
    assert isinstance(outcomes["data"], Created)
    assert outcomes["api"] == Skipped("interrupted")
    assert lab.status("api") == "ABSENT"


def test_the_second_deletes_what_a_create_has_made(lab: Lab, faults: Faults) -> None:
    faults({"hold": ["create:Late"]})
    host = pressing(presses=2, at="Late", then=lambda: faults({}))
    outcome = deploy(lab.fleet(above(lab)), host)["data"]
    assert Within("lab", Note("data", "cancelling")) in host.events
    assert host.answers[1] == "Ctrl-C again ends this run at once; AWS then continues on its own."
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.status) == ("cancelled", "DELETE_COMPLETE")
    assert lab.status("data") == "ABSENT"
    assert lab.client("ssm").describe_parameters()["Parameters"] == []


def test_the_second_rolls_an_update_back(lab: Lab, faults: Faults) -> None:
    lab.deploy(above(lab))
    faults({"hold": ["Note"]})
    outcomes = deploy(lab.fleet(above(lab, "two")), pressing(presses=2, then=lambda: faults({})))
    assert lab.status("data") == "UPDATE_ROLLBACK_COMPLETE"
    assert isinstance(outcomes["data"], Failed)


def test_the_third_ends_at_once_and_says_what_aws_goes_on_with(lab: Lab, faults: Faults) -> None:
    lab.deploy(above(lab))
    faults({"hold": ["Note"]})
    host = pressing(presses=3)
    with pytest.raises(InterruptedRunError, match="AWS continues with data"):
        deploy(lab.fleet(above(lab, "two")), host)
    assert len(host.answers) == 2
    faults({})
    assert at_rest(lab) == "UPDATE_ROLLBACK_COMPLETE"  # the second has cancelled it


def test_a_deletion_cannot_be_cancelled(lab: Lab, faults: Faults) -> None:
    lab.deploy(above(lab), below(lab))
    faults({"hold": ["Note"]})
    host = pressing(presses=2, then=lambda: faults({}))
    destruction = lab.destruction(above(lab), below(lab), host=host)
    with host.interrupt.around([destruction.run]):
        outcomes = destruction.carry_out(host.interrupt)
    note = "DELETE_IN_PROGRESS cannot be cancelled: watching it to its end"
    assert Within("lab", Note("api", note)) in host.events
    assert isinstance(outcomes["api"], Deleted)
    assert outcomes["data"] == Skipped("interrupted")
    assert lab.status("data") == "CREATE_COMPLETE"


def test_a_cancellation_that_aws_refuses_is_told(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.deploy(above(lab))
    faults({"hold": ["Note"]})

    def refused(*_: Any) -> None:
        raise TapgenError("cancelling: AccessDenied")

    monkeypatch.setattr(CloudFormation, "cancel_update", refused)
    host = pressing(presses=2, then=lambda: faults({}))
    deploy(lab.fleet(above(lab, "two")), host)
    told = Within("lab", Note("data", "not cancelled: cancelling: AccessDenied"))
    assert told in host.events
    assert lab.status("data") == "UPDATE_COMPLETE"


def test_with_nothing_at_work_there_is_nothing_to_offer(lab: Lab) -> None:
    interrupt = Interrupt()
    with interrupt.around([lab.run(data(lab))]):
        interrupt.press()
        interrupt.press()
        said = [interrupt.inbox.get(timeout=PATIENCE_SECONDS).text for _ in range(2)]
    assert said == [
        "interrupted: nothing new is started",
        "nothing is in progress that can be cancelled",
    ]


def test_where_nothing_can_be_stopped_in_steps_it_is_an_interrupt_like_any_other(lab: Lab) -> None:
    interrupt, run = Interrupt(), lab.run(data(lab))
    with pytest.raises(KeyboardInterrupt):
        interrupt.press()
    with interrupt.around([run]):
        pass
    with pytest.raises(KeyboardInterrupt):
        interrupt.press()
    assert interrupt.presses == 0
    assert not run.state.stopping


def test_what_would_begin_after_ctrl_c_does_not(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = lab.deployment(data(lab))
    plan = lab.plan(deployment)

    def pressed(step: Step, _: Planned) -> bool:
        step.run.state.stopping = True  # the last moment before the change set would be executed
        return False

    monkeypatch.setattr(Step, "_lift_policy", pressed)
    outcomes = deployment.carry_out(plan, SILENT)
    assert outcomes["data"] == Skipped("interrupted")
    assert lab.status("data") == "ABSENT"
    assert deployment.run.state.unfinished == set()


class Process:
    """`tapgen deploy` of the layer zone, in a process of its own at a terminal."""

    def __init__(self, lab: Lab, folder: Path, *arguments: str) -> None:
        envs = folder / "envs"
        envs.mkdir()
        for name in ("common", "dev"):
            text = (SHIPPED / f"{name}.yaml").read_text()
            text = re.sub(r'account_id: "\d+"', f'account_id: "{lab.account}"', text)
            (envs / f"{name}.yaml").write_text(text)
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tapgen", *arguments, "--yes", "--env", "dev"),
                *("--layer", "zone", "--local", "--envs-dir", str(envs)),
            ],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "dumb", "COLUMNS": "250"},
        )
        os.close(theirs)
        self.said = ""

    def until(self, text: str) -> None:
        while text not in self.said:
            assert self._read(), self.said

    def end(self) -> int:
        while self._read():
            pass
        os.close(self._ours)
        return self.process.wait()

    def _read(self) -> bool:
        try:
            part = os.read(self._ours, 65536).decode()
        except OSError:  # how Linux says that nobody holds the other end any more
            return False
        self.said += part
        return bool(part)


@pytest.fixture
def at_terminal(
    lab: Lab, local_aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: Faults
) -> Process:
    monkeypatch.chdir(local_aws.directory.parents[1])
    log = local_aws.directory / state.LOG
    earlier = log.read_text().count("holding create:HostedZone")
    faults({"hold": ["HostedZone"]})
    process = Process(lab, tmp_path, "deploy", "-v")
    process.until("CREATE_IN_PROGRESS HostedZone")
    # Until then its creation could still be called off, and the stack would be gone at once.
    wait_until(lambda: log.read_text().count("holding create:HostedZone") > earlier)
    return process


def zone(lab: Lab) -> list[str]:
    return [s["StackStatus"] for s in lab.client("cloudformation").describe_stacks()["Stacks"]]


def test_at_a_terminal_once_watches_to_the_end(
    lab: Lab, at_terminal: Process, faults: Faults
) -> None:
    at_terminal.process.send_signal(signal.SIGINT)
    at_terminal.until("Ctrl-C again cancels it")
    faults({})
    assert at_terminal.end() == 130
    assert zone(lab) == ["CREATE_COMPLETE"]
    assert "created" in at_terminal.said


def test_at_a_terminal_twice_cancels(lab: Lab, at_terminal: Process, faults: Faults) -> None:
    twice(at_terminal)
    faults({})
    assert at_terminal.end() == 130
    assert zone(lab) == []


def test_at_a_terminal_three_times_end_at_once(
    lab: Lab, at_terminal: Process, faults: Faults
) -> None:
    twice(at_terminal)
    at_terminal.process.send_signal(signal.SIGINT)
    assert at_terminal.end() == 130
    assert "AWS continues with zone" in at_terminal.said
    faults({})
    wait_until(lambda: zone(lab) == [])


def test_sigterm_ends_at_once(lab: Lab, at_terminal: Process, faults: Faults) -> None:
    at_terminal.process.send_signal(signal.SIGTERM)
    assert at_terminal.end() == 130
    assert "AWS continues with zone" in at_terminal.said
    faults({})
    wait_until(lambda: zone(lab) == ["CREATE_COMPLETE"])


def twice(at_terminal: Process) -> None:
    for answer in ("Ctrl-C again cancels it", "ends this run at once"):
        at_terminal.process.send_signal(signal.SIGINT)
        at_terminal.until(answer)
