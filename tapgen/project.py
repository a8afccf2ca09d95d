"""The project that tapgen works on: its folder, its environments, its platform."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, cast

from tapgen.model.platform import Platform, load

# What a project that names none has; no other module of the engine knows a platform by name.
DEFAULT_PLATFORM: Final = "tapgen.payments.platform:PLATFORM"


@dataclass(frozen=True)
class Project:
    """A folder with environments of one platform, named "package.module:NAME".

    `envs` holds the settings, relative to the working directory or absolute.
    """

    folder: Path
    envs: Path = Path("envs")
    platform_name: str = DEFAULT_PLATFORM

    @cached_property
    def platform(self) -> Platform:
        """The platform. Raises `TapgenError` where it cannot be imported."""
        return cast("Platform", load(self.platform_name, "the project's platform"))
