"""A conversation as a value, and how it is held; `tapgen verify` judges the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from errno import EMFILE, ENFILE, ENOMEM
from time import perf_counter
from typing import ClassVar, Final, NamedTuple

from tapgen.aws.errors import UnavailableError
from tapgen.deploy.observe.checks import LIVE, Address, Check, Unseen
from tapgen.deploy.observe.live.exchange import Answers, Exchange, Heard, Request
from tapgen.deploy.observe.live.web import Answer, Api
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.parts.declared import Part, listing, repeated, shown, takes
from tapgen.model.parts.places import spelled
from tapgen.review.parity.behaviour import MayDiffer

# Errors of this machine, which do not show a fault of the deployed system.
_OWN: Final = frozenset({EMFILE, ENFILE, ENOMEM})


@dataclass(frozen=True)
class Conversation:
    """The exchanges with one environment, in order.

    - `url`: the deployed base URL; paths of requests are below it. Empty if no exchange uses HTTP.
    - `address`: returns where a deployed URL is served.
    - `exchanges`: the exchanges.
    - `ready`: waits for parts that are not ready yet, such as a function that was not called for
      weeks, and returns a `Check` for each.

    Raises `TapgenError` with all faults of the exchanges.
    """

    url: str
    address: Address
    exchanges: tuple[Exchange, ...]
    ready: Callable[[], Iterable[Check]] = tuple

    def __post_init__(self) -> None:
        each = [one for one in self.exchanges if isinstance(one, Exchange)]
        faults = [f"{spelled(one.place)}: {one}: {fault}" for one in each for fault in one.faults()]
        faults += [
            f"{shown(one)} is not an Exchange"
            for one in self.exchanges
            if not isinstance(one, Exchange)
        ]
        faults += [f"{name} occurs twice" for name in repeated(map(str, each))]
        if faults:
            raise TapgenError("\n".join(faults), "Correct the exchanges of the conversation.")

    def say(self, request: Request) -> Answer:
        """Send a request. Raises `OSError` if there is no answer."""
        api = Api(request.url or self.url, self.address, request.token)
        return api.call(request.method, request.path, request.body, request.headers)


class NoAnswerError(Exception):
    """The exchange `name` got no answer, because of `error`."""

    def __init__(self, name: str, error: OSError) -> None:
        super().__init__(f"{name}: {error}")
        self.name = name
        self.error = error


class Said(NamedTuple):
    """An exchange that was held, with its answers and the `earlier` ones.

    It has several answers if it was repeated, and none if no request was sent.
    """

    exchange: Exchange
    answers: tuple[Answer, ...]
    earlier: Answers


def held(conversation: Conversation, *, writes: bool, times: int = 1) -> Iterator[Said]:
    """Hold the conversation, without exchanges that write unless `writes`.

    Requests that only read are sent that many `times`. Raises `NoAnswerError`.
    """
    earlier: dict[str, Answer] = {}
    for exchange in conversation.exchanges:
        if writes or not exchange.writes:
            try:
                answers = tuple(_answers(conversation, exchange, {**earlier}, times))
            except OSError as error:
                raise NoAnswerError(exchange.name, error) from error
            yield Said(exchange, answers, {**earlier})
            if answers:
                earlier[exchange.name] = answers[0]


def _answers(
    conversation: Conversation, exchange: Exchange, earlier: Answers, times: int
) -> Iterator[Answer]:
    begun = perf_counter()
    asked = exchange.asked(earlier)
    if isinstance(asked, Answer):
        yield _timed(asked, begun)
    elif asked:
        for _ in range(times if asked.is_safe else 1):
            begun = perf_counter()
            yield _timed(conversation.say(asked), begun)


def _timed(answer: Answer, begun: float) -> Answer:
    return replace(answer, seconds=perf_counter() - begun)


def checks_of(conversation: Conversation, *, read_only: bool) -> Iterator[Check]:
    """The checks of all answers; if there is no answer, one failed check."""
    yield from conversation.ready()
    try:
        for exchange, answers, earlier in held(conversation, writes=not read_only):
            for answer in answers:
                yield from exchange.expect(Heard(exchange.name, answer, earlier))
    except NoAnswerError as silence:
        error = silence.error
        own = getattr(getattr(error, "reason", error), "errno", None) in _OWN
        actual = Unseen(error) if own else str(error)
        ok = None if own else False
        declared = f"an HTTP response of {conversation.url}"
        yield Check(LIVE, silence.name, "answers", declared, actual, ok)


Begun = Callable[[Target, Address], Conversation]


@dataclass(frozen=True)
class LiveConversation(Part):
    """Live checks that are a conversation: `tapgen parity --live` compares it between environments.

    - `begin`: target and address -> the conversation with that environment. It raises `TapgenError`
      if there is nothing to talk to, with the reason and what to do.
    - `may_differ`: the traits of answers that may differ between environments, and why.
    """

    kinds: ClassVar = {
        "begin": takes(2),
        "may_differ": listing("MayDiffers", lambda one: isinstance(one, MayDiffer)),
    }

    begin: Begun
    may_differ: tuple[MayDiffer, ...] = ()

    def __str__(self) -> str:
        return "the live conversation"

    def faults(self) -> Iterator[str]:
        """Its faults, in words."""
        wrong = [*super().faults()]
        yield from wrong
        if not wrong:
            for one in self.may_differ:
                yield from (f"{one}: {fault}" for fault in one.faults())

    def __call__(self, target: Target, address: Address, *, read_only: bool) -> Iterator[Check]:
        """Hold it with one environment, and judge what is heard."""
        try:
            conversation = self.begin(target, address)
        except UnavailableError as error:
            unseen = Unseen(error.message)
            yield Check(LIVE, "", "begins", "a conversation", unseen, ok=None)
        except TapgenError as error:
            yield Check(LIVE, "", "begins", "a conversation", error.message, ok=False)
        else:
            yield from checks_of(conversation, read_only=read_only)
