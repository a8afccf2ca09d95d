"""Holding a platform's conversation with one environment, to compare its behaviour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from tapgen.deploy.observe.checks import Address
from tapgen.deploy.observe.live.conversation import (
    Conversation,
    LiveConversation,
    NoAnswerError,
    Said,
    held,
)
from tapgen.deploy.observe.live.tls import connection_traits
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.parts.declared import takes
from tapgen.model.parts.running import blaming
from tapgen.model.platform import Platform
from tapgen.review.parity.behaviour import BODY, CONNECTION, Behaviour, Latency, Traits
from tapgen.review.parity.traits import cache_of, of_body, of_headers, of_text, statuses

_CALLED: Final = takes(2, "read_only")
_ONCE_MORE: Final = 2  # a cache shows its effect only when the same request is sent again


def conversation_of(platform: Platform) -> LiveConversation:
    """The platform's live checks, if they are a conversation. Raises `TapgenError` otherwise."""
    found = _live_checks(platform)
    if not isinstance(found, LiveConversation):
        has = "are not a LiveConversation" if found else "are missing"
        raise TapgenError(
            f"the live checks of the platform {platform.name} {has}: there is nothing to compare",
            "Declare the exchanges as docs/parts-of-your-own.md shows. Without --live, stacks are "
            "compared.",
        )
    return found


def converses(platform: Platform) -> bool:
    """Whether the platform declares exchanges, so that behaviour can be compared."""
    return isinstance(_live_checks(platform), LiveConversation)


def _live_checks(platform: Platform) -> Any:
    return platform.part("live_checks", _CALLED)


def listen(
    live: LiveConversation, target: Target, address: Address, *, writes: bool, samples: int
) -> Behaviour:
    """The behaviour of the environment; without `writes`, from exchanges that store no data.

    Requests that only read are sent `samples` times, 2 or more.

    Raises `RefusedError` if the credentials belong to another account, and `TapgenError` if there
    is nothing to talk to or it does not answer.
    """
    target.verify_account()
    part = f"the live conversation of the platform {target.platform.name}"
    with blaming(part):
        conversation = live.begin(target, address)
        _wait_until_ready(conversation)
        try:
            connection = dict(connection_traits(conversation.url, address))
            each = [*held(conversation, writes=writes, times=samples)]
        except NoAnswerError as silence:
            raise _silent(target, conversation, silence.error, silence.name) from silence
        except OSError as error:
            raise _silent(target, conversation, error, CONNECTION) from error
    host = urlsplit(conversation.url).netloc
    return Behaviour(
        {CONNECTION: connection, **{one.exchange.name: _traits(one, host) for one in each}},
        {
            one.exchange.name: Latency.of(tuple(answer.seconds for answer in one.answers))
            for one in each
            if one.answers
        },
    )


def _wait_until_ready(conversation: Conversation) -> None:
    for check in conversation.ready():
        if check.ok is False:
            raise TapgenError(
                f"{check.logical_id}: {check.property} is {check.actual}, not {check.declared}",
                "Until it is ready, it does not behave as usual. Wait, or fix it, then repeat.",
            )


def _silent(target: Target, conversation: Conversation, error: Any, name: str) -> TapgenError:
    return TapgenError(
        f"{conversation.url} does not answer ({name}): {error}",
        f"`{target.command('status')}` shows whether it is deployed, `{target.command('verify')}` "
        "what is wrong with it.",
    )


def _traits(said: Said, host: str) -> Traits | None:
    return dict(_told(said, host)) if said.answers else None


def _told(said: Said, host: str) -> Iterator[tuple[str, str]]:
    first, last = said.answers[0], said.answers[-1]
    yield "status", statuses(answer.status for answer in said.answers)
    yield from of_headers(first.headers, host)
    if first.is_text:
        yield BODY, of_text(first.body, first.headers, complete=first.complete)
    else:
        yield from of_body(first.body, first.headers)
    if len(said.answers) >= _ONCE_MORE:
        yield "cache", cache_of(last.headers)
