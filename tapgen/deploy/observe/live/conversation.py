"""A conversation as a value, and holding one: `tapgen verify` judges what is heard."""

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

# What this machine lacks says nothing of what is deployed.
_OWN: Final = frozenset({EMFILE, ENFILE, ENOMEM})


@dataclass(frozen=True)
class Conversation:
    """What is said to one environment, in this order.

    - `url`: the deployed URL that it is about; paths of requests are below it. Empty where no
      exchange is HTTP.
    - `address`: where deployed URLs are served.
    - `exchanges`: what is asked.
    - `ready`: waits for what is not ready to be judged yet, such as a function that nobody has
      called for weeks, and gives a `Check` for each.

    Raises `TapgenError` with all that is wrong with the exchanges.
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
        faults += [f"{name} is there twice" for name in repeated(map(str, each))]
        if faults:
            raise TapgenError("\n".join(faults), "Correct the exchanges of the conversation.")

    def say(self, request: Request) -> Answer:
        """Send a request. Raises `OSError` when there is no answer."""
        api = Api(request.url or self.url, self.address, request.token)
        return api.call(request.method, request.path, request.body, request.headers)


class NoAnswerError(Exception):
    """Nobody answers in the exchange `name`, because of `error`."""

    def __init__(self, name: str, error: OSError) -> None:
        super().__init__(f"{name}: {error}")
        self.name = name
        self.error = error


class Said(NamedTuple):
    """An exchange that was held: its answers, several where it was repeated, none where not asked.

    `earlier` are the answers before it.
    """

    exchange: Exchange
    answers: tuple[Answer, ...]
    earlier: Answers


def held(conversation: Conversation, *, writes: bool, times: int = 1) -> Iterator[Said]:
    """Hold it; without `writes`, leave out what writes. What only reads is asked so many `times`.

    Raises `NoAnswerError`.
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
    """What the answers have to be, and are; what does not answer gives one failing check."""
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
      where there is nothing to talk to, with the reason and what to do.
    - `may_differ`: what of the answers may differ between environments, and why.
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
        """What is wrong with it, each in words."""
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
