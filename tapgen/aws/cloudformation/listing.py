"""One listing of a region's stacks for all threads that ask at the same time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

from tapgen.aws.cloudformation.stack_state import StackState, state_of


@dataclass(eq=False)
class _Round:
    """A listing that has not started yet, for the names that all waiting threads want."""

    names: set[str] = field(default_factory=set)
    found: dict[str, StackState] = field(default_factory=dict)
    error: Exception | None = None
    done: Event = field(default_factory=Event)


class Listing:
    """DescribeStacks without a name, page by page until all wanted stacks are found.

    A thread that asks while a listing is in progress waits for the next one, together with others:
    its result was then read after it asked. `pages` is the number of calls of the last one.
    """

    def __init__(self, client: Any) -> None:
        self.pages = 1
        self._client = client
        self._next: _Round | None = None
        self._joining = Lock()
        self._reading = Lock()

    def states(self, names: Collection[str]) -> dict[str, StackState]:
        """The states of the stacks by name, including absent ones. Raises botocore's errors."""
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
                # A new stack may have the name of a deleted one.
                if stack["StackName"] in names and stack["StackStatus"] != "DELETE_COMPLETE":
                    found[stack["StackName"]] = state_of(stack)
            if len(found) == len(names):
                break
        return found
