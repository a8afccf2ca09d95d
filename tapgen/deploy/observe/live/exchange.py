"""One exchange of a conversation: what is asked, and what the answer has to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from tapgen.deploy.observe.checks import LIVE, Check
from tapgen.deploy.observe.live.web import Answer
from tapgen.model.parts.declared import SOME_TEXT, Kind, Part, takes

# Methods that change nothing (RFC 9110, 9.2.1); such a request may be sent several times.
_SAFE: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Request:
    """What is sent: method and path, and a body, which goes as JSON unless it is text.

    `token` goes as `Authorization: Bearer`. `url` is where it is sent instead of the conversation's
    own URL, for instance who gives tokens.
    """

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str | None = field(default=None, repr=False)
    url: str = ""

    @property
    def is_safe(self) -> bool:
        """Whether it may be sent again without doing anything."""
        return self.method in _SAFE


# Name of the exchange -> its answer.
Answers = Mapping[str, Answer]
Asked = Callable[[Answers], Request | Answer | None]


@dataclass(frozen=True)
class Heard:
    """The answer of the exchange `name`, with the answers before it."""

    name: str
    answer: Answer
    earlier: Answers

    def check(self, name: str, declared: Any, actual: Any) -> Check:
        """A property of the answer; it has to be as declared."""
        return Check(LIVE, self.name, name, declared, actual, declared == actual)


def _nothing(_: Heard) -> Iterable[Check]:
    return ()


_ASKED: Final = Kind(
    "a Request or a function of 1 argument",
    lambda value: isinstance(value, Request) or takes(1).fits(value),
)


@dataclass(frozen=True)
class Exchange(Part):
    """A request and its answer.

    - `name`: what it is called, differently from all others of its conversation.
    - `request`: what is sent, or a function that makes it of the answers so far, by name. It gives
      None where they lack what it takes: then nothing is asked. Where the exchange is no HTTP, it
      asks by itself and gives the `Answer`.
    - `expect`: gives a `Check` for each property that the answer has to have.
    - `writes`: whether something is stored by it, or by what it follows. Who only looks leaves it
      out.
    """

    kinds: ClassVar = {"name": SOME_TEXT, "request": _ASKED, "expect": takes(1)}

    name: str
    request: Request | Asked
    expect: Callable[[Heard], Iterable[Check]] = _nothing
    writes: bool = False

    def __str__(self) -> str:
        return f"the exchange {self.name}"

    def asked(self, earlier: Answers) -> Request | Answer | None:
        """What is sent after these answers."""
        return self.request if isinstance(self.request, Request) else self.request(earlier)
