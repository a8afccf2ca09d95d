"""Access tokens for the API, requested as its callers do: OAuth 2.0 client credentials."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tapgen.aws.resources.app_clients import client_secret
from tapgen.deploy.observe.checks import Address
from tapgen.deploy.observe.live.exchange import Request
from tapgen.deploy.observe.live.web import Answer, Api
from tapgen.deploy.target.target import Target

IDENTITY = "identity"


@dataclass(frozen=True)
class Caller:
    """An app client. Its secret is never shown."""

    token_url: str
    address: Address
    client_id: str
    secret: str = field(repr=False)

    def request(self, scopes: Collection[str]) -> Request:
        """A request for a token with these scopes (RFC 6749, 4.4)."""
        proof = b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        form = {"grant_type": "client_credentials", "scope": " ".join(sorted(scopes))}
        headers = {
            "Authorization": f"Basic {proof}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return Request("POST", "", urlencode(form), headers, url=self.token_url)

    def token(self, scopes: Collection[str]) -> str:
        """A token with these scopes. Raises `OSError` if none is returned."""
        asked = self.request(scopes)
        api = Api(asked.url, self.address)
        answer = api.call(asked.method, asked.path, asked.body, asked.headers)
        token = issued(answer)
        if token is None:
            # Not the whole response, because it may quote the request.
            raise ConnectionError(f"no access token, HTTP status {answer.status}")
        return token


def issued(answer: Answer) -> str | None:
    """The token in a response of the token endpoint; None if it has none."""
    token = answer.get("access_token")
    return token if isinstance(token, str) else None


def caller(
    target: Target, address: Address, outputs: Mapping[str, str], client: str = "VerifyClientId"
) -> Caller:
    """The app client that an output of the identity layer names.

    Raises `TapgenError` if the current credentials may not read its secret.
    """
    region = target.region_of(target.stacks[IDENTITY])
    secret = client_secret(region, outputs["UserPoolId"], outputs[client])
    return Caller(outputs["TokenUrl"], address, outputs[client], secret)
