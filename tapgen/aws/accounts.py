"""The accounts of a run, and the objects that environments in the same account share."""

from __future__ import annotations

from collections.abc import Collection
from threading import Lock
from typing import Any, Final, NamedTuple

from tapgen.aws.account import Account, Connection
from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.watch import FEW, MANY, Poller
from tapgen.aws.pace import Pace
from tapgen.aws.polling import intervals, poll_delays
from tapgen.aws.session import new_session

# Seconds until the local AWS is first asked: its operations take milliseconds.
_SOON: Final = 0.05


class Place(NamedTuple):
    """An account and region: its CloudFormation, and the poller for it."""

    cloudformation: CloudFormation
    poller: Poller


class Accounts:
    """Opens each account once per connection, and each profile once.

    `busy` are the accounts with several environments. AWS counts calls by account and region,
    whoever makes them, so calls to these accounts share a pace.
    """

    def __init__(self, busy: Collection[str] = ()) -> None:
        self._busy = frozenset(busy)
        self._sessions: dict[str | None, Any] = {}
        self._accounts: dict[tuple[str, Connection], Account] = {}
        self._places: dict[tuple[Account, str], Place] = {}
        self._paces: dict[tuple[str, str, str], Pace] = {}
        self._lock = Lock()

    def account(self, account_id: str, connection: Connection) -> Account:
        """The account through that connection."""
        with self._lock:
            key = (account_id, connection)
            if key not in self._accounts:
                busy = account_id in self._busy and not connection.local
                paced = self._pace if busy else None
                self._accounts[key] = Account(*key, sessions=self._session, paced=paced)
            return self._accounts[key]

    def place(self, account: Account, region: str) -> Place:
        """The place that all users of this account and region share."""
        with self._lock:
            key = (account, region)
            if key not in self._places:
                cloudformation = CloudFormation(account, region)
                pauses = (lambda *_: intervals(_SOON)) if account.connection.local else poll_delays
                many = FEW if account.account_id in self._busy else MANY
                self._places[key] = Place(cloudformation, Poller(cloudformation, pauses, many))
            return self._places[key]

    def _session(self, profile: str | None) -> Any:
        """Called for one client at a time."""
        if profile not in self._sessions:
            self._sessions[profile] = new_session(profile)
        return self._sessions[profile]

    def _pace(self, account_id: str, service: str, region: str) -> Pace:
        """Called for one client at a time."""
        return self._paces.setdefault((account_id, service, region), Pace())
