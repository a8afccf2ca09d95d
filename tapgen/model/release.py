"""A release: the record of one run that changed something.

The record is two documents. `Begun` is written before anything is changed and reserves the number,
`Ended` afterwards; neither is ever overwritten. A release without an end was killed, or is in
progress. `tapgen/cli/schemas/history.json` describes both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

VERSION: Final = 1
TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
"""The format of times in records and approvals: UTC, whole seconds."""
# How a release ended, as a whole.
SUCCEEDED: Final = "succeeded"
FAILED: Final = "failed"
BROKEN_OFF: Final = "broken off"
# Commands whose releases declare nothing: their stacks keep what they were deployed with.
_LEAVES_AS_IS: Final = frozenset({"cancel", "drift", "recover"})
_ROLLS_BACK: Final = "release "


def moment(text: str) -> str:
    """A time of a record in readable form: 2026-03-01 09:30:00."""
    return text.replace("T", " ").removesuffix("Z")


@dataclass(frozen=True)
class Commit:
    """The project's git commit; `dirty` if files differed from it."""

    id: str
    dirty: bool


@dataclass(frozen=True, kw_only=True)
class Begun:
    """The beginning of a run's record: what it will do. Times are UTC, "2026-03-01T09:30:00Z".

    - `release`: the number, consecutive in each environment, from 1.
    - `run`: a random id of the run.
    - `prefix`: prefix of the names of the environment's stacks.
    - `command`: of tapgen, for instance "deploy --plan"; `source` is the environment that it
      promotes from, or the release that it rolls back to ("release 4").
    - `caller`: ARN of the caller, from STS.
    - `commit`: None outside of git.
    - `code_sha256`: of the functions' package, empty if none is deployed. If a rollback restores
      several, it is the first; the parameters of each stack have its own.
    - `plan_digest`: of the reviewed plan file, empty if there was none.
    - `approvals`: those that counted, each as a `model.approval.document`.
    - `lifted`: the options that override guards.
    - `content`: keys of the deployed templates and code, which the ledger keeps.
    - `stacks`: by layer, what is declared and planned, as in a plan file; secrets are masked.
    """

    release: int
    run: str
    environment: str
    account_id: str
    region: str
    prefix: str
    command: str
    caller: str
    began: str
    tapgen: str
    platform: str
    source: str = ""
    commit: Commit | None = None
    code_sha256: str = ""
    plan_digest: str = ""
    approvals: tuple[Mapping[str, Any], ...] = ()
    lifted: tuple[str, ...] = ()
    reason: str = ""
    content: tuple[str, ...] = ()
    stacks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def verb(self) -> str:
        """The command without its options."""
        return self.command.partition(" ")[0]

    @property
    def rolls_back_to(self) -> int | None:
        """The number of the release that it rolls back to; None if it does not roll back."""
        number = self.source.removeprefix(_ROLLS_BACK)
        return int(number) if number != self.source and number.isdecimal() else None


@dataclass(frozen=True)
class StackEnd:
    """The end of one stack.

    - `outcome`: the name of an outcome (`model.deployed.events`).
    - `seconds`: None if the end was not observed.
    - `reason`: why it failed or was skipped; `status` is the last one of the stack.
    - `change_sets`: ids of the executed ones, in order.
    - `updated`: AWS's time of the last update, as text; empty if there is no stack.
    """

    outcome: str
    seconds: float | None = None
    reason: str = ""
    status: str = ""
    change_sets: tuple[str, ...] = ()
    updated: str = ""


@dataclass(frozen=True)
class Ended:
    """The end of a run. `completed_by` is the ARN of the caller who wrote it later, from AWS."""

    release: int
    ended: str
    outcome: str
    stacks: Mapping[str, StackEnd]
    completed_by: str = ""


@dataclass(frozen=True)
class Release:
    """One release; `ended` is None if its end was not written."""

    begun: Begun
    ended: Ended | None = None

    @property
    def number(self) -> int:
        """Its number in its environment."""
        return self.begun.release

    @property
    def succeeded(self) -> bool:
        """True if it is known to have succeeded."""
        return self.ended is not None and self.ended.outcome == SUCCEEDED

    @property
    def killed(self) -> bool:
        """True if its run did not write the end."""
        return self.ended is None or bool(self.ended.completed_by)

    @property
    def deploys(self) -> bool:
        """True if it deployed what it declares; other commands only act on existing stacks."""
        return self.begun.verb not in {*_LEAVES_AS_IS, "destroy"}


def rolling_back_to(number: int) -> str:
    """The `source` of a release that rolls back to another."""
    return f"{_ROLLS_BACK}{number}"


def document(part: Begun | Ended) -> dict[str, Any]:
    """A part of a record as JSON values."""
    return {"version": VERSION, **asdict(part)}


def text_of(part: Begun | Ended) -> bytes:
    """The text of a part of a record: the same bytes for the same content."""
    return f"{json.dumps(document(part), indent=2, sort_keys=True)}\n".encode()


def begun_of(text: bytes) -> Begun:
    """The first part of a record. Raises `ValueError` if it is not one.

    Unknown members, from a later version of tapgen, are ignored.
    """
    told = _members(Begun, text)
    commit = told.get("commit")
    return Begun(
        **{
            **told,
            "commit": Commit(str(commit["id"]), bool(commit["dirty"])) if commit else None,
            "approvals": tuple(told.get("approvals", ())),
            "lifted": tuple(told.get("lifted", ())),
            "content": tuple(told.get("content", ())),
        }
    )


def ended_of(text: bytes) -> Ended:
    """The second part of a record. Raises `ValueError` if it is not one."""
    told = _members(Ended, text)
    known = {one.name for one in fields(StackEnd)}
    stacks = {
        layer: StackEnd(
            **{
                **{name: value for name, value in one.items() if name in known},
                "change_sets": tuple(one.get("change_sets", ())),
            }
        )
        for layer, one in told["stacks"].items()
    }
    return Ended(**{**told, "stacks": stacks})


def _members(kind: type[Begun | Ended], text: bytes) -> dict[str, Any]:
    told = json.loads(text)
    if not isinstance(told, dict) or told.get("version") != VERSION:
        raise ValueError(f"it is not a record of version {VERSION}")
    known = {one.name for one in fields(kind)}
    missing = {"release", "stacks"} - told.keys()
    if missing:
        raise ValueError(f"it lacks {', '.join(sorted(missing))}")
    return {name: value for name, value in told.items() if name in known}
