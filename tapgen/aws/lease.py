"""A lease in AWS itself: an SSM parameter that one run holds, renews and gives back.

PutParameter without Overwrite is atomic, costs nothing, and works before anything of an environment
exists. There is no compare-and-swap, so a lease that ran out is taken over in two steps: write over
it, then look at the version before. Whoever wrote directly over the very value that had run out has
it; everybody else steps back.

A lease that is renewed keeps its name from being taken, so it is safe as long as renewing comes
through. A process that was suspended for longer finds out when it renews.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError

from tapgen.aws.account import Account
from tapgen.aws.errors import code_of, explained

_TAKEN = frozenset({"ParameterAlreadyExists", "TooManyUpdates"})
_GONE = frozenset({"ParameterNotFound", "ParameterVersionNotFound"})


@dataclass(frozen=True)
class Held:
    """What the parameter says: its value, its version, and seconds since it was last written.

    The age is told by AWS's clock alone, so a wrong clock here does no harm.
    """

    value: str
    version: int
    age_seconds: float


class Lease:
    """One parameter in one account and region. A value has to be unlike every other written."""

    def __init__(self, account: Account, region: str, name: str) -> None:
        self.name = name
        self._client = account.client("ssm", region)

    def take(self, value: str) -> bool:
        """Take the lease when nobody has it; gives whether that worked."""
        if self._put(value, overwrite=False) is not None:
            return True
        # A request whose answer was lost is sent again, and then finds what it wrote itself.
        held = self.read()
        return held is not None and held.value == value

    def read(self, version: int | None = None) -> Held | None:
        """Who has it now, or had it at an earlier version; None where there is nobody."""
        name = self.name if version is None else f"{self.name}:{version}"
        with explained(f"reading {self.name}"):
            try:
                answer = self._client.get_parameter(Name=name)
            except ClientError as error:
                if code_of(error) in _GONE:
                    return None
                raise
        parameter = answer["Parameter"]
        written: datetime = parameter["LastModifiedDate"]
        return Held(
            parameter["Value"],
            parameter["Version"],
            (_now(answer) - written.astimezone(UTC)).total_seconds(),
        )

    def replace(self, held: Held, value: str) -> bool:
        """Write over what was read as `held`; False when somebody else was faster.

        Renewing one's own lease is the same as taking over one that ran out. `value` has to be
        another than `held` has.
        """
        version = self._put(value, overwrite=True) or 0
        while version > 1:
            version -= 1
            before = self.read(version)
            if before is None:
                return False
            if before.value == value:
                continue  # ours as well: the first answer was lost and the request sent again
            if (before.version, before.value) == (held.version, held.value):
                return True
            self._put(before.value, overwrite=True)  # theirs stays theirs
            return False
        return version == 1  # it was given back meanwhile, so this made it anew

    def delete(self) -> None:
        """Give the lease back; fine when it is gone already."""
        with explained(f"deleting {self.name}"):
            try:
                self._client.delete_parameter(Name=self.name)
            except ClientError as error:
                if code_of(error) not in _GONE:
                    raise

    def _put(self, value: str, *, overwrite: bool) -> int | None:
        """The version written; None when somebody else was faster."""
        with explained(f"writing {self.name}"):
            try:
                answer = self._client.put_parameter(
                    Name=self.name,
                    Value=value,
                    Type="String",
                    Description="tapgen is at work here",
                    Overwrite=overwrite,
                )
            except ClientError as error:
                if code_of(error) in _TAKEN:
                    return None
                raise
        return int(answer["Version"])


def _now(answer: dict[str, Any]) -> datetime:
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(date).astimezone(UTC) if date else datetime.now(UTC)
