from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tapgen.payments.functions.card_numbers import has_card_number
from tests.payments.functions.events import luhn, with_check_digit

# Test numbers that card networks publish.
CARDS = ["4111111111111111", "5555555555554444", "378282246310005", "6304000000000000"]


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "card {} please",
        "tok_{}",
        "tok-{}",
        "card{}",
        "{}CHF",
        "({})",
        "no. {}.",
        "\n{}\t",
        "{},{}",
        "{} 12/27",
        "{} 12/27 123",
        "{}=27121010000012345678",  # as on the magnetic stripe
        "42 {}",
    ],
)
def test_finds_card_numbers_in_text(card: str, text: str) -> None:
    assert has_card_number(text.replace("{}", card))


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111–1111–1111–1111",  # noqa: RUF001 - en dashes, as word processors make them
        "4111- 1111  1111 1111",
        "4111_1111_1111_1111",
        "4111/1111/1111/1111",
        "4111 · 1111 · 1111 · 1111",
        "4111\u200b1111\u200b1111\u200b1111",
        "4111 1111 1111 1111 12/27 123",
        "1234 4111 1111 1111 1111",
        "3782 822463 10005 1226",
        "3056 930902 5904",
        "41 11 11 11 11 11 11 11",
        "⁴¹¹¹¹¹¹¹¹¹¹¹¹¹¹¹",
        "④①①①①①①①①①①①①①①①",
        "４１１１１１１１１１１１１１１１",  # noqa: RUF001 - full-width digits
        "٤١١١١١١١١١١١١١١١",
    ],
)
def test_finds_card_numbers_however_they_are_written(text: str) -> None:
    assert has_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4111111111111112",  # fails Luhn
        "41111111111",  # too short
        "41111111111111111111",  # too long
        "Order 42 of 2026-11-23",
        "2026-11-23 15:36:00.4",  # a time is written with colons; the digits would pass
        "9d5e08f04e1f4111111111111111a7c2",  # a hexadecimal id
        "cus_9d5e08f04e1f4111111111111111a7c2x",
    ],
)
def test_leaves_other_text_alone(text: str) -> None:
    assert not has_card_number(text)


@given(st.uuids().map(str))
@example("550e8400-e29b-41d4-a716-446655440000")
@example("00000000-0000-0000-0000-000000000000")
@example("12345678-1234-4123-8123-446655440000")
def test_no_uuid_passes_for_a_card(key: str) -> None:
    assert not has_card_number(key)


@given(st.text("0123456789", min_size=11, max_size=18))
def test_every_number_with_a_right_check_digit_is_found(digits: str) -> None:
    assert has_card_number(with_check_digit(digits))


@given(st.text("0123456789", min_size=12, max_size=19))
def test_agrees_with_the_textbook(digits: str) -> None:
    assert has_card_number(digits) == luhn(digits)
