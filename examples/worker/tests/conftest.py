"""Fixtures that the tests share: the project, and everything that it renders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tapgen.project import Project
from tapgen.render.rendering import Rendered


@pytest.fixture(scope="session")
def project() -> Project:
    """The project that contains this folder."""
    return Project.find(Path(__file__).parents[1])


@pytest.fixture(scope="session")
def rendered(project: Project) -> Rendered:
    """Its templates, and the stacks of every environment."""
    return project.rendered(project.environments())


@pytest.fixture(scope="session")
def resource(rendered: Rendered) -> Callable[[str, str], dict[str, Any]]:
    """`resource("layer", "LogicalId")`: a resource in the template of a layer."""

    def declared(layer: str, logical_id: str) -> dict[str, Any]:
        found: dict[str, Any] = rendered.templates[layer].document["Resources"][logical_id]
        return found

    return declared
