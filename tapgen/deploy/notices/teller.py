"""Notifications about one environment's run: a thread sends them while the run continues.

A notice that cannot be sent only causes a note at the end of the run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

from tapgen.aws.notices.topic import publish
from tapgen.aws.notices.webhook import Address, address_of, send
from tapgen.deploy.flow.events import NotNotified
from tapgen.deploy.flow.host import Host
from tapgen.deploy.notices.forms import attributes, by_protocol, for_host
from tapgen.deploy.notices.notice import (
    APPROVAL_WANTED,
    BEGUN,
    BROKEN_OFF,
    DONE,
    FAILED,
    WORDS,
    Notice,
    StackNotice,
)
from tapgen.deploy.record.mending import now
from tapgen.deploy.record.recording import About, reason_of
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Failed, Outcome, Unchanged, succeeded
from tapgen.model.receiver import Receiver, Topic

LAST_SECONDS: Final = 10.0
"""How long a run waits at its end for unsent notices, for all of its environments together."""


class Teller:
    """Notifies the receiver about a run; its methods, except `close`, return at once.

    It sends only one notice of the end.
    """

    def __init__(self, run: Run, about: About, receiver: Receiver) -> None:
        self._run = run
        self._about = about
        self._receiver = receiver
        self._address: Address | None = None
        self._layers: tuple[str, ...] = ()
        self._release: int | None = None
        self._begun = False
        self._queue: SimpleQueue[Notice | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._unsent: dict[str, str] = {}  # event -> why

    def begun(self, layers: Iterable[str]) -> None:
        """Notify that a run on these layers is about to start."""
        self._begun = True
        self._layers = tuple(layers)
        self._release = self._run.state.release  # the record forgets it when it ends
        self._tell(BEGUN)

    def ended(self, outcomes: Mapping[str, Outcome]) -> None:
        """Notify of the outcomes of the layers."""
        if not self._begun:
            return
        self._begun = False
        target = self._run.target
        event = DONE if all(map(succeeded, outcomes.values())) else FAILED
        event = BROKEN_OFF if self._run.state.stopping and event == FAILED else event
        stacks = {
            layer: StackNotice(
                type(one).__name__, reason_of(one), one.hint if isinstance(one, Failed) else ""
            )
            for layer, one in outcomes.items()
            if not isinstance(one, Unchanged)
        }
        status = target.command("status") if event == BROKEN_OFF else ""
        self._tell(event, stacks=stacks, next=status or self._history())

    def broke_off(self, error: BaseException) -> None:
        """Notify that the run ended without outcomes, because of the error."""
        if not self._begun:
            return
        self._begun = False
        cause = error.message if isinstance(error, TapgenError) else "interrupted"
        if not isinstance(error, TapgenError | KeyboardInterrupt):
            cause = f"a bug: {type(error).__name__}"
        self._tell(BROKEN_OFF, cause=cause, next=self._run.target.command("status"))

    def approval_wanted(self, layers: Iterable[str], approvals: int, command: str) -> None:
        """Notify that a plan for these layers needs approvals; `command` gives one."""
        self._layers = tuple(layers)
        self._tell(APPROVAL_WANTED, approvals=approvals, next=command)

    def close(self, deadline: float) -> str:
        """Wait until all notices are sent, at most until `deadline` (monotonic).

        Returns what was not sent and why, in words; "" if all were sent.
        """
        self._queue.put(None)
        if self._thread:
            self._thread.join(max(0.0, deadline - time.monotonic()))
        reasons: dict[str, list[str]] = {}
        for event, reason in [*self._unsent.items()]:
            reasons.setdefault(reason, []).append(event)
        return "; ".join(
            f"no notice was sent that the run {' and '.join(WORDS[event] for event in events)}: "
            f"{reason}"
            for reason, events in reasons.items()
        )

    def _history(self) -> str:
        if self._release is None:
            return ""
        return self._run.target.command("history", str(self._release))

    def _tell(self, event: str, **more: Any) -> None:
        target, about = self._run.target, self._about
        notice = Notice(
            event=event,
            environment=target.environment,
            account_id=target.account.account_id,
            region=target.home_region,
            prefix=target.prefix,
            command=about.command,
            caller="",
            time=now(),
            layers=self._layers,
            release=self._release,
            commit=about.commit,
            source=about.source,
            reason=about.reason,
            plan_digest=about.plan_digest,
            **more,
        )
        self._unsent[event] = f"{self._receiver} did not accept it in time."
        self._queue.put(notice)
        if self._thread is None:
            # A daemon, so that the end of the program does not wait for it.
            self._thread = Thread(target=self._work, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (notice := self._queue.get()) is not None:
            try:
                self._send(notice)
            except TapgenError as error:
                self._unsent[notice.event] = f"{error.message}. {error.hint}".rstrip()
            else:
                del self._unsent[notice.event]

    def _send(self, notice: Notice) -> None:
        target, receiver = self._run.target, self._receiver
        account, home = target.account, target.home_region
        notice = replace(notice, caller=account.caller(home)).shortened()
        if isinstance(receiver, Topic):
            messages = by_protocol(notice)
            publish(account, receiver, notice.subject, messages, attributes(notice))
            return
        self._address = self._address or address_of(account, receiver, home)
        send(self._address, for_host(notice, self._address.host))


@contextmanager
def telling(tellers: Mapping[str, Teller], host: Host) -> Iterator[None]:
    """Close tellers, by environment, at the end of this context, and report unsent notices.

    If the context ends with an error, they notify of that first.
    """
    try:
        yield
    except BaseException as error:
        for one in tellers.values():
            one.broke_off(error)
        raise
    finally:
        deadline = time.monotonic() + LAST_SECONDS
        for name, one in tellers.items():
            if unsent := one.close(deadline):
                host.tell(NotNotified(name, unsent))
