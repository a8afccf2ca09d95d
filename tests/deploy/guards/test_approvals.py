"""Which approvals of a plan count, and what is said where they are not enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.guards.approvals import (
    Judged,
    Judging,
    Wanted,
    Written,
    judged,
    own_fault,
    refusal,
    without_plan,
)
from tapgen.model.approval import Approval, SignedApproval, text_of
from tapgen.model.release import TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

ROLE = "arn:aws:sts::333333333333:assumed-role/tapgen-payments-prod"
NOW = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
WANTED = Wanted(
    environment="prod",
    account_id="333333333333",
    region="us-east-1",
    prefix="payments-prod",
    plan_digest="a" * 64,
    count=2,
    hours=24,
    author=f"{ROLE}-review/carla",
    deployer=f"{ROLE}-deploy/ci",
)


def approval(person: str, hours: float = 1, **more: Any) -> Approval:
    told: dict[str, Any] = {
        "environment": "prod",
        "account_id": "333333333333",
        "region": "us-east-1",
        "prefix": "payments-prod",
        "plan_digest": "a" * 64,
        "approver": f"{ROLE}-approve/{person}",
        "user_id": f"AROA:{person}",
        "signed": (NOW - timedelta(hours=hours)).strftime(TIME),
    }
    return Approval(**{**told, **more})


def written(one: Approval, writer: str | None = None, signature: bytes = b"good") -> Written:
    folder = one.user_id if writer is None else writer
    signed = SignedApproval(one, "arn:key", signature)
    return Written(f"approvals/{one.plan_digest}/{folder}/1.json", folder, text_of(signed))


def judge(*found: Written, wanted: Wanted = WANTED) -> Judged:
    return judged(wanted, found, Judging(NOW, lambda one: one.signature == b"good"))


def refused(found: Judged) -> tuple[str, str]:
    error = refusal(found, "tapgen approve plan.json", "tapgen plan --env prod --out plan.json")
    assert error is not None
    assert error.exit_code == 4
    return error.message, error.hint


def people(found: Judged) -> list[str]:
    return [one.approval.person for one in found.counting]


def why(found: Judged) -> list[str]:
    return [one.why for one in found.others]


def test_two_that_others_have_signed_are_enough() -> None:
    found = judge(written(approval("anna", 2)), written(approval("bob")))
    assert people(found) == ["anna", "bob"]
    assert found.enough
    assert refusal(found, "", "") is None


def test_none_at_all_is_too_few() -> None:
    message, hint = refused(judge())
    assert message == "prod needs 2 approvals of this plan, and has none"
    assert hint == (
        "Ask someone who neither made the plan nor deploys it to run `tapgen approve plan.json`; "
        "then run this again."
    )


def test_too_few_are_told_one_by_one() -> None:
    found = judge(written(approval("anna")), written(approval("carla")))
    message, _ = refused(found)
    assert message == (
        "prod needs 2 approvals of this plan, and 1 of 2 counts:\n"
        "  anna (2026-03-02T08:00:00Z) counts\n"
        "  carla (2026-03-02T08:00:00Z) does not: made the plan"
    )


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (approval("carla"), "made the plan"),
        (approval("Carla"), "made the plan"),
        (approval("ci"), "deploys it"),
        (approval("anna", 25), "signed more than 24 hours ago (deployment.approval_hours)"),
        (approval("anna", -1), "signed with a time in the future"),
        (approval("anna", signed="yesterday"), "has an invalid time: yesterday"),
        (approval("anna", plan_digest="b" * 64), f"signed another plan: plan_digest is {'b' * 64}"),
        (approval("anna", environment="dev"), "signed another plan: environment is dev"),
        (approval("anna", account_id="1" * 12), f"signed another plan: account_id is {'1' * 12}"),
        (approval("anna", region="eu-west-1"), "signed another plan: region is eu-west-1"),
        (approval("anna", prefix="x-prod"), "signed another plan: prefix is x-prod"),
    ],
)
def test_what_does_not_count_is_passed_over_and_told_why(one: Approval, words: str) -> None:
    found = judge(written(one), written(approval("bob")))
    assert (people(found), why(found)) == (["bob"], [words])
    assert not found.enough


@pytest.mark.parametrize(("hours", "counts"), [(24, True), (24.001, False), (-0.2, True)])
def test_the_limit_of_hours_is_part_of_them(hours: float, counts: bool) -> None:
    assert (people(judge(written(approval("anna", hours)))) == ["anna"]) is counts


def test_a_person_counts_once_whatever_role_or_spelling() -> None:
    again = approval("Anna", 2, approver="arn:aws:iam::333333333333:user/Anna", user_id="AIDA")
    found = judge(written(approval("anna")), written(again))
    assert (people(found), why(found)) == (["anna"], ["signed twice, which counts once"])
    assert refused(found)[0].startswith("prod needs 2 approvals of this plan, and 1 of 2 counts:")


def test_an_old_one_is_no_obstacle_to_signing_again() -> None:
    found = judge(written(approval("anna", 30)), written(approval("anna", 1)))
    assert people(found) == ["anna"]
    assert why(found) == ["signed more than 24 hours ago (deployment.approval_hours)"]


FORGED: Sequence[tuple[Written, str]] = [
    (
        written(approval("anna"), "AROA:bob"),
        "written by AROA:bob, but it names AROA:anna",
    ),
    (
        written(approval("anna", user_id="AROA:bob")),
        f"it names {ROLE}-approve/anna as AROA:bob",
    ),
    (
        written(approval("anna"), signature=b"bad"),
        "changed after it was signed, or signed with another key",
    ),
    (
        Written("approvals/a/AROA:anna/1.json", "AROA:anna", b"{}"),
        "it is not an approval of version 1",
    ),
]


@pytest.mark.parametrize(("one", "words"), FORGED)
def test_a_forged_one_refuses_the_plan_however_many_others_there_are(
    one: Written, words: str
) -> None:
    found = judge(written(approval("dora")), written(approval("emil")), one)
    assert len(found.counting) == 2
    assert not found.enough
    message, hint = refused(found)
    assert message == f"some approvals of this plan are not genuine:\n  {one.key}: {words}"
    assert "make a new plan with `tapgen plan --env prod --out plan.json`" in hint


def test_who_deploys_need_not_be_known_while_somebody_approves() -> None:
    open_still = replace(WANTED, deployer="")
    assert own_fault(open_still, f"{ROLE}-approve/ci") == ""
    assert own_fault(open_still, f"{ROLE}-approve/carla") == "made the plan"
    assert own_fault(WANTED, f"{ROLE}-approve/ci") == "deploys it"


def test_one_approval_is_one_in_words() -> None:
    message, _ = refused(judge(wanted=replace(WANTED, count=1)))
    assert message == "prod needs 1 approval of this plan, and has none"
    assert without_plan("prod", 1).message == (
        "a change to prod needs a plan with 1 approval (deployment.approvals)"
    )


def test_without_a_plan_the_way_to_one_is_told_where_there_is_one() -> None:
    error = without_plan("prod", 2, ["tapgen plan", "tapgen approve"])
    assert error.hint.startswith("`tapgen plan`, then `tapgen approve`. In an emergency")
    assert without_plan("prod", 2).hint.startswith("In an emergency, use --no-approval --reason")
