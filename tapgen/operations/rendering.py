"""Render: writing templates and stack files, or telling how they differ."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.errors import UsageError
from tapgen.project import Project
from tapgen.render.remembered import Counts, Rendering

if TYPE_CHECKING:
    from tapgen.render.rendering import FileChange


@dataclass(frozen=True)
class Written:
    """How much was rendered, and the files that were not as rendered before."""

    counts: Counts
    changes: tuple[FileChange, ...] = ()


def render(
    project: Project,
    environments: Sequence[str] = (),
    *,
    out: Path | None = None,
    check: bool = False,
) -> Written:
    """Write the templates and the stack files of the environments.

    What has not changed since the last run is not rendered again, if the project remembers.

    - `project`: the project of the environments.
    - `environments`: names; all if empty.
    - `out`: the folder to write to, by default the project's. Files of layers and environments that
      no longer exist are deleted.
    - `check`: write nothing, only report how the files differ.

    Returns how much was rendered, and which files differed from it.

    Raises `EnvironmentFaults` if the settings are wrong, `UsageError` if `out` is their folder,
    `TapgenError` if a file cannot be written.
    """
    from tapgen.render.code.function_package import code_of

    out = out or project.templates
    _refuse_settings_folder(project, out)
    project.refuse_without_layers()
    code = code_of(project.platform)
    past = Rendering(project.store(), project.platform, project.envs, environments, code)
    counts = past.unchanged(out, project.names())
    if counts is not None:
        return Written(counts)
    from tapgen.render.rendering import file_changes, write

    rendered = project.rendered(project.environments(environments), code)
    changes = file_changes(rendered, out, project.names(), past.note)
    if not check:
        write(changes, out)
    return Written(past.keep(rendered), changes)


def _refuse_settings_folder(project: Project, out: Path) -> None:
    if os.path.realpath(out) == os.path.realpath(project.envs):
        raise UsageError(
            f"{out} holds the settings of the environments", "Name another folder with --templates."
        )


def render_resolved(project: Project, environments: Sequence[str], out: Path) -> None:
    """Write each environment's templates with their values filled in, for security scanners.

    - `project`: the project of the environments.
    - `environments`: names; all if empty.
    - `out`: the folder to write to.

    Raises `EnvironmentFaults` if the settings are wrong, `UsageError` if `out` is their folder,
    `TapgenError` if a file cannot be written.
    """
    from tapgen.render.resolved import write_resolved

    _refuse_settings_folder(project, out)
    write_resolved(project.rendered(project.environments(environments)), out)
