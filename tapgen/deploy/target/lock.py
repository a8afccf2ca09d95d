"""One run at a time on an environment: the second says who is at work, and stops.

The lock is a lease (`aws.lease`) named after the environment's stacks, in the environment's region.
It is renewed while a run works. A run that was killed leaves it behind; the next one takes it over
at once when it can see that the process is gone, otherwise when the lease has run out.

The lock also says which layers may be left unfinished: all that the run works on, in case it is
killed. A run that ends in order without having brought some stack policies in line leaves the lock
without a holder; it names these layers then, and the next run takes them over with it.

Reading commands never look at it. Cancelling does not either: it is meant for a run at work.
"""

from __future__ import annotations

import getpass
import json
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
from typing import Any, Final, TypeGuard
from uuid import getnode, uuid4

from tapgen.aws.lease import Held, Lease
from tapgen.deploy.flow.events import TakenOver
from tapgen.deploy.target.run import Run, RunState
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError

# Renewed once a minute. Four renewals may fail before somebody else believes the run is dead.
RENEW_SECONDS: Final = 60.0
LEASE_SECONDS: Final = 300.0
# How long the end of a run waits for a renewal that is under way.
_JOIN_SECONDS: Final = 5.0

# Runs of this very process that are over, whether or not AWS could be told so.
_ended: Final[set[str]] = set()


@contextmanager
def locked(run: Run, command: str, layers: Iterable[str] | None = None) -> Iterator[str | None]:
    """Hold the environment's lock; gives what to tell when it was taken over from a dead run.

    `layers` are those that the command works on, all of them where none are named. Checks the
    account first. Raises `RefusedError` when another run is at work.
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
        with suppress(TapgenError):  # it runs out by itself, and the next run sees it is dead
            lock.give_back(run.state)


@contextmanager
def alone(run: Run, command: str, layers: Iterable[str] | None = None) -> Iterator[None]:
    """Like `locked`; the host is told what there is to tell."""
    with locked(run, command, layers) as note:
        if note:
            run.tell(TakenOver(run.target.environment, note))
        yield


def lock_name(target: Target) -> str:
    """The SSM parameter that says who is at work on the environment."""
    return f"/tapgen/{target.prefix}/lock"


def holder(target: Target) -> str | None:
    """Who is at work on the environment, in words; None when nobody is."""
    held = _lease(target).read()
    return None if held is None or _over(_parse(held)) else describe(_parse(held))


def untouched(target: Target) -> bool:
    """Whether nobody is at work on the environment, and no run has left anything unfinished."""
    return _lease(target).read() is None


def working(target: Target) -> str | None:
    """Like `holder`, but None as well where the run is seen to be dead or gives no sign of life."""
    held = _lease(target).read()
    if held is None or _dead(_parse(held)) or held.age_seconds > LEASE_SECONDS:
        return None
    return describe(_parse(held))


def describe(who: Mapping[str, Any]) -> str:
    """A holder in words: command, user, host, process and since when."""
    return (
        f"`tapgen {who.get('command', '?')}` of {who.get('user', '?')}@{who.get('host', '?')} "
        f"(process {who.get('pid', '?')}, since {who.get('since', '?')})"
    )


@dataclass
class _Lock:
    lease: Lease
    command: str
    layers: frozenset[str]
    token: str = field(default_factory=lambda: uuid4().hex)
    since: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"))
    writes: int = 0
    done: Event = field(default_factory=Event)

    def take(self, run: Run) -> str | None:
        """Take the lock, from a dead run if need be; gives whose it was then."""
        target = run.target
        if self.lease.take(self._value()):
            return None
        held = self.lease.read()
        if held is None:  # given back between the two calls
            return self.take(run)
        who = _parse(held)
        if _dead(who) or held.age_seconds > LEASE_SECONDS:
            left = frozenset(who.get("unfinished", target.stacks))
            self.layers |= left
            if self.lease.replace(held, self._value()):
                run.state.unfinished |= left & target.stacks.keys()
                if _over(who):
                    return None
                return f"taking over from {describe(who)}, which was broken off"
            held = self.lease.read() or held
            who = _parse(held)
        minutes = LEASE_SECONDS / 60
        raise RefusedError(
            f"{describe(who)} is at work on {target.environment}",
            f"`{target.command('watch')}` shows what it does. Wait for its end. If it is dead, its "
            f"lock ends {minutes:.0f} minutes after its last sign of life "
            f"({held.age_seconds:.0f} s ago).",
        )

    def keep(self, state: RunState) -> None:
        """Renew the lease until the run is done; end the run when somebody else has it."""
        while not self.done.wait(RENEW_SECONDS):
            with suppress(Exception):  # there are three more minutes to come through
                held = self.lease.read()
                if not self._ours(held) or not self.lease.replace(held, self._value()):
                    state.lost_lock = True
                    return

    def give_back(self, state: RunState) -> None:
        """Delete the lock unless it is somebody else's by now, or something is unfinished."""
        held = self.lease.read()
        if not self._ours(held):
            return
        if state.unfinished:
            self.layers = frozenset(state.unfinished)
            self.lease.replace(held, self._value(over=True))
        else:
            self.lease.delete()

    def _ours(self, held: Held | None) -> TypeGuard[Held]:
        return held is not None and _parse(held).get("token") == self.token

    def _value(self, *, over: bool = False) -> str:
        self.writes += 1
        return json.dumps(
            {
                "command": self.command,
                "user": _user(),
                "host": platform.node(),
                "machine": machine(),
                "pid": os.getpid(),
                "since": self.since,
                "token": self.token,
                "write": self.writes,
                "unfinished": sorted(self.layers),
                "over": over,
            }
        )


def _lease(target: Target) -> Lease:
    return Lease(target.account, target.home_region, lock_name(target))


def _parse(held: Held) -> Mapping[str, Any]:
    try:
        found = json.loads(held.value)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _over(who: Mapping[str, Any]) -> bool:
    """Whether the run has ended in order, and only what it left unfinished is told."""
    return bool(who.get("over", False))


def _dead(who: Mapping[str, Any]) -> bool:
    """Whether the run is over, or the holder ran on this machine and its process is."""
    if _over(who) or who.get("token") in _ended:
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
    """Which set of process ids this is: the booted system and, on Linux, its pid namespace.

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
