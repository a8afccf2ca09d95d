"""Approvals as documents: what is signed, and what is taken for one."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from tapgen.model.approval import (
    Approval,
    SignedApproval,
    approval_of,
    document,
    key_alias,
    person_of,
    signed_text,
    text_of,
)

APPROVAL = Approval(
    environment="prod",
    account_id="333333333333",
    region="us-east-1",
    prefix="payments-prod",
    plan_digest="0" * 64,
    approver="arn:aws:sts::333333333333:assumed-role/tapgen-payments-prod-approve/anna",
    user_id="AROAEXAMPLE:anna",
    signed="2026-03-01T09:30:00Z",
    reason="caf\u00e9",
)
SIGNED = SignedApproval(APPROVAL, "arn:aws:kms:us-east-1:333333333333:key/1", b"\x30\x06")


def test_what_is_signed_is_canonical_and_names_everything() -> None:
    text = signed_text(APPROVAL)
    told = json.loads(text)
    assert told.pop("type") == "tapgen-approval"
    assert told == {one.name: getattr(APPROVAL, one.name) for one in fields(Approval)}
    assert text == json.dumps(
        json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=True
    ).encode("ascii")


def test_what_is_signed_stands_in_the_document_as_it_is() -> None:
    told = document(SIGNED)["approval"]
    assert json.dumps(told, sort_keys=True, separators=(",", ":")).encode() == signed_text(APPROVAL)


def test_what_is_written_is_read_again() -> None:
    assert approval_of(text_of(SIGNED)) == SIGNED
    assert text_of(approval_of(text_of(SIGNED))) == text_of(SIGNED)


def edited(way: str, value: Any) -> dict[str, Any]:
    told: dict[str, Any] = document(SIGNED)
    *steps, last = way.split(".")
    at = told
    for step in steps:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return told


@pytest.mark.parametrize(
    ("way", "value", "words"),
    [
        ("version", 2, "not an approval of version 1"),
        ("algorithm", "RSASSA_PSS_SHA_256", "does not name ECDSA_SHA_256"),
        ("key", ..., "the key that signed it"),
        ("approval", [], 'not of type "tapgen-approval"'),
        ("approval.type", "tapgen-evidence", 'not of type "tapgen-approval"'),
        ("approval.reason", ..., "must have exactly account_id, approver"),
        ("approval.more", "x", "must have exactly account_id, approver"),
        ("approval.region", 1, "must have exactly account_id, approver"),
        ("signature", ..., "has no signature"),
        ("signature", "no base64", "base64"),
    ],
)
def test_what_is_something_else_is_no_approval(way: str, value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        approval_of(json.dumps(edited(way, value)).encode())


@pytest.mark.parametrize("text", [b"", b"no", b"[]", b"1"])
def test_a_text_that_is_no_document_is_no_approval(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"Expecting value|not an approval"):
        approval_of(text)


@pytest.mark.parametrize(
    ("caller", "person"),
    [
        (
            "arn:aws:sts::111111111111:assumed-role/tapgen-x-approve/anna@example.com",
            "anna@example.com",
        ),
        ("arn:aws:iam::111111111111:user/people/anna", "anna"),
        ("arn:aws:iam::111111111111:root", "root"),
    ],
)
def test_a_person_is_the_session_or_the_user(caller: str, person: str) -> None:
    assert person_of(caller) == person


def test_the_alias_of_the_key_has_the_prefix() -> None:
    assert key_alias("payments-prod") == "alias/tapgen-payments-prod-approvals"
