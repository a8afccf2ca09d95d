"""The live checks of the platform: its API, called at its site URL the way a client does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tapgen.aws.errors import UnavailableError
from tapgen.deploy.observe.checks import LIVE, Address, Check, Unseen
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.layer import OutputRef
from tapgen.payments.live.access_log import AccessLog
from tapgen.payments.live.api import check_live_api
from tapgen.payments.live.callers import IDENTITY, Caller, caller
from tapgen.payments.live.idle import wake
from tapgen.payments.live.web import Api

SITE_URL: Final = OutputRef("cdn", "SiteUrl")


def check_site(target: Target, address: Address, *, read_only: bool) -> Iterator[Check]:
    """Call the API at its site URL with an access token.

    The secret of the app client for verifying is read and kept in memory. Unless `read_only`, a
    payment and a session of a customer called `tapgen-verify-...` are made; the session is deleted
    again.
    """
    url = (target.outputs(SITE_URL.layer) or {}).get(SITE_URL.output)
    if url is None:
        yield Check(LIVE, "", str(SITE_URL), "an output", None, ok=False)
        return
    try:
        client = verifier(target, address)
    except UnavailableError as error:
        unseen = Unseen(error.message)
        yield Check(LIVE, "access token", "credentials", "readable", unseen, ok=None)
    except TapgenError as error:
        yield Check(LIVE, "access token", "credentials", "readable", error.message, ok=False)
    else:
        api = Api(url, address)
        yield from wake(target, api, client)
        log = AccessLog(target)
        answered = False
        for check in check_live_api(api, client, read_only=read_only):
            answered = answered or bool(check.ok)
            yield check
        if answered:
            yield from log.check()


def verifier(target: Target, address: Address) -> Caller | None:
    """The app client that is there for verifying; None where the environment's API is open.

    Raises `TapgenError` when there is none, or its secret cannot be read.
    """
    if IDENTITY not in target.stacks:
        return None
    outputs = target.outputs(IDENTITY)
    if outputs is None:
        raise TapgenError(f"{IDENTITY} is not deployed", f"`{target.command('deploy')}` does that.")
    return caller(target, address, outputs)
