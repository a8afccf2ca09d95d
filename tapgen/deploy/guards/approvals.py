"""The guard of approvals: a plan is carried out only if enough other people have signed it.

This module decides which approvals count, from values alone. KMS decides whether a signature was
made with the environment's key (`Judging.genuine`). The ledger's folder shows who wrote an
approval, since each person can write only to their own (`render.bootstrap.roles`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from shlex import quote
from typing import Final

from tapgen.errors import RefusedError
from tapgen.model.approval import Approval, SignedApproval, approval_of, person_of
from tapgen.model.platform import NO_APPROVAL
from tapgen.model.release import TIME

# The largest difference between two clocks: AWS rejects requests whose time is further off.
_CLOCK: Final = timedelta(minutes=15)
# Whose approval counts; the end of a sentence.
ANOTHER: Final = "someone who neither made the plan nor deploys it"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The approvals that a plan needs before it is carried out.

    - `environment`, `account_id`, `region`, `prefix`, `plan_digest`: as in `Approval`.
    - `count`: the number of approvals, each by a different person.
    - `hours`: the age above which an approval no longer counts.
    - `author`: the ARN that made the plan.
    - `deployer`: the ARN that carries it out; "" if not known yet.
    """

    environment: str
    account_id: str
    region: str
    prefix: str
    plan_digest: str
    count: int
    hours: int
    author: str
    deployer: str = ""


@dataclass(frozen=True)
class Written:
    """An object that was written to the ledger as an approval of the plan.

    `writer` is the user id in the name of its folder, `key` its full key.
    """

    key: str
    writer: str
    text: bytes


@dataclass(frozen=True)
class PassedOver:
    """An approval that does not count, and why: a predicate whose subject is its person."""

    approval: Approval
    why: str


@dataclass(frozen=True)
class Judged:
    """The approvals of a plan: those that count, those that do not, and forgeries by key.

    The first two are ordered by time.
    """

    wanted: Wanted
    counting: tuple[SignedApproval, ...] = ()
    others: tuple[PassedOver, ...] = ()
    forged: Mapping[str, str] = field(default_factory=dict)

    @property
    def enough(self) -> bool:
        """Whether the plan may be carried out."""
        return not self.forged and len(self.counting) >= self.wanted.count


@dataclass(frozen=True)
class Judging:
    """The current time, and the check that a signature was made with the environment's key."""

    now: datetime
    genuine: Callable[[SignedApproval], bool]


def judged(wanted: Wanted, written: Iterable[Written], judging: Judging) -> Judged:
    """Decide which approvals count: at most the newest of each person."""
    forged: dict[str, str] = {}
    read: list[SignedApproval] = []
    for one in written:
        try:
            signed = approval_of(one.text)
        except ValueError as error:
            forged[one.key] = str(error)
            continue
        if why := _forgery(one, signed, judging):
            forged[one.key] = why
        else:
            read.append(signed)
    counting: dict[str, SignedApproval] = {}
    others: list[PassedOver] = []
    for signed in sorted(read, key=lambda one: _order(one.approval), reverse=True):
        approval = signed.approval
        if why := _lacking(wanted, approval, judging.now, counting):
            others.append(PassedOver(approval, why))
        else:
            counting[approval.person.casefold()] = signed
    return Judged(
        wanted,
        tuple(sorted(counting.values(), key=lambda one: _order(one.approval))),
        tuple(sorted(others, key=lambda one: _order(one.approval))),
        forged,
    )


def own_fault(wanted: Wanted, approver: str) -> str:
    """Why no approval by this caller can count; "" if one can."""
    person = person_of(approver).casefold()
    for other, does in ((wanted.author, "made the plan"), (wanted.deployer, "deploys it")):
        if other and person_of(other).casefold() == person:
            return does
    return ""


def refusal(judged: Judged, approve: str, plan: str) -> RefusedError | None:
    """The error if the plan may not be carried out, otherwise None.

    `approve` and `plan` are the commands that approve it and that make a new one.
    """
    wanted = judged.wanted
    if judged.forged:
        listed = "".join(f"\n  {key}: {why}" for key, why in judged.forged.items())
        return RefusedError(
            f"some approvals of this plan are not genuine:{listed}",
            "Nothing was started. CloudTrail shows who wrote them (PutObject, if data events are "
            f"on). Then make a new plan with `{plan}`; it needs its own approvals.",
        )
    if judged.enough:
        return None
    needs = f"{wanted.environment} needs {_approvals(wanted.count)} of this plan"
    return RefusedError(
        f"{needs}, and {_number(judged)}",
        f"Ask {ANOTHER} to run `{approve}`; then run this again.",
    )


def without_plan(environment: str, count: int, commands: Sequence[str] = ()) -> RefusedError:
    """The error for a run without an approved plan file.

    `commands` make, approve and deploy such a plan; empty where no plan file exists for the change.
    """
    steps = ", then ".join(f"`{command}`" for command in commands)
    way = f"{steps}. " if steps else ""
    needs = f"a change to {environment} needs a plan with {_approvals(count)}"
    return RefusedError(
        f"{needs} (deployment.approvals)",
        f"{way}In an emergency, use {NO_APPROVAL} --reason TEXT; the reason is recorded.",
    )


def approve_command(suffix: str, file: str) -> str:
    """The command that approves the plan in a file; `suffix` is `Target.suffix`."""
    return f"tapgen approve {quote(file)}{suffix}"


def _approvals(count: int) -> str:
    return f"{count} approval{'s' * (count != 1)}"


def _number(judged: Judged) -> str:
    """How many of the approvals count, with the state of each."""
    counting, others = len(judged.counting), len(judged.others)
    if not counting + others:
        return "has none"
    listed = "".join(f"\n  {line}" for line in _lines(judged))
    return f"{counting} of {counting + others} count{'s' * (counting == 1)}:{listed}"


def _order(approval: Approval) -> tuple[str, str]:
    return approval.signed, approval.user_id


def _forgery(one: Written, signed: SignedApproval, judging: Judging) -> str:
    """Why it is not what the person signed; "" if it is."""
    approval = signed.approval
    if one.writer != approval.user_id:
        return f"written by {one.writer}, but it names {approval.user_id}"
    _, has_session, session = approval.user_id.partition(":")
    if has_session and session != approval.person:
        return f"it names {approval.approver} as {approval.user_id}"
    if not judging.genuine(signed):
        return "changed after it was signed, or signed with another key"
    return ""


def _lacking(
    wanted: Wanted, approval: Approval, now: datetime, counting: Mapping[str, SignedApproval]
) -> str:
    """Why a genuine approval does not count; "" if it does."""
    for name in ("plan_digest", "environment", "account_id", "region", "prefix"):
        if getattr(approval, name) != getattr(wanted, name):
            return f"signed another plan: {name} is {getattr(approval, name)}"
    try:
        age = now - datetime.strptime(approval.signed, TIME).replace(tzinfo=UTC)
    except ValueError:
        return f"has an invalid time: {approval.signed}"
    if age < -_CLOCK:
        return "signed with a time in the future"
    if age > timedelta(hours=wanted.hours):
        return f"signed more than {wanted.hours} hours ago (deployment.approval_hours)"
    if approval.person.casefold() in counting:
        return "signed twice, which counts once"
    return own_fault(wanted, approval.approver)


def _lines(judged: Judged) -> Iterator[str]:
    for signed in judged.counting:
        yield f"{signed.approval.person} ({signed.approval.signed}) counts"
    for other in judged.others:
        yield f"{other.approval.person} ({other.approval.signed}) does not: {other.why}"
