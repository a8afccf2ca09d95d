"""Products as AWS's Price List has them, and a server of its own in the place of the API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Final

from tapgen.review.cost.prices import list_prices
from tapgen.review.cost.queries import Query, queries
from tests.serving import running_server

PUBLISHED: Final = "2026-11-20T17:02:11Z"
_PAGE: Final = 2  # products in an answer


def product(
    attributes: Mapping[str, str], *tiers: tuple[str, str], term: str = "JRTCKXETXF", **more: Any
) -> dict[str, Any]:
    """A product with one offer on demand, of tiers: the usage that each begins at, US dollars."""
    known = {name: value for name, value in attributes.items() if name != "productFamily"}
    dimensions = {
        f"sku.{term}.{number}": {"beginRange": begin, "pricePerUnit": {"USD": usd}}
        for number, (begin, usd) in enumerate(tiers)
    }
    offer = {"offerTermCode": term, "priceDimensions": dimensions}
    return {
        "product": {
            "productFamily": attributes.get("productFamily", ""),
            "attributes": {"usagetype": "", **known},
        },
        "terms": {"OnDemand": {f"sku.{term}": offer}},
        "publicationDate": PUBLISHED,
        **more,
    }


def all_products() -> list[tuple[str, dict[str, Any]]]:
    """(Service, product) for all that tapgen has a price and a query for, at that price."""
    tiers: dict[Query, dict[str, str]] = {}
    for (component, place), price in list_prices().known.items():
        if asked := queries().get(component):
            query = asked.queries(place)[0]
            usd = price.usd / asked.times
            tiers.setdefault(query, {})[str(asked.begins)] = f"{usd:f}"
    return [(one.service, product(dict(one.filters), *each.items())) for one, each in tiers.items()]


class PriceList:
    """What the server has: products that tests change, and what it was asked.

    `refusal` is an error that it answers with instead, as (status, code, message).
    """

    def __init__(self) -> None:
        self.products = all_products()
        self.asked: list[dict[str, Any]] = []
        self.refusal: tuple[int, str, str] | None = None

    def of(self, usagetype: str) -> list[dict[str, Any]]:
        """The products with this usage type."""
        return [one for _, one in self.products if _values(one)["usagetype"] == usagetype]

    def set_price(self, usagetype: str, usd: str) -> None:
        """Have products cost something else, in each tier."""
        for one in self.of(usagetype):
            (offer,) = one["terms"]["OnDemand"].values()
            for tier in offer["priceDimensions"].values():
                tier["pricePerUnit"]["USD"] = usd

    def forget(self, usagetype: str) -> None:
        """Have no product of this usage type."""
        gone = self.of(usagetype)
        self.products = [(code, one) for code, one in self.products if one not in gone]

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """As GetProducts answers: those which have all the values, a few at a time."""
        self.asked.append(request)
        if self.refusal:
            status, code, message = self.refusal
            return status, {"__type": code, "message": message}
        wanted = {one["Field"]: one["Value"] for one in request["Filters"]}
        found = [
            json.dumps(one)
            for code, one in self.products
            if code == request["ServiceCode"] and wanted.items() <= _values(one).items()
        ]
        begin = int(request.get("NextToken", 0))
        page: dict[str, Any] = {"FormatVersion": "aws_v1", "PriceList": found[begin:][:_PAGE]}
        if len(found) > begin + _PAGE:
            page["NextToken"] = str(begin + _PAGE)
        return 200, page


def _values(one: Mapping[str, Any]) -> dict[str, str]:
    family = {"productFamily": one["product"]["productFamily"]}
    return {**family, **one["product"]["attributes"]}


@contextmanager
def served(price_list: PriceList) -> Iterator[str]:
    """The address of a server that answers with the products."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = price_list.answer(json.loads(body))
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    with running_server(server) as address:
        yield address
