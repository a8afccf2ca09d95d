"""The conversation with the platform's API, at its site URL, the way a client has it."""

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

    The secret of the app client for verifying is read and kept in memory. What writes makes a
    payment and a session of a customer called `tapgen-verify-...`; the session is deleted again.

    Raises `TapgenError` where the API is not deployed, or the secret cannot be read.
    """
    url = (target.outputs(SITE_URL.layer) or {}).get(SITE_URL.output)
    if url is None:
        raise _not_deployed(target, f"{SITE_URL} is not an output: {SITE_URL.layer}")
    client = verifier(target, address)
    api = Api(url, address)
    return Conversation(url, address, exchanges(client), lambda: wake(target, api, client))


class SiteConversation(LiveConversation):
    """The conversation, and whether it gets into the access log of the API."""

    def __call__(self, target: Target, address: Address, *, read_only: bool) -> Iterator[Check]:
        """Judge what is heard; where anything is as it should be, look for it in the log."""
        log = AccessLog(target)
        answered = False
        for check in super().__call__(target, address, read_only=read_only):
            answered = answered or bool(check.ok)
            yield check
        if answered:
            yield from log.check()


SITE: Final = SiteConversation(begin)


def verifier(target: Target, address: Address) -> Caller | None:
    """The app client that is there for verifying; None where the environment's API is open.

    Raises `TapgenError` when there is none, or its secret cannot be read.
    """
    if IDENTITY not in target.stacks:
        return None
    outputs = target.outputs(IDENTITY)
    if outputs is None:
        raise _not_deployed(target, IDENTITY)
    return caller(target, address, outputs)


def _not_deployed(target: Target, what: str) -> TapgenError:
    return TapgenError(f"{what} is not deployed", f"`{target.command('deploy')}` does that.")
