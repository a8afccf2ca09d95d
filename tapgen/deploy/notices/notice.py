"""A notice: the content of one notification about a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from tapgen.model.release import Commit, moment

VERSION: Final = 1
BEGUN: Final = "begun"
APPROVAL_WANTED: Final = "approval-wanted"
DONE: Final = "done"
FAILED: Final = "failed"
BROKEN_OFF: Final = "broken-off"
EVENTS: Final = (BEGUN, APPROVAL_WANTED, DONE, FAILED, BROKEN_OFF)
WORDS: Final = {
    BEGUN: "has begun",
    APPROVAL_WANTED: "waits for approval",
    DONE: "is done",
    FAILED: "has failed",
    BROKEN_OFF: "was interrupted",
}
# "less than 100 characters long", in ASCII (SNS API reference, Publish).
SUBJECT: Final = 99
# SNS accepts 262,144 bytes for all protocols together, Teams 28 KB for a card. The reasons of all
# stacks together are therefore limited to `_ROOM` characters, and each of them to a page.
_ROOM: Final = 8_000
_PAGE: Final = 1_000
_CUT: Final = "..."


@dataclass(frozen=True)
class StackNotice:
    """The outcome of a stack: its name, the reason, and what to do next."""

    outcome: str
    reason: str = ""
    next: str = ""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One notice, see `tapgen/cli/schemas/notice.json`.

    - `event`: one of `EVENTS`.
    - `prefix`: the prefix of the names of the environment's stacks.
    - `time`: UTC, "2026-03-01T09:30:00Z".
    - `release`: the number of its record; None if it has none.
    - `approvals`: how many are wanted; None if none are.
    - `cause`: why it was interrupted.
    - `stacks`: layer -> outcome, once it has ended.
    - `next`: the command to continue with.
    """

    event: str
    environment: str
    account_id: str
    region: str
    prefix: str
    command: str
    caller: str
    time: str
    layers: tuple[str, ...]
    release: int | None = None
    commit: Commit | None = None
    source: str = ""
    reason: str = ""
    plan_digest: str = ""
    approvals: int | None = None
    cause: str = ""
    stacks: Mapping[str, StackNotice] = field(default_factory=dict)
    next: str = ""

    @property
    def title(self) -> str:
        """The notice in one line, for people."""
        of = f" (release {self.release})" if self.release is not None else ""
        return f"{self.prefix}: {self.command} {WORDS[self.event]}{of}"

    @property
    def subject(self) -> str:
        """The title as the subject of an email: ASCII, one line, short."""
        plain = "".join(letter if " " <= letter <= "~" else "?" for letter in self.title)
        return plain if len(plain) <= SUBJECT else plain[: SUBJECT - len(_CUT)] + _CUT

    @property
    def text(self) -> str:
        """The whole notice, for people."""
        return "\n".join([self.title, *self._lines()])

    @property
    def document(self) -> dict[str, Any]:
        """The whole notice as JSON values, for programs."""
        return {
            "version": VERSION,
            **asdict(self),
            "layers": [*self.layers],
            "title": self.title,
            "text": self.text,
        }

    def shortened(self) -> Notice:
        """The notice, shortened to what receivers accept."""
        room = min(_PAGE, _ROOM // max(1, sum(bool(one.reason) for one in self.stacks.values())))
        stacks = {
            layer: replace(one, reason=_cut(one.reason, room), next=_cut(one.next, room))
            for layer, one in self.stacks.items()
        }
        reason, cause = _cut(self.reason, _PAGE), _cut(self.cause, _PAGE)
        return replace(self, stacks=stacks, reason=reason, cause=cause)

    def _lines(self) -> Iterator[str]:
        yield f"by {self.caller}, {moment(self.time)} UTC"
        yield f"account {self.account_id}, {self.region}"
        if self.source:
            yield f"promoted from {self.source}"
        if self.commit:
            dirty = ", with uncommitted changes" if self.commit.dirty else ""
            yield f"commit {self.commit.id[:12]}{dirty}"
        if self.reason:
            yield f"reason: {self.reason}"
        if self.approvals is not None:
            yield f"plan {self.plan_digest[:12]}, approvals wanted: {self.approvals}"
        yield f"layers: {', '.join(self.layers)}"
        if self.cause:
            yield f"cause: {self.cause}"
        for layer, one in self.stacks.items():
            why = f": {one.reason}" if one.reason else ""
            yield f"- {layer} {one.outcome.lower()}{why}"
            if one.next:
                yield f"  next: {one.next}"
        if self.next:
            yield f"next: {self.next}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - len(_CUT)] + _CUT
