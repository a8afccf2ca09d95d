"""Telling about a run beside it: in order, once, and never to its harm."""

from __future__ import annotations

import threading
import time
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.notices.webhook import Address
from tapgen.deploy.flow.events import NotNotified
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.notices import teller
from tapgen.deploy.notices.notice import BEGUN, BROKEN_OFF, DONE, FAILED
from tapgen.deploy.notices.teller import Teller, telling
from tapgen.deploy.record.recording import About
from tapgen.deploy.stack.interruption import InterruptedRunError
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Failed, Outcome, Skipped, Unchanged, Updated
from tapgen.model.receiver import Webhook, receiver
from tests.aws.notices.test_topic import received, subscribed
from tests.aws.notices.test_webhook import hook, kept

if TYPE_CHECKING:
    from tests.lab import Lab

ABOUT = About(command="deploy", reason="PAY-12")
OUTCOMES: dict[str, Outcome] = {
    "data": Updated(),
    "zone": Unchanged({}),
    "api": Failed("api.Stage: no", hint="Fix the cause, then run `tapgen deploy --env lab`."),
    "cdn": Skipped("api failed"),
}


@pytest.fixture
def run(lab: Lab) -> Run:
    return Run.on(lab.target(lab.stack("data", {"Note": lab.note()})), Recorder())


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is sent to a webhook that takes everything."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(teller, "address_of", lambda *_: Address("https://example.com/x"))
    monkeypatch.setattr(teller, "send", lambda _, body: found.append(body))
    return found


def refusing(monkeypatch: pytest.MonkeyPatch, error: TapgenError) -> None:
    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(teller, "address_of", refuse)


def tell(run: Run, work: Any = None, *, host: Recorder | None = None) -> Recorder:
    """A run that begins, does `work` with its teller, and ends."""
    host = host or Recorder()
    one = Teller(run, ABOUT, Webhook("chat"))
    with telling({"lab": one}, host):
        one.begun(["data"])
        (work or (lambda one: one.ended({"data": Updated()})))(one)
    return host


def test_a_run_is_told_from_its_beginning_to_its_end(run: Run, sent: list[dict[str, Any]]) -> None:
    run.state.release = 17

    def work(one: Teller) -> None:
        run.state.release = None  # as its record does
        one.ended(OUTCOMES)
        one.ended(OUTCOMES)  # once is enough

    host = tell(run, work)
    begun, ended = sent
    account = run.target.account.account_id
    assert (begun["event"], begun["layers"], begun["release"]) == (BEGUN, ["data"], 17)
    assert begun["caller"] == f"arn:aws:iam::{account}:root"
    assert (begun["command"], begun["reason"]) == ("deploy", "PAY-12")
    assert (ended["event"], ended["release"]) == (FAILED, 17)
    assert {layer: one["outcome"] for layer, one in ended["stacks"].items()} == {
        "data": "Updated",
        "api": "Failed",
        "cdn": "Skipped",
    }
    assert ended["stacks"]["api"]["next"] == "Fix the cause, then run `tapgen deploy --env lab`."
    assert ended["next"] == "tapgen history --env lab 17 --local"
    assert host.events == []


def test_what_ends_well_is_done(run: Run, sent: list[dict[str, Any]]) -> None:
    tell(run)
    assert [one["event"] for one in sent] == [BEGUN, DONE]
    assert sent[1]["next"] == ""  # it has no record


def test_a_run_that_was_stopped_was_broken_off(run: Run, sent: list[dict[str, Any]]) -> None:
    def work(one: Teller) -> None:
        run.state.stopping = True
        one.ended({"data": Updated(), "api": Skipped("interrupted")})

    tell(run, work)
    assert sent[1]["event"] == BROKEN_OFF
    assert sent[1]["next"] == "tapgen status --env lab --local"


def test_a_run_that_was_stopped_too_late_is_done(run: Run, sent: list[dict[str, Any]]) -> None:
    run.state.stopping = True
    tell(run)
    assert sent[1]["event"] == DONE


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (InterruptedRunError("stopped: data goes on"), "stopped: data goes on"),
        (KeyboardInterrupt(), "interrupted"),
        (ZeroDivisionError("sesame"), "a bug: ZeroDivisionError"),
    ],
)
def test_what_breaks_it_off_is_told(
    run: Run, sent: list[dict[str, Any]], error: BaseException, cause: str
) -> None:
    def work(_: Teller) -> None:
        raise error

    with pytest.raises(type(error)):
        tell(run, work)
    assert (sent[1]["event"], sent[1]["cause"]) == (BROKEN_OFF, cause)


def test_what_has_ended_is_not_broken_off(run: Run, sent: list[dict[str, Any]]) -> None:
    def work(one: Teller) -> None:
        one.ended({"data": Updated()})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell(run, work)
    assert [one["event"] for one in sent] == [BEGUN, DONE]


def test_who_cannot_be_told_is_a_remark_with_all_of_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, TapgenError("the secret is gone", "Make it."))
    (told,) = tell(run).events
    assert told == NotNotified(
        "lab",
        "no notice was sent that the run has begun and is done: the secret is gone. Make it.",
    )


def test_a_run_waits_for_nobody_who_takes_his_time(
    run: Run, sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, others = Event(), {*threading.enumerate()}
    monkeypatch.setattr(teller, "send", lambda *_: goes_on.wait())
    monkeypatch.setattr(teller, "LAST_SECONDS", 0.05)
    began = time.monotonic()
    (told,) = tell(run).events
    assert time.monotonic() - began < 5.0
    goes_on.set()
    for sending in {*threading.enumerate()} - others:
        sending.join()  # it would tell the next test what is left of this one
    assert isinstance(told, NotNotified)
    assert told.text == (
        "no notice was sent that the run has begun and is done: the webhook whose address is in "
        "the secret chat did not accept it in time."
    )
    assert sent == []


def test_where_nothing_was_told_nothing_is_waited_for(run: Run) -> None:
    host = Recorder()
    with telling({"lab": Teller(run, ABOUT, Webhook("chat"))}, host):
        pass
    with pytest.raises(KeyboardInterrupt), telling({}, host):
        raise KeyboardInterrupt
    one = Teller(run, ABOUT, Webhook("chat"))
    one.ended({})
    one.broke_off(KeyboardInterrupt())
    assert one.close(time.monotonic()) == ""
    assert host.events == []


def test_a_plan_that_waits_for_approval_is_told(run: Run, sent: list[dict[str, Any]]) -> None:
    one = Teller(run, About(command="plan", plan_digest="abc"), Webhook("chat"))
    with telling({"lab": one}, Recorder()):
        one.approval_wanted(["data"], 2, "tapgen approve plan.json")
    (told,) = sent
    assert (told["event"], told["approvals"], told["plan_digest"]) == ("approval-wanted", 2, "abc")
    assert (told["layers"], told["next"]) == (["data"], "tapgen approve plan.json")


# --- on the local AWS -----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_topic_is_told(lab: Lab, run: Run) -> None:
    topic, queue = subscribed(lab)
    one = Teller(run, ABOUT, receiver(topic.arn))
    with telling({"lab": one}, Recorder()):
        one.begun(["data"])
        one.ended({"data": Updated()})
    arrived = received(lab, queue)
    assert [each["Subject"] for each in arrived] == [
        "lab: deploy has begun",
        "lab: deploy is done",
    ]
    assert arrived[0]["MessageAttributes"]["event"]["Value"] == BEGUN


@pytest.mark.slow
def test_a_webhook_is_told(lab: Lab, run: Run) -> None:
    with hook() as there:
        secret = kept(lab, there.url)
        one = Teller(run, ABOUT, secret)
        with telling({"lab": one}, Recorder()):
            one.begun(["data"])
            one.ended({"data": Updated()})
        assert [body["text"].partition("\n")[0] for body in there.received] == [
            "lab: deploy has begun",
            "lab: deploy is done",
        ]
