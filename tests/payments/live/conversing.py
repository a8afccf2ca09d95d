"""The platform's conversation with whatever answers, and what is found in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tapgen.deploy.observe.checks import Check
from tapgen.deploy.observe.live.conversation import Conversation, checks_of
from tapgen.deploy.observe.live.exchange import Exchange
from tapgen.deploy.observe.live.web import Api
from tapgen.payments.live.api import exchanges
from tapgen.payments.live.callers import Caller


def checks_at(
    api: Api,
    caller: Caller | None,
    *,
    read_only: bool = False,
    said: Iterable[Exchange] | None = None,
) -> list[Check]:
    """What is found where an API is served; `said` is a part of the conversation."""
    each = exchanges(caller) if said is None else tuple(said)
    return list(checks_of(Conversation(api.url, api.address, each), read_only=read_only))


def failures(found: Collection[Check]) -> set[tuple[str, str]]:
    """Exchange and property of what is not as it has to be."""
    return {(check.logical_id, check.property) for check in found if not check.ok}
