"""The second half of `make demo`: one payment through the deployed API, and the answer.

Reads `cfn-outputs/flat-outputs.json`, which `tapgen outputs --format flat` has written.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any
from uuid import uuid4

from tapgen.errors import TapgenError
from tapgen.local.client import LocalAws, api_url, running

_OUTPUTS = Path("cfn-outputs", "flat-outputs.json")


def main(project: Path) -> None:
    """Post a payment, read it back, and print both.

    Raises TapgenError when the local AWS does not run.
    """
    local = running(project)
    if local is None:
        raise TapgenError("The local AWS is not running.", "Run `make demo`, which starts it.")
    site = json.loads((project / _OUTPUTS).read_text())["cdn.SiteUrl"]
    payment = {
        "amount": 4999,
        "currency": "EUR",
        "customerId": "demo-customer",
        "paymentToken": f"tok_{uuid4().hex}",
        "reference": "make demo",
    }
    print(f"\nPOST {site}/transactions")
    stored = _call(local, f"{site}/transactions", payment)
    print(json.dumps(stored, indent=2))
    where = f"{site}/transactions/{stored['transactionId']}"
    print(f"\nGET {where}")
    print(json.dumps(_call(local, where), indent=2))


def _call(local: LocalAws, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    address, headers = api_url(local, url)
    request = urllib.request.Request(  # noqa: S310 - a loopback address
        address,
        data=None if body is None else json.dumps(body).encode(),
        headers={**headers, "Content-Type": "application/json", "Idempotency-Key": str(uuid4())},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - likewise
        content: dict[str, Any] = json.load(answer)
    return content


if __name__ == "__main__":
    try:
        main(Path.cwd())
    except TapgenError as error:
        sys.exit(f"{error.message} {error.hint}")
