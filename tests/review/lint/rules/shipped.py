"""Mutations of shipped templates, so that a rule which looks past them would be noticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problems

Mutation = Callable[[dict[str, Any]], object]
Check = Callable[[Template], Problems]


def properties(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["Resources"][name]["Properties"]
    return found


def setting(name: str, *path: Any, to: Any) -> Mutation:
    """Change a property of a resource of a template."""

    def mutate(document: dict[str, Any]) -> None:
        *way, last = path
        place: Any = properties(document, name)
        for step in way:
            place = place[step]
        place[last] = to

    return mutate


def without(name: str, *path: Any) -> Mutation:
    """Take a property away from a resource of a template."""

    def mutate(document: dict[str, Any]) -> None:
        *way, last = path
        place: Any = properties(document, name)
        for step in way:
            place = place[step]
        del place[last]

    return mutate


def removing(name: str) -> Mutation:
    """Take a resource out of a template."""
    return lambda document: document["Resources"].pop(name)


def adding(type_: str, **given: Any) -> Mutation:
    """Put a resource called New into a template."""
    return lambda document: document["Resources"].update(New={"Type": type_, "Properties": given})


def mutated(of: Template, mutate: Mutation) -> Template:
    document = deepcopy(of.document)
    mutate(document)
    return Template(of.layer, json.dumps(document))


def assert_found(check: Check, of: Template, mutate: Mutation) -> None:
    """The rule finds one thing more in the template once it is broken."""
    before = len([*check(of)])  # what is accepted on the resource is taken out later
    after = [*check(mutated(of, mutate))]
    assert len(after) == before + 1
    assert all(problem.path[:1] in {("Resources",), ("Outputs",)} for problem in after)
