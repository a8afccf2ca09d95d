"""What AWS is at by itself is waited for, whatever guard knows of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from tapgen.deploy.flow.events import Note
from tapgen.deploy.guards.guard import Guard, Subject, UnderWay
from tapgen.deploy.guards.under_way import wait_until_over
from tapgen.errors import TapgenError
from tests.lab import told

if TYPE_CHECKING:
    from tapgen.deploy.target.run import Run
    from tests.lab import Lab

LOOKS: Final[list[str]] = []


def thing(subject: Subject) -> UnderWay | None:
    LOOKS.append(subject.target.environment)
    ended = len(LOOKS) > 3
    return None if ended else UnderWay("the thing", 120.0, "`aws thing` shows it.")


GUARDS: Final = (Guard("says nothing"), Guard("thing", under_way=thing))


def wait(run: Run) -> None:
    platform = replace(run.target.platform, guards="tests.deploy.guards.test_under_way:GUARDS")
    subject = Subject(replace(run.target, platform=platform), {"data"})
    wait_until_over(run, run.target.stacks["data"], subject)


@pytest.fixture
def run(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Run:
    LOOKS.clear()
    monkeypatch.setattr("tapgen.deploy.target.run.Run.sleep", lambda *_: None)
    return lab.run(lab.stack("data", {"Note": lab.note()}))


def test_it_is_told_once_and_looked_at_until_it_has_ended(run: Run) -> None:
    wait(run)
    assert told(run) == [Note("data", "waiting for the thing, at most 2 minutes")]
    assert len(LOOKS) == 4
    wait(run)
    assert len(told(run)) == 1


def test_what_takes_too_long_is_an_error_that_says_how_to_go_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapgen.aws.polling.time.monotonic", iter([0.0, 1.0, 121.0]).__next__)
    with pytest.raises(TapgenError) as caught:
        wait(run)
    assert caught.value.message == "the thing did not end within 120 s"
    assert (
        caught.value.hint
        == "`aws thing` shows it. Then run `tapgen deploy --env lab --local` again."
    )
    assert LOOKS == ["lab"] * 3
