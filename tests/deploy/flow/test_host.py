"""Hosts that come with tapgen: a silent one, one that keeps everything, one that says whose."""

from __future__ import annotations

import pytest

from tapgen.deploy.flow.events import Note, Within
from tapgen.deploy.flow.host import SILENT, InEnvironment, Question, Recorder

NOTE = Note("data", "something")
QUESTION = Question("Go on?", about=NOTE, type_name="prod")


def test_silence_is_no_agreement() -> None:
    SILENT.tell(NOTE)
    assert SILENT.ask(QUESTION) is False


@pytest.mark.parametrize("answer", [True, False])
def test_a_recorder_keeps_events_and_questions_and_gives_its_answer(answer: bool) -> None:
    host = Recorder(answer)
    host.tell(NOTE)
    assert host.ask(QUESTION) is answer
    assert (host.events, host.questions) == ([NOTE], [QUESTION])


def test_what_one_environment_tells_is_told_as_its_own_and_asked_as_it_is() -> None:
    host = Recorder()
    one = InEnvironment("qa", host)
    one.tell(NOTE)
    assert one.ask(QUESTION)
    assert (host.events, host.questions) == ([Within("qa", NOTE)], [QUESTION])
