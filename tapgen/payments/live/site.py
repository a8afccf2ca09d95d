"""The conversation with the platform's API at its site URL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tapgen.deploy.observe.checks import Address, Check
from tapgen.deploy.observe.live.conversation import Conversation, LiveConversation
from tapgen.deploy.observe.live.web import Api
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.layer import OutputRef
from tapgen.payments.live.access_log import AccessLog
from tapgen.payments.live.api import exchanges
from tapgen.payments.live.callers import IDENTITY, Caller, caller
from tapgen.payments.live.idle import wake

SITE_URL: Final = OutputRef("cdn", "SiteUrl")


def begin(target: Target, address: Address) -> Conversation:
    """The conversation with the API of an environment.

    The secret of the app client for verification is read and kept in memory. Writes create a
    payment and a session of a customer named `tapgen-verify-...`. The session is deleted again.

    Raises `TapgenError` if the API is not deployed, or the secret cannot be read.
    """
    url = (target.outputs(SITE_URL.layer) or {}).get(SITE_URL.output)
    if url is None:
        raise _not_deployed(target, f"{SITE_URL} is not an output: {SITE_URL.layer}")
    client = verifier(target, address)
    api = Api(url, address)
    return Conversation(url, address, exchanges(client), lambda: wake(target, api, client))


class SiteConversation(LiveConversation):
    """The conversation, and the check that it arrives in the API's access log."""

    def __call__(self, target: Target, address: Address, *, read_only: bool) -> Iterator[Check]:
        """Check the responses. If at least one is as expected, check the access log."""
        log = AccessLog(target)
        answered = False
        for check in super().__call__(target, address, read_only=read_only):
            answered = answered or bool(check.ok)
            yield check
        if answered:
            yield from log.check()


SITE: Final = SiteConversation(begin)


def verifier(target: Target, address: Address) -> Caller | None:
    """The app client for verification; None if the environment's API is open.

    Raises `TapgenError` if there is none, or its secret cannot be read.
    """
    if IDENTITY not in target.stacks:
        return None
    outputs = target.outputs(IDENTITY)
    if outputs is None:
        raise _not_deployed(target, IDENTITY)
    return caller(target, address, outputs)


def _not_deployed(target: Target, what: str) -> TapgenError:
    return TapgenError(f"{what} is not deployed", f"Run `{target.command('deploy')}` first.")
