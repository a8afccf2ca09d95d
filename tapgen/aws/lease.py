"""A lease in AWS itself: an SSM parameter that one run holds, renews and releases.

PutParameter without Overwrite is atomic, costs nothing, and works before anything of an environment
exists. An existing parameter has no compare-and-swap, but its versions count up by one and are
kept, so they form a log. Each entry names the version that it replaces, and is valid only if it
directly follows that one. If two runs replace the same version, one of them gets the next number;
the other sees from its number that it was too late, and readers ignore its entry.

The parameter is emptied, never deleted: "After deleting a parameter, wait for at least 30 seconds
to create a parameter with the same name" (Systems Manager API reference, DeleteParameter).

A lease is safe as long as it is renewed in time. A process that was suspended for longer notices
the loss when it renews.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from time import sleep
from typing import Any, Final

from botocore.exceptions import ClientError

from tapgen.aws.account import Account
from tapgen.aws.errors import UnavailableError, code_of, explained
from tapgen.aws.polling import intervals

# "There are concurrent updates for a resource that supports one update at a time" (Systems Manager
# API reference): nothing was written, and botocore does not retry it.
_BUSY: Final = "TooManyUpdates"
_BUSY_ATTEMPTS: Final = 5
_TAKEN: Final = "ParameterAlreadyExists"
_GONE: Final = frozenset({"ParameterNotFound", "ParameterVersionNotFound"})
# The member of the parameter's document with the version that it replaces.
_AFTER: Final = "after"


@dataclass(frozen=True)
class Held:
    """The content of the parameter, and the seconds since it was written.

    `document` is empty if there is no holder. `version` is the newest one, which is replaced to get
    the lease; 0 if there is no parameter. The age is computed from AWS's clock alone, so a wrong
    local clock does not matter; it is never below 0, although AWS rounds one of the times.
    """

    document: Mapping[str, Any]
    version: int
    age_seconds: float = 0.0


class Lease:
    """One parameter in one account and region. Every document written must be unique."""

    def __init__(self, account: Account, region: str, name: str) -> None:
        self.name = name
        self._client = account.client("ssm", region)

    def read(self) -> Held:
        """The current holder's document."""
        newest = entry = self._entry()
        while not entry.counts:
            entry = self._entry(entry.version - 1)
        return Held(entry.document, newest.version, entry.age_seconds)

    def replace(self, held: Held, document: Mapping[str, Any]) -> bool:
        """Replace what was read as `held`; False if another run was faster.

        This takes, renews, takes over and releases the lease. The document must not be empty.
        """
        following = held.version + 1
        try:
            version = self._put({**document, _AFTER: held.version}, overwrite=held.version > 0)
        except UnavailableError:  # without an answer, it may still have been written
            if self._entry(following).document == document:
                return True
            raise
        if version == following:
            return True
        # A request whose answer was lost is sent again, and then finds its own entry.
        return self._entry(following).document == document

    def _entry(self, version: int | None = None) -> _Entry:
        """One version, the newest if none is named."""
        if version == 0:
            return _NONE
        name = self.name if version is None else f"{self.name}:{version}"
        with explained(f"reading {self.name}"):
            try:
                answer = self._client.get_parameter(Name=name)
            except ClientError as error:
                if code_of(error) in _GONE:
                    return _NONE
                raise
            parameter = answer["Parameter"]
            written: datetime = parameter["LastModifiedDate"]
            document = _parse(parameter["Value"])
            after = document.pop(_AFTER, None)
            return _Entry(
                document,
                parameter["Version"],
                after,
                max(0.0, (_now(answer) - written.astimezone(UTC)).total_seconds()),
            )

    def _put(self, document: Mapping[str, Any], *, overwrite: bool) -> int | None:
        """The version written; None if the parameter exists and `overwrite` is false.

        Raises `UnavailableError` if others keep writing.
        """
        for pause in islice(intervals(), _BUSY_ATTEMPTS):
            with explained(f"writing {self.name}"):
                try:
                    answer = self._client.put_parameter(
                        Name=self.name,
                        Value=json.dumps(document),
                        Type="String",
                        Description="Says whether tapgen is at work here",
                        Overwrite=overwrite,
                    )
                    return int(answer["Version"])
                except ClientError as error:
                    if code_of(error) == _TAKEN:
                        return None
                    if code_of(error) != _BUSY:
                        raise
            sleep(pause)
        raise UnavailableError(f"writing {self.name}: {_BUSY}", "Repeat the command.")


@dataclass(frozen=True)
class _Entry:
    """One version of the parameter; `after` is None if it was not written by a lease."""

    document: dict[str, Any]
    version: int
    after: int | None
    age_seconds: float

    @property
    def counts(self) -> bool:
        """Whether it directly follows the version that it replaces, or names none."""
        return self.after is None or self.after == self.version - 1


_NONE: Final = _Entry({}, 0, None, 0.0)


def _parse(value: str) -> dict[str, Any]:
    """The parameter's document, which may not have been written by tapgen."""
    try:
        found = json.loads(value)
    except ValueError:
        return {"value": value}
    return found if isinstance(found, dict) else {"value": found}


def _now(answer: dict[str, Any]) -> datetime:
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(date).astimezone(UTC) if date else datetime.now(UTC)
