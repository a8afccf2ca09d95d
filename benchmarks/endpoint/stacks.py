"""Stacks and change sets: their content, and their state as time passes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

import yaml

Parameters = Mapping[str, Any]
# Reads the template at a URL. Raises `RefusalError`.
Fetch = Callable[[str], str]

# Bytes of a template in a request (CloudFormation quotas).
_LARGEST_BODY: Final = 51_200


class RefusalError(Exception):
    """AWS's refusal: a code and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Content:
    """The content of a stack."""

    template: str
    parameters: dict[str, str]
    tags: dict[str, str]
    document: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.document = _parsed(self.template)

    @classmethod
    def of(cls, asked: Parameters, before: Content | None, fetch: Fetch) -> Self:
        """The content that a call requests. `before` is the current content.

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
        """The parameters, with defaults for missing values."""
        declared = self.document.get("Parameters", {})
        defaults = {name: d["Default"] for name, d in declared.items() if "Default" in d}
        return defaults | self.parameters

    def same_as(self, other: Content) -> bool:
        """Whether an update from one to the other changes nothing; a description does not count."""
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
    """Parse JSON or YAML. JSON is also YAML, but the JSON parser takes a tenth of the time."""
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
    """An operation on a stack: its target, its start, and its duration in seconds."""

    verb: str
    begun: float
    seconds: float
    token: str

    @property
    def done(self) -> bool:
        return time.time() >= self.begun + self.seconds


@dataclass
class Stack:
    """One stack. `content` is its current content, or that of the operation in progress."""

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
        """Its content. Raises `RefusalError` if it has none yet."""
        if self.content is None:
            raise RefusalError("ValidationError", f"Stack {self.name} has no template")
        return self.content

    def bring_to(self, content: Content, verb: str, seconds: float, token: str) -> None:
        """Start an operation."""
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
        """Whether it has this ARN, or this name and the stack's name or ARN."""
        return name == self.arn or (
            name == self.name and stack in (self.stack.name, self.stack.stack_id)
        )
