"""How a run talks to its caller: it reports events, and asks before it continues."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from tapgen.deploy.flow.events import Event, Within


@dataclass(frozen=True)
class Question:
    """A question whether to continue.

    `about` is the subject, for a host that shows it: a planned change set, what is in progress,
    which stacks have to be recovered. It is None if earlier events have shown it. `type_name` is
    what a person has to type instead of yes, because the environment is protected; empty if yes is
    enough.
    """

    text: str
    about: object = None
    type_name: str = ""


class Host(Protocol):
    """The caller of an operation: the command line, a test, a program.

    Both methods are called in the thread that called the operation, one call at a time, so a host
    needs no locks. An exception from either ends the operation in order.
    """

    def tell(self, event: Event) -> None:
        """Receive an event."""

    def ask(self, question: Question) -> bool:
        """Whether to continue. Return False if no one can be asked."""


class Silent:
    """A host that ignores all events and answers no to all questions."""

    def tell(self, event: Event) -> None:
        """Ignore the event."""

    def ask(self, question: Question) -> bool:  # noqa: ARG002 - whatever it is
        """Answer no."""
        return False


@dataclass
class Recorder:
    """A host that keeps all events and questions, and gives the same answer to every question.

    For programs that read the events afterwards, and for tests.
    """

    answer: bool = True
    events: list[Event] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def tell(self, event: Event) -> None:
        """Keep the event."""
        self.events.append(event)

    def ask(self, question: Question) -> bool:
        """Keep the question, and answer it."""
        self.questions.append(question)
        return self.answer


@dataclass(frozen=True)
class InEnvironment:
    """The host of one of several environments: it adds the environment to each event."""

    environment: str
    host: Host

    def tell(self, event: Event) -> None:
        """Pass on the event as one of the environment."""
        self.host.tell(Within(self.environment, event))

    def ask(self, question: Question) -> bool:
        """Pass on the question: its subject already names the environment."""
        return self.host.ask(question)


SILENT: Final = Silent()
