"""What the options of one run of tapgen say, and the project that follows from them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

import click

from tapgen.model.platform import Platform
from tapgen.project import Project

NO_CACHE: Final = "TAPGEN_NO_CACHE"  # what `--no-cache` says, for every command


@dataclass
class Invocation:
    """The options that commands share. Nothing is loaded before a command asks for it."""

    envs_dir: Path = Path("envs")
    profile: str | None = None
    local: bool = False
    verbosity: int = 0
    no_cache: bool = False
    express: bool = False
    role_arn: str | None = None
    notification_arns: tuple[str, ...] = ()
    lifted: set[str] = field(default_factory=set)
    given: dict[str, str] = field(default_factory=dict)

    @property
    def platform(self) -> Platform:
        """The project's platform; no option changes it, so options may ask while they are read."""
        return Project(folder=Path.cwd()).platform

    @cached_property
    def project(self) -> Project:
        """The project in the working directory; asked for when all options are read."""
        return Project(
            folder=Path.cwd(),
            envs=self.envs_dir,
            profile=self.profile,
            local=self.local,
            remember=not (self.no_cache or click.BOOL(os.environ.get(NO_CACHE) or "0")),
            express=self.express,
            role_arn=self.role_arn,
            notification_arns=self.notification_arns,
        )
