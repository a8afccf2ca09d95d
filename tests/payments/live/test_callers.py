"""Access tokens, taken as callers take them."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from tapgen.payments.live.callers import IDENTITY, Caller, caller
from tests.deploy.observe.live.web_server import Reply, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.target.target import Target

SITE = "https://token.example.com"


def token_of(reply: Callable[..., Reply], *scopes: str) -> str:
    with serving(reply) as url:

        def address(called: str) -> tuple[str, dict[str, str]]:
            return called.replace(SITE, url), {}

        return Caller(f"{SITE}/oauth2/token", address, "client-1", "open-sesame").token(scopes)


def test_a_token_is_asked_for_with_client_credentials() -> None:
    asked: list[tuple[str, str, Any, bytes]] = []

    def reply(*request: Any) -> Reply:
        asked.append(request)
        return 200, {}, {"access_token": "my-token"}

    assert token_of(reply, "b/write", "a/read") == "my-token"
    ((method, path, headers, body),) = asked
    assert (method, path) == ("POST", "/oauth2/token")
    scheme, _, proof = headers["Authorization"].partition(" ")
    assert (scheme, b64decode(proof)) == ("Basic", b"client-1:open-sesame")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["a/read b/write"],
    }


@pytest.mark.parametrize("answer", [{"error": "open-sesame"}, {"access_token": 5}, "open-sesame"])
def test_without_a_token_the_status_is_all_that_is_told(answer: Any) -> None:
    with pytest.raises(ConnectionError) as told:
        token_of(lambda *_: (400, {}, answer), "a/read")
    assert str(told.value) == "no access token, HTTP status 400"


@pytest.mark.slow
def test_an_app_client_is_found_by_the_output_that_names_it(deployed: Target) -> None:
    outputs = deployed.outputs(IDENTITY)
    assert outputs is not None
    found = caller(deployed, lambda url: (url, {}), outputs)
    assert (found.token_url, found.client_id) == (outputs["TokenUrl"], outputs["VerifyClientId"])
    assert found.secret
    assert found.secret not in repr(found)
