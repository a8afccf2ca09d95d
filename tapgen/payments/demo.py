"""The second half of `make demo`: one payment through the deployed API, and the response.

Reads `cfn-outputs/flat-outputs.json`, which `tapgen outputs --format flat` writes.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import boto3.session
from botocore.config import Config

from tapgen.errors import TapgenError
from tapgen.local.client import LocalAws, api_url, running

_OUTPUTS = Path("cfn-outputs", "flat-outputs.json")


def main(project: Path) -> None:
    """Post a payment, read it back, and print both.

    Raises TapgenError if the local AWS is not running.
    """
    local = running(project)
    if local is None:
        raise TapgenError("The local AWS is not running.", "Run `make demo`, which starts it.")
    shop = _Shop(local, json.loads((project / _OUTPUTS).read_text()))
    site = shop.outputs["cdn.SiteUrl"]
    scopes = "payments/read payments/write"
    print(f"\nPOST {shop.outputs['identity.TokenUrl']}  (scope {scopes})")
    granted = shop.token(scopes)
    print(f"an access token for {granted['expires_in']} seconds")
    payment = {
        "amount": 4999,
        "currency": "EUR",
        "customerId": "demo-customer",
        "paymentToken": f"tok_{uuid4().hex}",
        "reference": "make demo",
    }
    authorization = {"Authorization": f"Bearer {granted['access_token']}"}
    print(f"\nPOST {site}/transactions")
    stored = shop.send(
        f"{site}/transactions",
        {
            **authorization,
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid4()),
        },
        json.dumps(payment),
    )
    print(json.dumps(stored, indent=2))
    where = f"{site}/transactions/{stored['transactionId']}"
    print(f"\nGET {where}")
    print(json.dumps(shop.send(where, authorization), indent=2))


@dataclass(frozen=True)
class _Shop:
    """A caller of the API that uses the app client for services."""

    local: LocalAws
    outputs: dict[str, str]

    def token(self, scopes: str) -> dict[str, Any]:
        """Request a token with OAuth 2.0 client credentials."""
        client = self.outputs["identity.ServiceClientId"]
        proof = b64encode(f"{client}:{self._secret(client)}".encode()).decode()
        return self.send(
            self.outputs["identity.TokenUrl"],
            {
                "Authorization": f"Basic {proof}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            urlencode({"grant_type": "client_credentials", "scope": scopes}),
        )

    def _secret(self, client: str) -> str:
        """The app client's secret, which needs permission to read it."""
        cognito: Any = boto3.session.Session().client(
            "cognito-idp",
            endpoint_url=self.local.endpoint_url,
            config=Config(proxies={}),
            region_name=self.outputs["region"],
            aws_access_key_id=self.outputs["account_id"],
            aws_secret_access_key="local",  # noqa: S106 - nothing checks it
        )
        found = cognito.describe_user_pool_client(
            UserPoolId=self.outputs["identity.UserPoolId"], ClientId=client
        )
        return str(found["UserPoolClient"]["ClientSecret"])

    def send(self, url: str, headers: dict[str, str], body: str | None = None) -> dict[str, Any]:
        address, extra = api_url(self.local, url)
        request = urllib.request.Request(  # noqa: S310 - a loopback address
            address, data=body.encode() if body else None, headers={**extra, **headers}
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=30) as answer:
            content: dict[str, Any] = json.load(answer)
        return content


if __name__ == "__main__":
    try:
        main(Path.cwd())
    except TapgenError as error:
        sys.exit(f"{error.message} {error.hint}")
