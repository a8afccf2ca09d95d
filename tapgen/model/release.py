"""A release: one run that changed something, as its record tells it.

The record is two documents. `Begun` is written before anything is changed and takes the number,
`Ended` afterwards; neither is ever written over. A release without an end was killed, or is under
way. `tapgen/cli/schemas/history.json` describes both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

VERSION: Final = 1
TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
"""How records and approvals tell a time: UTC, whole seconds."""
# How a release ended, as a whole.
SUCCEEDED: Final = "succeeded"
FAILED: Final = "failed"
BROKEN_OFF: Final = "broken off"
# Commands whose releases declare nothing: their stacks go on with what they were deployed with.
_LEAVES_AS_IS: Final = frozenset({"cancel", "drift", "recover"})
_ROLLS_BACK: Final = "release "


def moment(text: str) -> str:
    """A time of a record as people read it: 2026-03-01 09:30:00."""
    return text.replace("T", " ").removesuffix("Z")


@dataclass(frozen=True)
class Commit:
    """The git commit that the project was at; `dirty` where files differed from it."""

    id: str
    dirty: bool


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What a run is about to do. Times are UTC, "2026-03-01T09:30:00Z".

    - `release`: counts up by one in each environment, from 1.
    - `run`: tells two runs apart that say the same.
    - `prefix`: what the names of the environment's stacks begin with.
    - `command`: of tapgen, for instance "deploy --plan"; `source` is the environment that it
      promotes from, or the release that it rolls back to ("release 4").
    - `caller`: ARN of who was calling, as STS says.
    - `commit`: None outside of git.
    - `code_sha256`: of the functions' package, empty where none is deployed. Where a rollback
      brings back several, it is the first; the parameters of each stack say which it takes.
    - `plan_digest`: of the reviewed plan file, empty where there was none.
    - `approvals`: those that counted, each as `model.approval.document` gives it.
    - `lifted`: the options that let guards pass.
    - `content`: keys of the templates and the code that it deploys, which the ledger keeps.
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
        """The number of the release that it rolls back to; None where it does something else."""
        number = self.source.removeprefix(_ROLLS_BACK)
        return int(number) if number != self.source and number.isdecimal() else None


@dataclass(frozen=True)
class StackEnd:
    """What became of one stack.

    - `outcome`: the name of an outcome (`model.deployed.events`).
    - `seconds`: None where nobody looked on.
    - `reason`: why it failed or was skipped; `status` what CloudFormation left.
    - `change_sets`: ids of those that were executed, in their order.
    - `updated`: since when the stack is so (AWS's time, as text); empty where there is none.
    """

    outcome: str
    seconds: float | None = None
    reason: str = ""
    status: str = ""
    change_sets: tuple[str, ...] = ()
    updated: str = ""


@dataclass(frozen=True)
class Ended:
    """How a run ended. `completed_by` is the ARN of who wrote it later, from what AWS tells."""

    release: int
    ended: str
    outcome: str
    stacks: Mapping[str, StackEnd]
    completed_by: str = ""


@dataclass(frozen=True)
class Release:
    """One release; `ended` is None where its end is not written."""

    begun: Begun
    ended: Ended | None = None

    @property
    def number(self) -> int:
        """Its number in its environment."""
        return self.begun.release

    @property
    def succeeded(self) -> bool:
        """Whether it is known to have ended well."""
        return self.ended is not None and self.ended.outcome == SUCCEEDED

    @property
    def killed(self) -> bool:
        """Whether its run did not come so far as to tell how it ended."""
        return self.ended is None or bool(self.ended.completed_by)

    @property
    def deploys(self) -> bool:
        """Whether what it declares is what it was to leave: other commands only act on stacks."""
        return self.begun.verb not in {*_LEAVES_AS_IS, "destroy"}


def rolling_back_to(number: int) -> str:
    """The `source` of a release that rolls back to another."""
    return f"{_ROLLS_BACK}{number}"


def document(part: Begun | Ended) -> dict[str, Any]:
    """A part of a record as JSON values."""
    return {"version": VERSION, **asdict(part)}


def text_of(part: Begun | Ended) -> bytes:
    """A part of a record as it is written: the same bytes for the same content."""
    return f"{json.dumps(document(part), indent=2, sort_keys=True)}\n".encode()


def begun_of(text: bytes) -> Begun:
    """The first part of a record. Raises `ValueError` where it is none.

    What a later version of tapgen says beyond what is known is passed by.
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
    """The second part of a record. Raises `ValueError` where it is none."""
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
        raise ValueError(f"it says no {', '.join(sorted(missing))}")
    return {name: value for name, value in told.items() if name in known}
