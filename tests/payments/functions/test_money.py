from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tapgen.payments.functions.money import CURRENCIES, MAX_MINOR_UNITS, Amount, Currency

amounts: TypeAdapter[int] = TypeAdapter(Amount)
currencies: TypeAdapter[str] = TypeAdapter(Currency)


@pytest.mark.parametrize("amount", [1, 1999, MAX_MINOR_UNITS])
def test_takes_whole_minor_units(amount: int) -> None:
    assert amounts.validate_python(amount) == amount


@pytest.mark.parametrize(
    "amount",
    [0, -1, MAX_MINOR_UNITS + 1, 10**4000, 10.0, 10.5, "10", True, None, [1], float("inf")],
)
def test_refuses_everything_else(amount: Any) -> None:
    with pytest.raises(ValidationError):
        amounts.validate_python(amount)


def test_no_card_number_of_today_is_small_enough_to_be_an_amount() -> None:
    """The shortest that networks issue, old Visa cards', have thirteen digits."""
    assert len(str(MAX_MINOR_UNITS)) < 13


def test_the_largest_amount_survives_readers_that_know_doubles_only() -> None:
    assert int(float(MAX_MINOR_UNITS)) == MAX_MINOR_UNITS


@pytest.mark.parametrize("code", ["EUR", "USD", "JPY", "BHD", "XCG", "XOF", "ZWG", "SLE"])
def test_takes_active_currencies(code: str) -> None:
    assert currencies.validate_python(code) == code


@pytest.mark.parametrize(
    "code",
    ["eur", "EURO", "", "HRK", "ANG", "BGN", "CUC", "ZWL", "XAU", "XXX", "XTS", "CLF", "AAA"],
)
def test_refuses_other_codes(code: str) -> None:
    with pytest.raises(ValidationError, match="not an active ISO 4217 code"):
        currencies.validate_python(code)


def test_every_code_is_three_capital_letters() -> None:
    assert len(CURRENCIES) == 156
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCIES)
