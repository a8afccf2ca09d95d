"""From the products that AWS's Price List returns for a component to one price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from tapgen.review.cost.queries import Asked

# A product of the Price List: a JSON document.
Product = Mapping[str, Any]
# Products of free tiers, which are returned together with others.
_FREE_TIERS: Final = "Global-"
# The code of a second offer, which is only for customers who have agreed to it.
_OTHER_OFFER: Final = "A429C66SYZ"


class NoSinglePriceError(Exception):
    """There is no price, or there are several; the message says what was found."""


@dataclass(frozen=True)
class Listed:
    """The list price of one unit of `prices.csv` in US dollars, and the day of publication."""

    usd: Decimal
    as_of: str


def listed_price(asked: Asked, products: Iterable[Product]) -> Listed:
    """The on-demand price of the first tier at or after `asked.begins` that costs something.

    Products with the same price count as one. Raises `NoSinglePriceError`.
    """
    own = [one for one in products if not _usagetype(one).startswith(_FREE_TIERS)]
    if not own:
        raise NoSinglePriceError("no product")
    prices: dict[Decimal, list[str]] = {}
    for product in own:
        for tiers in _offers(product):
            paid = sorted((begin, usd) for begin, usd in tiers if usd > 0 and begin >= asked.begins)
            if paid:
                prices.setdefault(paid[0][1], []).append(_called(product))
    if not prices:
        raise NoSinglePriceError(f"no price above zero ({_words(map(_called, own))})")
    if len(prices) > 1:
        each = (f"{usd.normalize():f} ({_words(names)})" for usd, names in sorted(prices.items()))
        raise NoSinglePriceError(f"several prices, {_words(each)}")
    (usd,) = prices
    day = max(str(one["publicationDate"]) for one in own)[:10]
    return Listed((usd * asked.times).normalize(), day)


def _usagetype(product: Product) -> str:
    return str(product["product"]["attributes"].get("usagetype", ""))


def _called(product: Product) -> str:
    return f"{_usagetype(product)}, SKU {product['product'].get('sku')}"


def _offers(product: Product) -> Iterator[list[tuple[Decimal, Decimal]]]:
    """Yield the tiers of each on-demand offer: the usage where it begins, US dollars per unit."""
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        if term.get("offerTermCode") != _OTHER_OFFER:
            yield [
                (_number(one.get("beginRange", "0")), _number(one["pricePerUnit"].get("USD", "0")))
                for one in term["priceDimensions"].values()
            ]


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise NoSinglePriceError(f"{text!r} instead of a number") from None


def _words(each: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(each))
