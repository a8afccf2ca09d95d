"""Products of the Price List Query API.

It has the prices of all regions, and endpoints in a few of them
(https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tapgen.aws.account import Account
from tapgen.aws.errors import explained
from tapgen.model.limits import GLOBAL_REGION


def products(
    account: Account, service: str, filters: Iterable[tuple[str, str]]
) -> list[dict[str, Any]]:
    """The products of a service that match all filters: pairs of a field and its value.

    Each is a JSON document: attributes, and terms with prices. Raises `TapgenError` if AWS does not
    answer.
    """
    wanted = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in filters]
    with explained(f"asking AWS for prices of {service}"):
        pages = (
            account.client("pricing", GLOBAL_REGION)
            .get_paginator("get_products")
            .paginate(ServiceCode=service, FormatVersion="aws_v1", Filters=wanted)
        )
        return [json.loads(text) for page in pages for text in page["PriceList"]]
