"""The guard of approvals: a plan is carried out when enough others have signed exactly this one.

Which approvals count is decided here, from values alone. Whether a signature is the key's, KMS
says (`Judging.genuine`); who has written an approval, the ledger's folder says, since nobody may
write into that of somebody else (`render.bootstrap.roles`).
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

# Two clocks that are right may differ by so much: AWS refuses requests that are further off.
_CLOCK: Final = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a plan needs before it is carried out.

    - `environment`, `account_id`, `region`, `prefix`, `plan_digest`: as in `Approval`.
    - `count`: so many approvals, each by somebody else.
    - `hours`: none may be older.
    - `author`: ARN of who made the plan, `deployer` of who carries it out; "" is not known yet.
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
    """What somebody has written into the ledger as an approval of the plan.

    `writer` is the user id that its folder is called after, `key` the whole way to it.
    """

    key: str
    writer: str
    text: bytes


@dataclass(frozen=True)
class PassedOver:
    """An approval that does not count, and why; the end of a sentence that its person begins."""

    approval: Approval
    why: str


@dataclass(frozen=True)
class Judged:
    """The approvals of a plan: those that count, those that do not, and forgeries by their keys.

    The first two are in the order of their times.
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
    """What else decides: the time, and whether a signature is one of the environment's key."""

    now: datetime
    genuine: Callable[[SignedApproval], bool]


def judged(wanted: Wanted, written: Iterable[Written], judging: Judging) -> Judged:
    """Decide which approvals count, the newest of each person."""
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
    """Why an approval by this caller would not count, whatever it says; "" where it would."""
    person = person_of(approver).casefold()
    for other, does in ((wanted.author, "made the plan"), (wanted.deployer, "deploys it")):
        if other and person_of(other).casefold() == person:
            return does
    return ""


def refusal(judged: Judged, approve: str, plan: str) -> RefusedError | None:
    """Why the plan is not carried out; None where it may be.

    `approve` and `plan` are the commands that approve it, and that make another one.
    """
    wanted = judged.wanted
    if judged.forged:
        listed = "".join(f"\n  {key}: {why}" for key, why in judged.forged.items())
        return RefusedError(
            f"what should be approvals of this plan is not:{listed}",
            "Nothing was started. CloudTrail says who wrote it (PutObject, where data events are "
            f"on). Then make a new plan with `{plan}`, which needs approvals of its own.",
        )
    if judged.enough:
        return None
    needs = f"{wanted.environment} needs {_approvals(wanted.count)} of this plan"
    return RefusedError(
        f"{needs}, and {_number(judged)}",
        f"`{approve}`, by somebody who neither made the plan nor deploys it; then run this again.",
    )


def without_plan(environment: str, count: int, commands: Sequence[str] = ()) -> RefusedError:
    """The error for a run that is no reviewed plan; `commands` make one, approve and deploy it.

    Without commands there is no plan that says it.
    """
    steps = ", then ".join(f"`{command}`" for command in commands)
    way = f"{steps}. " if steps else ""
    needs = f"what is changed in {environment} needs {_approvals(count)} of a plan"
    return RefusedError(
        f"{needs} (deployment.approvals)",
        f"{way}In an emergency {NO_APPROVAL} --reason TEXT does it without, and the record says "
        "so.",
    )


def approve_command(suffix: str, file: str) -> str:
    """The command that approves the plan in a file; `suffix` is that of a `Target`."""
    return f"tapgen approve {quote(file)}{suffix}"


def _approvals(count: int) -> str:
    return f"{count} approval{'s' * (count != 1)}"


def _number(judged: Judged) -> str:
    """How many of the approvals count, and what is with each."""
    counting, others = len(judged.counting), len(judged.others)
    if not counting + others:
        return "has none"
    listed = "".join(f"\n  {line}" for line in _lines(judged))
    return f"{counting} of {counting + others} count{'s' * (counting == 1)}:{listed}"


def _order(approval: Approval) -> tuple[str, str]:
    return approval.signed, approval.user_id


def _forgery(one: Written, signed: SignedApproval, judging: Judging) -> str:
    """Why it is not what its person has signed; "" where it is."""
    approval = signed.approval
    if one.writer != approval.user_id:
        return f"{one.writer} wrote it, and it says that {approval.user_id} did"
    _, has_session, session = approval.user_id.partition(":")
    if has_session and session != approval.person:
        return f"it says that {approval.approver} is {approval.user_id}"
    if not judging.genuine(signed):
        return "it was changed after it was signed, or another key signed it"
    return ""


def _lacking(
    wanted: Wanted, approval: Approval, now: datetime, counting: Mapping[str, SignedApproval]
) -> str:
    """Why a genuine approval does not count; "" where it does."""
    for name in ("plan_digest", "environment", "account_id", "region", "prefix"):
        if getattr(approval, name) != getattr(wanted, name):
            return f"signed another plan: {name} is {getattr(approval, name)}"
    try:
        age = now - datetime.strptime(approval.signed, TIME).replace(tzinfo=UTC)
    except ValueError:
        return f"signed at no time: {approval.signed}"
    if age < -_CLOCK:
        return "signed at a time that is still to come"
    if age > timedelta(hours=wanted.hours):
        return f"signed longer than {wanted.hours} hours ago (deployment.approval_hours)"
    if approval.person.casefold() in counting:
        return "signed twice, which counts once"
    return own_fault(wanted, approval.approver)


def _lines(judged: Judged) -> Iterator[str]:
    for signed in judged.counting:
        yield f"{signed.approval.person} ({signed.approval.signed}) counts"
    for other in judged.others:
        yield f"{other.approval.person} ({other.approval.signed}) does not: {other.why}"
