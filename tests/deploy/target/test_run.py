"""A run: what all of its threads see, whom it talks to, and whom it lets act."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.account import Connection
from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.flow.events import Note, Remark
from tapgen.deploy.flow.host import Question, Recorder
from tapgen.deploy.target.durations import Durations, cache_file
from tapgen.deploy.target.run import Asked, Run
from tapgen.errors import RefusedError

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab


def stack(lab: Lab, value: str = "one") -> Stack:
    return lab.stack("network", {"Note": lab.note(value)})


def test_it_is_the_same_run_whomever_it_talks_to(lab: Lab) -> None:
    first, second = Recorder(), Recorder(answer=False)
    run = lab.run(stack(lab), host=first)
    other = run.heard_by(second)
    run.note(stack(lab), "to the first")
    other.tell(Remark("to the second"))
    assert (first.events, second.events) == (
        [Note("network", "to the first")],
        [Remark("to the second")],
    )
    assert run.ask(Question("Go on?"))
    assert not other.ask(Question("Go on?"))
    run.state.stopping = True
    with pytest.raises(StoppedError):
        other.begin()


def test_begins_until_it_is_stopped(lab: Lab) -> None:
    run = lab.run(stack(lab))
    run.begin()
    run.state.stopping = True
    with pytest.raises(StoppedError, match="the run was interrupted"):
        run.begin()


def test_once_the_lock_is_lost_nobody_acts(lab: Lab) -> None:
    run = lab.run(stack(lab))
    assert run.cloudformation(stack(lab)) is run.target.cloudformation(stack(lab))
    run.state.lost_lock = True
    with pytest.raises(RefusedError, match="another run has taken over lab") as refused:
        run.cloudformation(stack(lab))
    assert refused.value.hint == "`tapgen status --env lab --local` shows the state of the stacks."


def test_what_is_watched_is_known_and_what_was_left_too(lab: Lab) -> None:
    lab.deploy(stack(lab))
    run = lab.run(stack(lab))
    assert (run.running(), run.abandoned()) == ((), ())
    state = run.target.describe("network")
    watcher = run.watcher(stack(lab))
    run.stop_watching()
    with pytest.raises(StoppedError):
        watcher.watch(state.stack_id, None, lambda _: None)
    assert (run.running(), run.abandoned()) == ((), (stack(lab),))


def test_runs_learn_from_runs_before_but_not_from_the_local_aws(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    before = Durations.load(cache_file())
    before.note("network", "CREATE", 12.0)
    before.save()
    assert lab.run(stack(lab)).state.durations.expected("network", "CREATE") is None
    plain = Connection(endpoint_url=lab.local.endpoint_url)
    run = Run.on(lab.target(stack(lab), connection=plain))
    assert run.state.durations.expected("network", "CREATE") == 12.0
    assert Run.on(run.target, durations=before).state.durations is before


def test_how_long_change_sets_took_is_kept_for_the_next(lab: Lab, tmp_path: Path) -> None:
    kept = tmp_path / "durations.json"
    deployment = lab.deployment(stack(lab))
    run = deployment.run
    run.state.durations.path = kept
    run.watcher(stack(lab))
    run.keep_durations()
    assert not kept.exists()  # nothing was asked for yet
    deployment.discard(lab.plan(deployment))
    run.keep_durations()
    seconds = Durations.load(kept).expected("all", "CHANGE_SET")
    assert seconds is not None
    assert seconds >= 0


def test_whoever_waits_is_stopped_too(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    run = lab.run(stack(lab))
    begun = time.monotonic()
    run.sleep(0.3)
    assert time.monotonic() - begun >= 0.3

    def stop(_seconds: float) -> None:
        run.state.stopping = True

    monkeypatch.setattr("tapgen.deploy.target.run.time.sleep", stop)
    with pytest.raises(StoppedError):
        run.sleep(1800.0)


def test_an_option_takes_the_place_of_its_own_kind_and_of_no_other() -> None:
    asked = Asked("promote", ("--layer compute", "--rollout linear-10-1", "--full"))
    assert asked.but("--rollout all-at-once") == Asked(
        "promote", ("--layer compute", "--full", "--rollout all-at-once")
    )
    assert Asked().but("--rollout x") == Asked("deploy", ("--rollout x",))
