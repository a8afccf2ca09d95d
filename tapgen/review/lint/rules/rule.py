"""Rules as values, and the few ways in which their checks read a template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, ClassVar, Final, Generic, TypeVar, get_args

from tapgen.model.parts.declared import SOME_TEXT, Kind, Part, takes
from tapgen.model.stack import Stack
from tapgen.model.templates.positions import Path
from tapgen.model.templates.template import Template
from tapgen.review.lint.findings import Severity
from tapgen.review.lint.rule_ids import OWN

Subject = TypeVar("Subject")

# The sections of a template that AWS acts upon; metadata and descriptions are for people.
EFFECTIVE_SECTIONS: Final = ("Conditions", "Mappings", "Outputs", "Resources")
_FOR_PEOPLE: Final = frozenset({"Description", "Metadata"})


@dataclass(frozen=True, slots=True)
class Problem:
    """An objection of a rule: where in the template, and why."""

    path: Path
    message: str

    @property
    def is_sound(self) -> bool:
        """Whether path and message have the types that make a finding of them."""
        steps = all(isinstance(step, str | int) for step in self.path)
        return steps and isinstance(self.path, tuple) and isinstance(self.message, str)


@dataclass(frozen=True)
class Placement:
    """A stack, and all stacks of its environment by layer."""

    stack: Stack
    siblings: Mapping[str, Stack]


Problems = Iterator[Problem]


@dataclass(frozen=True)
class Rule(Part, Generic[Subject]):
    """A rule: id `T0xx`, short name (as in `Accepted`), and the check.

    The first line of the check's docstring states the requirement.
    """

    kinds: ClassVar = {
        "id": SOME_TEXT,
        "name": Kind(
            "lower-case words with hyphens between",
            lambda name: isinstance(name, str) and bool(OWN.fullmatch(name)),
        ),
        "check": takes(1),
        "severity": Kind(
            f"one of {', '.join(get_args(Severity))}", get_args(Severity).__contains__
        ),
    }

    id: str
    name: str
    check: Callable[[Subject], Problems]
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"the rule {self.id} ({self.name})"

    @property
    def summary(self) -> str:
        """The requirement, in one sentence."""
        function = self.check.func if isinstance(self.check, partial) else self.check
        return (function.__doc__ or "").partition("\n")[0]


@dataclass(frozen=True)
class Rules:
    """Rules that check each template once, and rules that check each stack.

    There is a stack for each layer in each environment. The ids and names of a platform's rules
    differ from those of the engine's.
    """

    templates: tuple[Rule[Template], ...] = ()
    stacks: tuple[Rule[Placement], ...] = ()


def nodes(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Path, Any]]:
    """Yield path and value of everything at and below `value`, except what is for people."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in _FOR_PEOPLE:
                yield from nodes(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from nodes(item, (*path, index))


@lru_cache(maxsize=32)
def effective_nodes(template: Template) -> tuple[tuple[Path, Any], ...]:
    """Path and value of everything that AWS acts upon; cached, because every rule needs it."""
    return tuple(
        node
        for section in EFFECTIVE_SECTIONS
        for node in nodes(template.document.get(section, {}), (section,))
    )


def literals(template: Template) -> Iterator[tuple[Path, str]]:
    """Yield path and text of every string that AWS acts upon."""
    for path, value in effective_nodes(template):
        if isinstance(value, str):
            yield path, value


def resources(template: Template, type_: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield path and properties of the resources of a type."""
    for name, resource in template.resources.items():
        if resource["Type"] == type_:
            yield ("Resources", name), resource.get("Properties", {})


def listed(value: Any) -> list[Any]:
    """A list as it is, any other value as a list of one."""
    return value if isinstance(value, list) else [value]


def allow_statements(template: Template) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield path and content of every policy statement that allows something."""
    for path, value in effective_nodes(template):
        if isinstance(value, dict) and value.get("Effect") == "Allow":
            yield path, value
