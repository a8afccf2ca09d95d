"""The AWS account of an environment, and its clients."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Final

from botocore.config import Config

from tapgen import __version__
from tapgen.aws.errors import explained
from tapgen.aws.pace import BURST, Pace
from tapgen.aws.patience import ATTEMPTS, Patience
from tapgen.aws.session import new_session
from tapgen.errors import RefusedError, TapgenError

# Standard mode retries throttling and 5xx with jitter; ten attempts span about a minute.
_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    connect_timeout=10,
    read_timeout=60,
    user_agent_extra=f"tapgen/{__version__}",
    s3={"addressing_style": "path"},
)
# Where environments share an account, clients adapt to the rate that AWS allows: the standard
# mode's quota of retries ends after a hundred throttled responses. `Pace` in front of it allows as
# many calls at the same time as there are connections.
_PACED: Final = Config(
    retries={"mode": "adaptive", "total_max_attempts": ATTEMPTS}, max_pool_connections=BURST
)
# For calls in parallel to a run, which does not wait for them: one retry, after seconds.
_QUICK: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=3, read_timeout=3
)
# Calls to this machine itself use no proxy, whatever the environment variables say.
_DIRECT: Final = Config(proxies={})
# Services that a deployment calls often, and for which AWS allows only a few calls a second.
_SLOW: Final = frozenset({"cloudformation", "ssm"})

_making_clients: Final = Lock()  # creating clients is not thread-safe, using them is


@dataclass(frozen=True)
class Connection:
    """How to reach AWS: a named profile, or a custom endpoint such as the local AWS.

    `local` endpoints accept the account id as access key, so that one server holds many accounts;
    with a profile they use its credentials.
    """

    profile: str | None = None
    endpoint_url: str | None = None
    local: bool = False


class Account:
    """One account through one connection. Clients are created once per service and region.

    `sessions` returns the session of a profile; `paced`, if given, the common pace of all clients
    of an account id, service and region.
    """

    def __init__(
        self,
        account_id: str,
        connection: Connection,
        *,
        sessions: Callable[[str | None], Any] | None = None,
        paced: Callable[[str, str, str], Pace] | None = None,
    ) -> None:
        self.account_id = account_id
        self.connection = connection
        self._sessions = sessions or new_session
        self._paced = paced
        self._patience = Patience()
        self._session: Any = None
        self._keys: dict[str, str] = {}
        self._clients: dict[tuple[str, str, bool], Any] = {}
        self._caller = ""
        self._user_id = ""
        self._not_signed_in: TapgenError | None = None

    def sign_in(self) -> None:
        """Get credentials now, in the caller's thread: a profile may ask for an MFA code.

        An error is raised by `client`, since not every run needs the credentials.
        """
        try:
            with _making_clients, explained(f"signing in{self._profile_words()}"):
                if self._session is None:
                    self._open_session()
                credentials = None if self._keys else self._session.get_credentials()
                if credentials:
                    credentials.get_frozen_credentials()
        except EOFError:  # from getpass, without a terminal
            self._not_signed_in = TapgenError(
                f"signing in{self._profile_words()}: an MFA code is required, and there is no "
                "terminal to ask for it",
                "Run tapgen at a terminal, or with the credentials of a session with MFA.",
            )
        except TapgenError as error:
            self._not_signed_in = error

    def client(self, service: str, region: str, *, quick: bool = False) -> Any:
        """A boto3 client; safe to share between threads.

        One that is `quick` gives up after seconds, and logs nothing while it waits.

        Raises `TapgenError` if it cannot be created.
        """
        if self._not_signed_in:
            raise self._not_signed_in
        with _making_clients:
            key = (service, region, quick)
            if key not in self._clients:
                with explained(f"reaching AWS {service}"):
                    self._clients[key] = self._new_client(*key)
            return self._clients[key]

    def verify(self, region: str) -> None:
        """Check with STS, once, which account the credentials belong to.

        Raises `RefusedError` if it is not the environment's account.
        """
        if self._caller:
            return
        with explained("asking STS for the account"):
            caller = self.client("sts", region).get_caller_identity()
        actual = caller["Account"]
        if actual != self.account_id:
            raise RefusedError(
                f"these credentials belong to account {actual}, "
                f"but the environment is in {self.account_id}",
                "Use --profile with a profile of that account.",
            )
        self._user_id = caller["UserId"]
        self._caller = caller["Arn"]

    def caller(self, region: str) -> str:
        """The caller's ARN; calls and raises like `verify`."""
        self.verify(region)
        return self._caller

    def user_id(self, region: str) -> str:
        """The caller's id, as `aws:userid` in policies; calls and raises like `verify`.

        For a role it ends in ":" and the session name (IAM user guide, "Principal key values").
        """
        self.verify(region)
        return self._user_id

    def _new_client(self, service: str, region: str, quick: bool) -> Any:
        if self._session is None:
            self._open_session()
        client = self._session.client(
            service,
            region_name=region,
            endpoint_url=self.connection.endpoint_url,
            config=self._config().merge(_QUICK) if quick else self._config(),
            **self._keys,
        )
        if not quick:
            self._patience.watch_over(client)
        # Its model is tens of thousands of objects that live as long as the run. Traversing them in
        # each garbage collection took a tenth of the CPU time of a deployment with nothing to do.
        gc.freeze()
        if self._paced and service in _SLOW:
            wait = self._paced(self.account_id, service, region).wait
            client.meta.events.register(f"before-send.{service}", wait)
        return client

    def _profile_words(self) -> str:
        return f" with profile {self.connection.profile}" if self.connection.profile else ""

    def _config(self) -> Config:
        config = _CONFIG.merge(_PACED) if self._paced else _CONFIG
        return config.merge(_DIRECT) if self.connection.local else config

    def _open_session(self) -> None:
        if self.connection.local and not self.connection.profile:
            self._session = _local_session()
            self._keys = {
                "aws_access_key_id": self.account_id,
                "aws_secret_access_key": "local",  # the root's, see tapgen/local
            }
        else:
            self._session = self._sessions(self.connection.profile)


@cache
def _local_session() -> Any:
    return new_session(alone=True)
