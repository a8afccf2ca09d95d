"""An AWS account that an environment lives in, and the clients that reach it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Final

import boto3
from botocore.config import Config

from tapgen import __version__
from tapgen.aws.errors import explained
from tapgen.errors import RefusedError

# Standard mode retries throttling and 5xx with jitter; ten attempts span about a minute.
_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 10},
    connect_timeout=10,
    read_timeout=60,
    user_agent_extra=f"tapgen/{__version__}",
    s3={"addressing_style": "path"},
)

_making_clients: Final = Lock()  # creating clients is not thread-safe in boto3, using them is


@dataclass(frozen=True)
class Connection:
    """How to reach AWS: a named profile, or an endpoint of its own such as the local AWS.

    `local` endpoints take the account id as access key, so that one server holds many accounts;
    with a profile they take its credentials.
    """

    profile: str | None = None
    endpoint_url: str | None = None
    local: bool = False


class Account:
    """One account through one connection. Clients are made once per service and region."""

    def __init__(self, account_id: str, connection: Connection) -> None:
        self.account_id = account_id
        self.connection = connection
        self._session: Any = None
        self._keys: dict[str, str] = {}
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str) -> Any:
        """A boto3 client; safe to share between threads."""
        with _making_clients:
            if (service, region) not in self._clients:
                with explained(f"reaching AWS {service}"):
                    self._clients[service, region] = self._new_client(service, region)
            return self._clients[service, region]

    def verify(self, region: str) -> None:
        """Ask STS whose credentials these are.

        Raises `RefusedError` when they belong to another account than the environment's.
        """
        with explained("asking STS for the account"):
            actual = self.client("sts", region).get_caller_identity()["Account"]
        if actual != self.account_id:
            raise RefusedError(
                f"these credentials belong to account {actual}, "
                f"but the environment lives in {self.account_id}",
                "Use --profile with a profile of that account.",
            )

    def _new_client(self, service: str, region: str) -> Any:
        if self._session is None:
            self._open_session()
        return self._session.client(
            service,
            region_name=region,
            endpoint_url=self.connection.endpoint_url,
            config=_CONFIG,
            **self._keys,
        )

    def _open_session(self) -> None:
        if self.connection.local and not self.connection.profile:
            self._session = _local_session()
            self._keys = {
                "aws_access_key_id": self.account_id,
                "aws_secret_access_key": "local",  # the root's, see tapgen/local
            }
        else:
            self._session = boto3.Session(profile_name=self.connection.profile)


@cache
def _local_session() -> Any:
    # Shared by all accounts: reading the service models is most of what a client costs.
    return boto3.Session()
