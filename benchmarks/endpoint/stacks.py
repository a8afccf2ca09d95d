"""Stacks and change sets: what they are made of, and what state they are in as time passes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

import yaml

Parameters = Mapping[str, Any]
# Reads the template that a URL leads to. Raises `RefusalError`.
Fetch = Callable[[str], str]

# Bytes of a template that is sent along, see the quotas of CloudFormation.
_LARGEST_BODY: Final = 51_200


class RefusalError(Exception):
    """What AWS answers instead: a code and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Content:
    """What a stack is made of."""

    template: str
    parameters: dict[str, str]
    tags: dict[str, str]
    document: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.document = _parsed(self.template)

    @classmethod
    def of(cls, asked: Parameters, before: Content | None, fetch: Fetch) -> Self:
        """What a call asks for, where `before` is there now.

        Raises `RefusalError` for a template that is too large, and for parameters that the template
        does not have or that have no value.
        """
        previous = before.values() if before else {}
        kept = before.tags if before and "Tags" not in asked else {}
        content = cls(
            _template(asked, fetch),
            dict(_parameters(asked, previous)),
            {one["Key"]: one["Value"] for one in asked.get("Tags", ())} or kept,
        )
        content._check()
        return content

    def _check(self) -> None:
        declared = self.document.get("Parameters", {})
        if unknown := [name for name in self.parameters if name not in declared]:
            text = f"Parameters: [{', '.join(unknown)}] do not exist in the template"
            raise RefusalError("ValidationError", text)
        values = self.values()
        if missing := [name for name in declared if name not in values]:
            text = f"Parameters: [{', '.join(missing)}] must have values"
            raise RefusalError("ValidationError", text)

    def values(self) -> dict[str, str]:
        """The parameters, with defaults where none is given."""
        declared = self.document.get("Parameters", {})
        defaults = {name: d["Default"] for name, d in declared.items() if "Default" in d}
        return defaults | self.parameters

    def same_as(self, other: Content) -> bool:
        """Whether an update from one to the other would be no update: a description is none."""
        mine, theirs = ({**c.document, "Description": ""} for c in (self, other))
        return (mine, self.values(), self.tags) == (theirs, other.values(), other.tags)


def _parameters(asked: Parameters, previous: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for one in asked.get("Parameters", ()):
        name = one["ParameterKey"]
        if one.get("UsePreviousValue") != "true":
            yield name, one["ParameterValue"]
        elif name in previous:
            yield name, previous[name]


def _parsed(template: str) -> dict[str, Any]:
    """A document of JSON is one of YAML as well, but read in a tenth of the time as what it is."""
    text = template.removeprefix("---\n")
    found: dict[str, Any] = json.loads(text) if text.startswith("{") else yaml.safe_load(text)
    return found


def _template(asked: Parameters, fetch: Fetch) -> str:
    if "TemplateURL" in asked:
        return fetch(asked["TemplateURL"])
    body: str = asked["TemplateBody"]
    if len(body.encode()) > _LARGEST_BODY:
        raise RefusalError(
            "ValidationError",
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_LARGEST_BODY}",
        )
    return body


@dataclass
class Operation:
    """What a stack is being brought to, from `begun` on, `seconds` long."""

    verb: str
    begun: float
    seconds: float
    token: str

    @property
    def done(self) -> bool:
        return time.time() >= self.begun + self.seconds


@dataclass
class Stack:
    """One stack; `content` is what it has, or is being brought to."""

    name: str
    stack_id: str
    created: float
    content: Content | None = None
    operation: Operation | None = None
    history: list[Operation] = field(default_factory=list)
    protected: bool = False
    policy: str = ""

    @property
    def status(self) -> str:
        if self.operation is None:
            return "REVIEW_IN_PROGRESS"
        return f"{self.operation.verb}_{'COMPLETE' if self.operation.done else 'IN_PROGRESS'}"

    @property
    def at_rest(self) -> bool:
        return self.operation is None or self.operation.done

    def filled(self) -> Content:
        """Its content. Raises `RefusalError` where it has none yet."""
        if self.content is None:
            raise RefusalError("ValidationError", f"Stack {self.name} has no template")
        return self.content

    def bring_to(self, content: Content, verb: str, seconds: float, token: str) -> None:
        """Begin an operation."""
        self.content = content
        self.operation = Operation(verb, time.time(), seconds, token)
        self.history.append(self.operation)


@dataclass
class ChangeSet:
    """A change set, ready at `ready`."""

    arn: str
    name: str
    stack: Stack
    kind: str
    content: Content
    ready: float
    executed: bool = False

    def called(self, name: str, stack: str | None) -> bool:
        """Whether it is the change set of that ARN, or of that name and the stack's name or ARN."""
        return name == self.arn or (
            name == self.name and stack in (self.stack.name, self.stack.stack_id)
        )
