"""The key of approvals: it signs, tells its signatures from others, and says what is in the way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.baseline.approval_key import ApprovalKey
from tapgen.errors import TapgenError
from tapgen.model.approval import key_alias

if TYPE_CHECKING:
    from tapgen.aws.account import Account
    from tests.aws.conftest import Canned

REGION = "us-east-1"
PREFIX = "payments-dev"


@pytest.fixture
def key(account: Account) -> ApprovalKey:
    kms = account.client("kms", REGION)
    made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    kms.create_alias(AliasName=key_alias(PREFIX), TargetKeyId=made["KeyId"])
    return ApprovalKey(account, REGION, PREFIX)


@pytest.mark.parametrize("text", [b"{}", b"x" * 5000])
def test_its_signature_fits_what_it_has_signed_and_nothing_else(
    key: ApprovalKey, text: bytes
) -> None:
    arn, signature = key.sign(text)
    assert arn.startswith(f"arn:aws:kms:{REGION}:")
    assert key.made(text, signature)
    assert not key.made(text + b" ", signature)
    _, other = key.sign(b"other")
    assert not key.made(text, other)


def test_without_a_key_it_is_said_who_makes_it(account: Account) -> None:
    key = ApprovalKey(account, REGION, "payments-nowhere")
    for ask in (lambda: key.sign(b"{}"), lambda: key.made(b"{}", b"0")):
        with pytest.raises(
            TapgenError, match="no key alias/tapgen-payments-nowhere-approvals"
        ) as told:
            ask()
        assert "`tapgen bootstrap --env NAME` creates it" in told.value.hint


def answer(canned: Canned, code: str) -> ApprovalKey:
    body = json.dumps({"__type": code, "message": "no"}).encode()
    canned.answer(body, 400, "application/x-amz-json-1.1")
    canned.client("kms", REGION)
    return ApprovalKey(canned.account, REGION, PREFIX)


def test_who_may_not_sign_is_told_who_may(canned: Canned) -> None:
    with pytest.raises(
        TapgenError, match="AccessDeniedException: these credentials are not"
    ) as told:
        answer(canned, "AccessDeniedException").sign(b"{}")
    assert told.value.hint.startswith("Only the role tapgen-payments-dev-approve can sign:")


def test_what_else_kms_has_against_it_is_told_in_its_words(canned: Canned) -> None:
    with pytest.raises(
        TapgenError, match=r"verifying a signature of alias/\S+: DisabledException: no"
    ):
        answer(canned, "DisabledException").made(b"{}", b"0")
