"""An account of the local AWS for each test, and the region's clients."""

from __future__ import annotations

import itertools
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.retries.standard import ExponentialBackoff

from tapgen.aws.account import Account, Connection

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws

NOWHERE: Final = "http://127.0.0.1:9"
_accounts = itertools.count(800_000_000_001)


@pytest.fixture
def account(local_aws: LocalAws) -> Account:
    connection = Connection(endpoint_url=local_aws.endpoint_url, local=True)
    return Account(str(next(_accounts)), connection)


class Canned:
    """Stands for the network: what a client's calls are answered with, the last one for ever."""

    def __init__(self) -> None:
        self.account = Account("800000000001", Connection(endpoint_url=NOWHERE, local=True))
        self.answers: list[AWSResponse | Exception] = []
        self.requests: list[AWSPreparedRequest] = []

    def client(self, service: str, region: str = "eu-west-1") -> Any:
        client = self.account.client(service, region)
        client.meta.events.register("before-send", self._send, unique_id="canned")
        return client

    def answer(
        self, body: bytes, status: int = 200, kind: str = "text/xml", **headers: str
    ) -> None:
        """One more answer. Names of headers are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = BytesIO(body)
        raw.stream = lambda *_, **__: iter([body])  # type: ignore[attr-defined] # as urllib3 has it
        headers_dict: Any = HeadersDict({"content-type": kind, **named})
        self.answers.append(AWSResponse(NOWHERE, status, headers_dict, raw))

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        self.requests.append(request)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def canned(monkeypatch: pytest.MonkeyPatch) -> Canned:
    monkeypatch.setattr("tapgen.aws.patience._pause", lambda _: 0.001)
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0.001)
    return Canned()
