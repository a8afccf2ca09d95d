"""Parameters of Systems Manager that settings refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tapgen.aws.account import Account
from tapgen.aws.errors import explained

# Systems Manager API reference, GetParameters: "Maximum number of 10 items".
_AT_ONCE: Final = 10
SECURE: Final = "SecureString"


@dataclass(frozen=True)
class Parameter:
    """A parameter's type (String, StringList, SecureString) and its value, a list with commas.

    A `SecureString` has no value here: it is never decrypted.
    """

    type: str
    value: str


def parameters(account: Account, region: str, names: Iterable[str]) -> Mapping[str, Parameter]:
    """Name as requested, with its version or label -> parameter; missing ones are omitted.

    One call per ten names.
    """
    found: dict[str, Parameter] = {}
    wanted = list(dict.fromkeys(names))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        with explained(f"reading the parameters {', '.join(some)}"):
            client = account.client("ssm", region)
            answer = client.get_parameters(Names=some, WithDecryption=False)
        for one in answer["Parameters"]:
            value = "" if one["Type"] == SECURE else one["Value"]
            selector = one.get("Selector", "").removeprefix(":")
            name = f"{one['Name']}:{selector}" if selector else one["Name"]
            found[name] = Parameter(one["Type"], value)
    return found
