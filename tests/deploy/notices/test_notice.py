"""What notices say, to people and to programs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tapgen.cli.schemas import schema_text
from tapgen.deploy.notices.notice import (
    APPROVAL_WANTED,
    BEGUN,
    BROKEN_OFF,
    EVENTS,
    FAILED,
    SUBJECT,
    Notice,
    StackNotice,
)
from tapgen.model.release import Commit

BEGIN: Final = Notice(
    event=BEGUN,
    environment="prod",
    account_id="333333333333",
    region="us-east-1",
    prefix="payments-prod",
    command="deploy",
    caller="arn:aws:sts::333333333333:assumed-role/deploy/ci",
    time="2026-03-01T09:30:00Z",
    layers=("data", "api"),
    release=17,
)
END: Final = replace(
    BEGIN,
    event=FAILED,
    stacks={
        "data": StackNotice("Updated"),
        "api": StackNotice("Failed", "api.Stage: no", "`tapgen deploy --env prod`"),
    },
    next="tapgen history --env prod 17",
)
SCHEMA: Final = json.loads(schema_text("notice"))


def test_a_beginning_says_who_does_what_where() -> None:
    assert BEGIN.text.splitlines() == [
        "payments-prod: deploy has begun (release 17)",
        "by arn:aws:sts::333333333333:assumed-role/deploy/ci, 2026-03-01 09:30:00 UTC",
        "account 333333333333, us-east-1",
        "layers: data, api",
    ]


def test_an_end_says_what_became_of_each_layer_and_what_to_do() -> None:
    assert END.title == "payments-prod: deploy has failed (release 17)"
    assert END.text.splitlines()[4:] == [
        "- data updated",
        "- api failed: api.Stage: no",
        "  next: `tapgen deploy --env prod`",
        "next: tapgen history --env prod 17",
    ]


def test_what_else_is_known_is_said() -> None:
    told = replace(
        BEGIN,
        event=BROKEN_OFF,
        commit=Commit("0123456789abcdef", dirty=True),
        source="staging",
        reason="PAY-12",
        cause="interrupted",
    )
    assert told.text.splitlines()[3:] == [
        "promoted from staging",
        "commit 0123456789ab, with uncommitted changes",
        "reason: PAY-12",
        "layers: data, api",
        "cause: interrupted",
    ]
    clean = replace(BEGIN, commit=Commit("0123456789abcdef", dirty=False))
    assert "commit 0123456789ab\n" in clean.text


def test_a_plan_says_how_many_approvals_it_takes() -> None:
    told = replace(
        BEGIN,
        event=APPROVAL_WANTED,
        command="plan",
        release=None,
        plan_digest="abcdef0123456789",
        approvals=2,
        next="tapgen approve plan.json",
    )
    assert told.title == "payments-prod: plan waits for approval"
    assert "plan abcdef012345, approvals wanted: 2\n" in told.text
    assert told.text.endswith("next: tapgen approve plan.json")


def test_programs_are_told_by_a_schema() -> None:
    assert SCHEMA["properties"]["event"]["enum"] == [*EVENTS]
    commit = Commit("0123456789abcdef", dirty=False)
    for one in (BEGIN, END, replace(BEGIN, commit=commit, release=None, approvals=1)):
        document = json.loads(json.dumps(one.document))
        assert [*Draft202012Validator(SCHEMA).iter_errors(document)] == []
        assert document["text"] == one.text


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_subject_is_one_that_sns_takes(prefix: str, command: str) -> None:
    subject = replace(BEGIN, prefix=prefix, command=command).subject
    assert len(subject) <= SUBJECT
    assert subject.isascii()
    assert subject.isprintable()


def test_a_subject_that_is_short_is_the_title() -> None:
    assert END.subject == END.title


@given(st.integers(1, 300), st.integers(0, 3000))
def test_what_is_sent_is_never_longer_than_receivers_take(stacks: int, length: int) -> None:
    told = {f"layer{number}": StackNotice("Failed", "x" * length, "") for number in range(stacks)}
    sent = replace(END, stacks=told, reason="x" * length, cause="x" * length).shortened()
    assert sum(len(one.reason) for one in sent.stacks.values()) <= 8_000
    assert len(sent.reason) == len(sent.cause) == min(length, 1_000)
    assert all(
        one.reason.endswith("...") or len(one.reason) == length for one in sent.stacks.values()
    )


def test_what_is_short_is_sent_as_it_is() -> None:
    assert END.shortened() == END
