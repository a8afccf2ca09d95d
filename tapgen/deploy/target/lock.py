"""The lock of an environment: one run at a time. A second run reports who holds it, and stops.

The lock is a lease (`aws.lease`) named after the environment's stacks, in the environment's region.
It is renewed while a run works. A run that was killed leaves it behind; the next one takes it over
at once if it can see that the process has ended, otherwise when the lease has expired.

The lock also names the layers that may be unfinished: during a run, all layers that it works on, in
case it is killed. A run that ends in order leaves the lock without a holder. The lock then names
the layers whose stack policies the run has not set, and the adopted resources that are not as
declared yet; the next run continues with them.

Commands that only read do not take the lock. Nor does cancelling: it is for a run in progress.
"""

from __future__ import annotations

import getpass
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final
from uuid import getnode, uuid4

from tapgen.aws.lease import Held, Lease
from tapgen.aws.polling import until
from tapgen.deploy.flow.events import TakenOver
from tapgen.deploy.target.run import Run, RunState
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError

# Renewed once a minute. Four renewals may fail before another run considers this one dead.
RENEW_SECONDS: Final = 60.0
LEASE_SECONDS: Final = 300.0
# Longer than AWS blocks the name of a deleted parameter (`aws.lease`).
_TAKE_SECONDS: Final = 45.0
# How long the end of a run waits for a renewal that is under way.
_JOIN_SECONDS: Final = 5.0

# Runs of this process that have ended, even if their locks could not be released.
_ended: Final[set[str]] = set()


@contextmanager
def locked(run: Run, command: str, layers: Iterable[str] | None = None) -> Iterator[str | None]:
    """Hold the environment's lock; yields a note if it was taken over from a dead run.

    `layers` are those that the command works on; None means all. Checks the account first. Raises
    `RefusedError` if another run holds the lock.
    """
    target = run.target
    target.verify_account()
    lock = _Lock(_lease(target), command, frozenset(target.stacks if layers is None else layers))
    note = lock.take(run)
    renewing = Thread(target=lock.keep, args=(run.state,), name="tapgen-lock", daemon=True)
    try:
        renewing.start()
        yield note
    finally:
        lock.done.set()
        _ended.add(lock.token)
        if renewing.is_alive():
            renewing.join(_JOIN_SECONDS)
        with suppress(TapgenError):  # it expires, and the next run sees that this one has ended
            lock.give_back(run.state)


@contextmanager
def alone(run: Run, command: str, layers: Iterable[str] | None = None) -> Iterator[None]:
    """Like `locked`; a note is reported to the host."""
    with locked(run, command, layers) as note:
        if note:
            run.tell(TakenOver(run.target.environment, note))
        yield


def lock_name(target: Target) -> str:
    """The name of the SSM parameter that is the environment's lock."""
    return f"/tapgen/{target.prefix}/lock"


def holder(target: Target) -> str | None:
    """The holder of the environment's lock, in words; None if there is none."""
    who = _lease(target).read().document
    return None if _over(who) else describe(who)


def untouched(target: Target) -> bool:
    """Whether no run works on the environment, and none has left anything unfinished."""
    who = _lease(target).read().document
    return _over(who) and not who.get("unfinished")


def working(target: Target) -> str | None:
    """Like `holder`, but None also if the run is dead or its lease has expired."""
    held = _lease(target).read()
    return None if _free(held) else describe(held.document)


def describe(who: Mapping[str, Any]) -> str:
    """A holder in words: command, user, host, process and since when."""
    return (
        f"`{who.get('command', '?')}` by {who.get('user', '?')}@{who.get('host', '?')} "
        f"(process {who.get('pid', '?')}, since {who.get('since', '?')})"
    )


@dataclass
class _Lock:
    lease: Lease
    command: str
    layers: frozenset[str]
    taken_over: frozenset[str] = frozenset()
    token: str = field(default_factory=lambda: uuid4().hex)
    since: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"))
    writes: int = 0
    done: Event = field(default_factory=Event)

    def take(self, run: Run) -> str | None:
        """Take the lock; return a note if it was taken from a dead run.

        Raises `RefusedError` if another run holds it.
        """
        what = f"taking {self.lease.name}"
        return until(lambda: self._attempt(run), what=what, seconds=_TAKE_SECONDS) or None

    def _attempt(self, run: Run) -> str | None:
        """Try to take it: the note or "" if it succeeds, None if another run was faster."""
        target = run.target
        held = self.lease.read()
        who = held.document
        if not _free(held):
            minutes = LEASE_SECONDS / 60
            raise RefusedError(
                f"{describe(who)} is at work on {target.environment}",
                f"`{target.command('watch')}` shows what it does. Wait until it ends. If it is "
                f"dead, its lock expires {minutes:.0f} minutes after it was last renewed "
                f"({held.age_seconds:.0f} s ago).",
            )
        left = frozenset(who.get("unfinished", target.stacks)) if who else frozenset()
        self.layers |= left
        told = who.get("taken_over", ())
        self.taken_over = frozenset(n for n in told if n.partition(".")[0] in target.stacks)
        if not self.lease.replace(held, self._document()):
            return None
        run.state.unfinished |= left & target.stacks.keys()
        run.state.taken_over |= self.taken_over
        return "" if _over(who) else f"taking over from {describe(who)}, which was interrupted"

    def keep(self, state: RunState) -> None:
        """Renew the lease until the run is done; end the run if another one has taken it."""
        while not self.done.wait(RENEW_SECONDS):
            with suppress(Exception):  # the next renewals may succeed before it expires
                self.taken_over = frozenset(state.taken_over)
                if not self._write():
                    state.lost_lock = True
                    return

    def give_back(self, state: RunState) -> None:
        """Leave the lock without a holder, unless another run has taken it."""
        self.layers = frozenset(state.unfinished)
        self.taken_over = frozenset(state.taken_over)
        self._write(over=True)

    def _write(self, *, over: bool = False) -> bool:
        """Write the lock again; False if another run has taken it.

        A run that failed to take it may have written in between, so a failed write is retried.
        """
        while self._ours(held := self.lease.read()):
            if self.lease.replace(held, self._document(over=over)):
                return True
        return False

    def _ours(self, held: Held) -> bool:
        return held.document.get("token") == self.token

    def _document(self, *, over: bool = False) -> dict[str, Any]:
        self.writes += 1
        return {
            "command": self.command,
            "user": _user(),
            "host": platform.node(),
            "machine": machine(),
            "pid": os.getpid(),
            "since": self.since,
            "token": self.token,
            "write": self.writes,
            "unfinished": sorted(self.layers),
            "taken_over": sorted(self.taken_over),
            "over": over,
        }


def _lease(target: Target) -> Lease:
    return Lease(target.account, target.home_region, lock_name(target))


def _free(held: Held) -> bool:
    """Whether it may be taken: it has no holder, or the holder is dead or its lease expired."""
    return _over(held.document) or _dead(held.document) or held.age_seconds > LEASE_SECONDS


def _over(who: Mapping[str, Any]) -> bool:
    """Whether it has no holder; it may still name layers that the last run left unfinished."""
    return not who or bool(who.get("over", False))


def _dead(who: Mapping[str, Any]) -> bool:
    """Whether the holder has ended, or ran on this machine and its process no longer exists."""
    if who.get("token") in _ended:
        return True
    if who.get("machine") != machine():
        return False
    try:
        os.kill(int(who["pid"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@cache
def machine() -> str:
    """Identifies the set of process ids: the booted system and, on Linux, its pid namespace.

    Containers share a host, and often a host name, but not their process ids.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    return f"{platform.node()}/{getnode():x}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return str(os.getuid())
