"""One exchange of a conversation: a request, and the expected answer."""

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
    """A request: method, path, and a body, which is sent as JSON unless it is text.

    `token` is sent as `Authorization: Bearer`. `url` replaces the conversation's URL, for example
    with that of the server that issues tokens.
    """

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str | None = field(default=None, repr=False)
    url: str = ""

    @property
    def is_safe(self) -> bool:
        """Whether it changes nothing, so that it may be sent several times."""
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
        """A check that a property of the answer is as declared."""
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

    - `name`: its name, unique in its conversation.
    - `request`: the request, or a function that creates it from the answers so far, by name. The
      function returns None if they lack what it needs: then nothing is sent. If the exchange does
      not use HTTP, the function makes the call itself and returns the `Answer`.
    - `expect`: returns a `Check` for each expected property of the answer.
    - `writes`: whether the exchange, or one that it depends on, stores data. Reading runs skip it.
    """

    kinds: ClassVar = {"name": SOME_TEXT, "request": _ASKED, "expect": takes(1)}

    name: str
    request: Request | Asked
    expect: Callable[[Heard], Iterable[Check]] = _nothing
    writes: bool = False

    def __str__(self) -> str:
        return f"the exchange {self.name}"

    def asked(self, earlier: Answers) -> Request | Answer | None:
        """The request after these answers."""
        return self.request if isinstance(self.request, Request) else self.request(earlier)
