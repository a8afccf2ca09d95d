"""Ctrl-C in three steps, pressed in this process and at a real terminal."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.deploy.flow.events import Interrupted, Message, Note, Progress
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.run.step import Step
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.stack.interruption import InterruptedRunError
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Created, Deleted, Failed, Skipped
from tapgen.model.layer import OutputRef
from tests.paths import ROOT
from tests.predicaments import at_rest, data
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws
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
    brake: Interrupt,
    messages: Iterator[Message],
    presses: int = 1,
    *,
    at: str = "Note",
    then: Callable[[], None] = lambda: None,
) -> list[Message]:
    """Read to the end, pressing Ctrl-C when AWS is at a resource, and again after each answer.

    `then` is done after the last answer: until then the resource has to be held.
    """
    said: list[Message] = []
    with brake:
        for message in messages:
            said.append(message)
            if not brake.presses and is_at(message, at):
                brake.press()
            elif isinstance(message, Interrupted):
                if brake.presses < presses:
                    brake.press()
                else:
                    then()
    return said


def is_at(message: Message, logical_id: str) -> bool:
    return (
        isinstance(message, Progress)
        and message.event.logical_id == logical_id
        and message.event.status.endswith("IN_PROGRESS")
    )


def texts(messages: list[Message]) -> list[str]:
    return [message.text for message in messages if isinstance(message, Interrupted)]


def test_the_first_begins_nothing_new_and_watches_to_the_end(lab: Lab, faults: Faults) -> None:
    faults({"hold": ["Note"]})
    deployment = lab.deployment(above(lab), below(lab))
    messages = deployment.carry_out(lab.plan(deployment))
    said = pressing(deployment.brake, messages, then=lambda: faults({}))
    (offer,) = texts(said)
    assert offer == (
        "interrupted: nothing new is begun. Watching to its end: data (stack lab-data). "
        "Ctrl-C again cancels it."
    )
    assert isinstance(deployment.outcomes["data"], Created)
    assert deployment.outcomes["api"] == Skipped("interrupted")
    assert lab.status("api") == "ABSENT"


def test_the_second_deletes_what_a_create_has_made(lab: Lab, faults: Faults) -> None:
    faults({"hold": ["create:Late"]})
    deployment = lab.deployment(above(lab))
    messages = deployment.carry_out(lab.plan(deployment))
    said = pressing(deployment.brake, messages, 2, at="Late", then=lambda: faults({}))
    assert Note("data", "cancelling") in said
    assert texts(said)[1] == "Ctrl-C again ends this run at once; AWS then goes on alone."
    outcome = deployment.outcomes["data"]
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.status) == ("cancelled", "DELETE_COMPLETE")
    assert lab.status("data") == "ABSENT"
    assert lab.client("ssm").describe_parameters()["Parameters"] == []


def test_the_second_rolls_an_update_back(lab: Lab, faults: Faults) -> None:
    lab.deploy(above(lab))
    faults({"hold": ["Note"]})
    deployment = lab.deployment(above(lab, "two"))
    messages = deployment.carry_out(lab.plan(deployment))
    pressing(deployment.brake, messages, 2, then=lambda: faults({}))
    assert lab.status("data") == "UPDATE_ROLLBACK_COMPLETE"
    assert isinstance(deployment.outcomes["data"], Failed)


def test_the_third_ends_at_once_and_says_what_aws_goes_on_with(lab: Lab, faults: Faults) -> None:
    lab.deploy(above(lab))
    faults({"hold": ["Note"]})
    deployment = lab.deployment(above(lab, "two"))
    messages = deployment.carry_out(lab.plan(deployment))
    assert any(isinstance(message, Progress) for message in messages)
    deployment.brake.press()
    deployment.brake.press()
    with pytest.raises(KeyboardInterrupt):
        deployment.brake.press()
    with pytest.raises(InterruptedRunError, match="AWS goes on with data"):
        messages.throw(KeyboardInterrupt())
    faults({})
    assert at_rest(lab) == "UPDATE_COMPLETE"  # the brake's thread was never started here


def test_a_deletion_cannot_be_cancelled(lab: Lab, faults: Faults) -> None:
    lab.deploy(above(lab), below(lab))
    faults({"hold": ["Note"]})
    destruction = lab.destruction(above(lab), below(lab))
    said = pressing(destruction.brake, destruction.run(), 2, then=lambda: faults({}))
    note = "DELETE_IN_PROGRESS cannot be cancelled: watching it to its end"
    assert Note("api", note) in said
    assert isinstance(destruction.outcomes["api"], Deleted)
    assert destruction.outcomes["data"] == Skipped("interrupted")
    assert lab.status("data") == "CREATE_COMPLETE"


def test_a_cancellation_that_aws_refuses_is_told(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.deploy(above(lab))
    faults({"hold": ["Note"]})

    def refused(*_: Any) -> None:
        raise TapgenError("cancelling: AccessDenied")

    monkeypatch.setattr(CloudFormation, "cancel_update", refused)
    deployment = lab.deployment(above(lab, "two"))
    messages = deployment.carry_out(lab.plan(deployment))
    said = pressing(deployment.brake, messages, 2, then=lambda: faults({}))
    assert Note("data", "not cancelled: cancelling: AccessDenied") in said
    assert lab.status("data") == "UPDATE_COMPLETE"


def test_with_nothing_at_work_there_is_nothing_to_offer(lab: Lab) -> None:
    target = lab.target(data(lab))
    with Interrupt(target) as brake:
        brake.press()
        brake.press()
    said = [brake.inbox.get_nowait().text for _ in range(2)]
    assert said == [
        "interrupted: nothing new is begun",
        "nothing is in progress that could be cancelled",
    ]


def test_what_would_begin_after_ctrl_c_does_not(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = lab.deployment(data(lab))
    plan = lab.plan(deployment)

    def pressed(step: Step, _: Planned) -> bool:
        step.target.closing = True  # the last moment before the change set would be executed
        return False

    monkeypatch.setattr(Step, "_lift_policy", pressed)
    deployment.carry_out(plan, SILENT)
    assert deployment.outcomes["data"] == Skipped("interrupted")
    assert lab.status("data") == "ABSENT"
    assert deployment.run.target.unfinished == set()


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
    faults({"hold": ["HostedZone"]})
    process = Process(lab, tmp_path, "deploy", "-v")
    process.until("CREATE_IN_PROGRESS HostedZone")
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
    assert "AWS goes on with zone" in at_terminal.said
    faults({})
    wait_until(lambda: zone(lab) == [])


def test_sigterm_ends_at_once(lab: Lab, at_terminal: Process, faults: Faults) -> None:
    at_terminal.process.send_signal(signal.SIGTERM)
    assert at_terminal.end() == 130
    assert "AWS goes on with zone" in at_terminal.said
    faults({})
    wait_until(lambda: zone(lab) == ["CREATE_COMPLETE"])


def twice(at_terminal: Process) -> None:
    for answer in ("Ctrl-C again cancels it", "ends this run at once"):
        at_terminal.process.send_signal(signal.SIGINT)
        at_terminal.until(answer)
