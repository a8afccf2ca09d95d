"""A lease in AWS itself: an SSM parameter that one run holds, renews and gives back.

PutParameter without Overwrite is atomic, costs nothing, and works before anything of an environment
exists. A parameter that is there already has no compare-and-swap, but its versions count up by one
and are kept, so they are a log. Each entry says which version it was written over, and counts only
where it directly follows that one. Of two that write over the same version one is the next, and the
other finds by the number it gets that it was too late; readers pass over what it wrote.

The parameter is emptied, never deleted: "After deleting a parameter, wait for at least 30 seconds
to create a parameter with the same name" (Systems Manager API reference, DeleteParameter).

A lease that is renewed keeps its name from being taken, so it is safe as long as renewing comes
through. A process that was suspended for longer finds out when it renews.
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
# API reference): nothing was written, and botocore does not try again by itself.
_BUSY: Final = "TooManyUpdates"
_BUSY_ATTEMPTS: Final = 5
_TAKEN: Final = "ParameterAlreadyExists"
_GONE: Final = frozenset({"ParameterNotFound", "ParameterVersionNotFound"})
# The member of the parameter's document that says which version it was written over.
_AFTER: Final = "after"


@dataclass(frozen=True)
class Held:
    """What the parameter says, and seconds since that was written.

    `document` is empty where nobody has it. `version` is the newest one, which whoever wants the
    lease writes over; 0 where there is no parameter. The age is told by AWS's clock alone, so a
    wrong clock here does no harm; AWS tells whole seconds in one place, so it is never below 0.
    """

    document: Mapping[str, Any]
    version: int
    age_seconds: float = 0.0


class Lease:
    """One parameter in one account and region. A document has to be unlike every other written."""

    def __init__(self, account: Account, region: str, name: str) -> None:
        self.name = name
        self._client = account.client("ssm", region)

    def read(self) -> Held:
        """Who has it now."""
        newest = entry = self._entry()
        while not entry.counts:
            entry = self._entry(entry.version - 1)
        return Held(entry.document, newest.version, entry.age_seconds)

    def replace(self, held: Held, document: Mapping[str, Any]) -> bool:
        """Write over what was read as `held`; False when somebody else was faster.

        Taking, renewing, taking over and giving back are all the same. An empty document would be
        one that nobody wrote.
        """
        following = held.version + 1
        try:
            version = self._put({**document, _AFTER: held.version}, overwrite=held.version > 0)
        except UnavailableError:  # without an answer it may have been written all the same
            if self._entry(following).document == document:
                return True
            raise
        if version == following:
            return True
        # A request whose answer was lost is sent again, and then finds what it wrote itself.
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
        """The version written; None where there is a parameter and it was not to be written over.

        Raises `UnavailableError` where others write all the time.
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
    """One version of the parameter; `after` is None where something else than a lease wrote it."""

    document: dict[str, Any]
    version: int
    after: int | None
    age_seconds: float

    @property
    def counts(self) -> bool:
        """Whether it directly followed what it was written over, or who knows what."""
        return self.after is None or self.after == self.version - 1


_NONE: Final = _Entry({}, 0, None, 0.0)


def _parse(value: str) -> dict[str, Any]:
    """The parameter's document; something else than tapgen may have written it."""
    try:
        found = json.loads(value)
    except ValueError:
        return {"value": value}
    return found if isinstance(found, dict) else {"value": found}


def _now(answer: dict[str, Any]) -> datetime:
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(date).astimezone(UTC) if date else datetime.now(UTC)
