"""Checks that apply to any layers: settings and templates are valid, environments are the same."""

from __future__ import annotations

from tapgen import operations
from tapgen.project import Project
from tapgen.render.rendering import Rendered


def test_nothing_is_found_in_settings_templates_and_stacks(project: Project) -> None:
    assert [str(finding) for finding in operations.lint(project).findings] == []


def test_there_are_three_environments_of_the_same_layers(rendered: Rendered) -> None:
    names = ("dev", "staging", "prod")
    layers = [{stack.layer for stack in rendered.stacks[name]} for name in names]
    assert layers[0] == layers[1] == layers[2]


def test_environments_differ_only_in_what_may_vary(project: Project) -> None:
    assert operations.parity(project, [], declared=True).holds


def test_production_is_protected(project: Project) -> None:
    (prod,) = project.environments(["prod"])
    assert prod.protection
