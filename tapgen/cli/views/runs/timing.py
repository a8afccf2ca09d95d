"""How long stacks, environments and a whole run take, from its events."""

from __future__ import annotations

import time

from tapgen.deploy.flow.events import Begins, EnvironmentEnded, Event, Finished, Within


class Times:
    """Durations in seconds. The run is timed from the moment it began to change something.

    The time that a person takes to read and confirm a plan is not counted.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._stacks: dict[tuple[str, str], float] = {}
        self._environments: dict[str, float] = {}

    def note(self, event: Event) -> None:
        """Record the times in the event."""
        match event:
            case Begins():
                self._began = time.monotonic()
            case Within(environment, Finished() as done):
                self._stacks[environment, done.layer] = done.seconds
            case Finished():  # of the only environment
                self._stacks["", event.layer] = event.seconds
            case EnvironmentEnded():
                self._environments[event.environment] = event.seconds

    def of_stack(self, environment: str, layer: str) -> float:
        """Seconds of a stack; 0 if nothing was done."""
        found = self._stacks.get((environment, layer))
        return self._stacks.get(("", layer), 0.0) if found is None else found

    def of_environment(self, environment: str) -> float:
        """Seconds of an environment; 0 if nothing was begun."""
        return self._environments.get(environment, 0.0)

    def so_far(self) -> float:
        """Seconds since the run began to change something."""
        return time.monotonic() - self._began
