"""One listing of a region's stacks for everybody who asks at the same time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

from tapgen.aws.cloudformation.stack_state import StackState, state_of


@dataclass(eq=False)
class _Round:
    """A listing that has not begun yet, for the names of all who want it."""

    names: set[str] = field(default_factory=set)
    found: dict[str, StackState] = field(default_factory=dict)
    error: Exception | None = None
    done: Event = field(default_factory=Event)


class Listing:
    """DescribeStacks without a name, page by page until all that were asked for are found.

    Whoever asks while a listing is under way waits for the next one, together with all others who
    do: what they get was read after they asked. `pages` is how many calls the last one took.
    """

    def __init__(self, client: Any) -> None:
        self.pages = 1
        self._client = client
        self._next: _Round | None = None
        self._joining = Lock()
        self._reading = Lock()

    def states(self, names: Collection[str]) -> dict[str, StackState]:
        """The stacks by name; those that are not there are absent. Raises what botocore raises."""
        with self._joining:
            leads = self._next is None
            asked = self._next = self._next or _Round()
            asked.names.update(names)
        if leads:
            with self._reading:
                self._lead(asked)
        asked.done.wait()
        if asked.error:
            raise asked.error
        return {name: asked.found.get(name, StackState(name)) for name in names}

    def _lead(self, asked: _Round) -> None:
        with self._joining:
            self._next = None
        try:
            asked.found = self._read(asked.names)
        except Exception as error:  # noqa: BLE001 - raised again in every thread that asked
            asked.error = error
        finally:
            asked.done.set()

    def _read(self, names: set[str]) -> dict[str, StackState]:
        found: dict[str, StackState] = {}
        pages = self._client.get_paginator("describe_stacks").paginate()
        for self.pages, page in enumerate(pages, 1):
            for stack in page["Stacks"]:
                # A deleted one may have left its name to another.
                if stack["StackName"] in names and stack["StackStatus"] != "DELETE_COMPLETE":
                    found[stack["StackName"]] = state_of(stack)
            if len(found) == len(names):
                break
        return found
