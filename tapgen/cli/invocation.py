"""The options of one run of tapgen, and the project that results from them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from tapgen.configuration import Configuration
    from tapgen.model.platform import Platform
    from tapgen.project import Project

NO_CACHE: Final = "TAPGEN_NO_CACHE"  # like `--no-cache`, for every command
PROJECT_OPTION: Final = "--project"
ENVS_OPTION: Final = "--envs-dir"
# Commands as messages suggest them. `tapgen init` is left out: it starts another project.
_SUGGESTED: Final = r"`(tapgen (?!init\b)[a-z][^`]*)`"


@dataclass
class Invocation:
    """The options that commands share. Nothing is loaded before a command needs it."""

    envs_dir: Path | None = None
    profile: str | None = None
    local: bool = False
    verbosity: int = 0
    no_cache: bool = False
    express: bool = False
    role_arn: str | None = None
    notification_arns: tuple[str, ...] = ()
    rollout: str | None = None
    reason: str = ""
    no_record: bool = False
    no_approval: bool = False
    project_folder: Path | None = None
    lifted: set[str] = field(default_factory=set)
    given: dict[str, str] = field(default_factory=dict)

    @cached_property
    def configuration(self) -> Configuration:
        """The project's configuration; no option of a command changes it."""
        from tapgen.configuration import find

        return find(self.project_folder)

    @property
    def knows_project(self) -> bool:
        """Whether the command has used the project's configuration."""
        return "configuration" in vars(self)

    @cached_property
    def platform(self) -> Platform:
        """The project's platform; no option changes it, so it can be used while they are read."""
        from tapgen.project import Project

        return Project.of(self.configuration).platform

    @cached_property
    def project(self) -> Project:
        """The project with the values of the options; available once all of them are read."""
        from tapgen.project import Project

        return Project.of(
            self.configuration,
            named=self.project_folder,
            envs=self.envs_dir,
            profile=self.profile,
            local=self.local,
            remember=not (self.no_cache or click.BOOL(os.environ.get(NO_CACHE) or "0")),
            express=self.express,
            role_arn=self.role_arn,
            notification_arns=self.notification_arns,
            rollout=self.rollout,
            reason=self.reason,
            record=not self.no_record,
            approval=not self.no_approval,
        )

    def complete(self, text: str) -> str:
        """The text, in which suggested commands repeat the options that say where the files are.

        Most messages are written where nobody knows those options.
        """
        if self.project_folder is None and self.envs_dir is None:
            return text
        from shlex import quote

        given = {PROJECT_OPTION: self.project_folder, ENVS_OPTION: self.envs_dir}
        options = {name: quote(str(value)) for name, value in given.items() if value is not None}

        def repeated(found: re.Match[str]) -> str:
            command = found[1]
            missing = [
                f"{name} {value}" for name, value in options.items() if name not in command.split()
            ]
            return f"`{' '.join([command, *missing])}`"

        return re.sub(_SUGGESTED, repeated, text)
