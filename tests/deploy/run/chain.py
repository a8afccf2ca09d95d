"""Four small stacks that take from each other, and what is told about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.deploy.flow.events import Event, Note, Started
from tapgen.deploy.stack import operations
from tapgen.model.layer import outputs_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tapgen.model.stack import Stack
    from tests.lab import Lab

    Faults = Callable[[dict[str, Any]], None]


def chain(lab: Lab, value: str = "one") -> tuple[Stack, ...]:
    """network <- data <- api, and zone that depends on nothing."""
    return (
        lab.stack(
            "network",
            {"Note": lab.note({"Ref": "Value"}), "Other": lab.note()},
            parameters={"Value": value},
            outputs={"Id": "1"},
        ),
        lab.stack(
            "data",
            {"Kept": lab.note({"Ref": "Id"})},
            inputs=outputs_of("network", "Id"),
            outputs={"Key": "2"},
        ),
        lab.stack("api", {"Far": lab.note({"Ref": "Key"})}, inputs=outputs_of("data", "Key")),
        lab.stack("zone", {"Zone": lab.note({"Ref": "Value"})}, parameters={"Value": value}),
    )


def notes(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Note)]


def started(events: list[Event]) -> list[str]:
    return [f"{event.layer}: {event.action}" for event in events if isinstance(event, Started)]


def once_stopped(patch: pytest.MonkeyPatch, faults: Faults) -> None:
    """Let go of what is held when AWS has been asked to stop it."""
    stop = operations.stop

    def stopping(*arguments: Any) -> bool:
        asked = stop(*arguments)
        faults({})
        return asked

    patch.setattr(operations, "stop", stopping)
