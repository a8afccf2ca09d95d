"""The same work for several environments in parallel, with all failures in one error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from tapgen.errors import RefusedError, TapgenError

# Environments that are worked on at the same time; the others wait. Each uses up to a dozen
# threads, nearly all of which wait for AWS. Fewer were slower and used the same CPU time (a first
# deployment of thirty with short stack times: 40 s with 4 at a time, 33 s with 12, 31 s with all).
AT_ONCE: Final = 32

_NOTHING_BEGUN: Final = "Nothing was started in any environment."

Member = TypeVar("Member")
Result = TypeVar("Result")


def map_all(members: Mapping[str, Member], work: Callable[[Member], Result]) -> dict[str, Result]:
    """Environment -> result of `work`. Raises one error with all failures."""
    return raise_failures(collect(members, work))


def collect(
    members: Mapping[str, Member], work: Callable[[Member], Result]
) -> dict[str, Result | TapgenError]:
    """Environment -> result of `work`, or the `TapgenError` that it raises."""

    def each(member: Member) -> Result | TapgenError:
        try:
            return work(member)
        except TapgenError as error:
            return error

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(members, pool.map(each, members.values()), strict=True))


def raise_failures(
    found: Mapping[str, Result | TapgenError], closing: str = _NOTHING_BEGUN
) -> dict[str, Result]:
    """The results. Raises one error with all failures among them; `closing` ends its hint."""
    failures = {name: each for name, each in found.items() if isinstance(each, TapgenError)}
    if failures:
        raise all_of(failures, closing)
    return {name: each for name, each in found.items() if not isinstance(each, TapgenError)}


def all_of(failures: Mapping[str, TapgenError], closing: str = _NOTHING_BEGUN) -> TapgenError:
    """One error for the failures of several environments; refused if any of them is."""
    refused = any(isinstance(error, RefusedError) for error in failures.values())
    kind = RefusedError if refused else TapgenError
    hints = dict.fromkeys(error.hint for error in failures.values())
    if len(failures) == 1:
        ((name, error),) = failures.items()
        message = f"{name}: {error.message}"
    else:
        lines = [f"\n  {name}: {error.message}" for name, error in failures.items()]
        message = f"{len(failures)} environments cannot continue:{''.join(lines)}"
    return kind(message, " ".join(filter(None, [*hints, closing])))
