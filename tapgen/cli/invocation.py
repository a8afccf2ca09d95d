"""What one run of tapgen was asked to work on, and how its parts are put together."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from tapgen.aws.account import Connection
    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws
    from tapgen.model.platform import Platform
    from tapgen.render.function_package import Code
    from tapgen.render.memory.store import Store
    from tapgen.render.rendering import Rendered
    from tapgen.settings.environment import Environment

# In the name of a profile it stands for the environment: each lives in an account of its own.
PLACEHOLDER: Final = "{env}"
NO_CACHE: Final = "TAPGEN_NO_CACHE"  # what `--no-cache` says, for every command


@dataclass
class Invocation:
    """The shared options, and the values that commands ask for. Nothing is loaded before."""

    envs_dir: Path = Path("envs")
    profile: str | None = None
    local: bool = False
    verbosity: int = 0
    no_cache: bool = False
    express: bool = False
    role_arn: str | None = None
    notification_arns: tuple[str, ...] = ()
    _loaded: dict[tuple[str, ...], tuple[Environment, ...]] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        """The folder that tapgen runs in; the local AWS keeps its state below it."""
        return Path.cwd()

    @property
    def platform(self) -> Platform:
        """The project's platform."""
        from tapgen.project import Project

        return Project(self.project).platform

    def names(self) -> list[str]:
        """Names of all environments."""
        from tapgen.settings.names import names

        return names(self.envs_dir)

    def store(self) -> Store | None:
        """Where earlier runs left their answers; None where they are not wanted."""
        from tapgen.render.memory.store import user_store

        unwanted = self.no_cache or click.BOOL(os.environ.get(NO_CACHE) or "0")
        return None if unwanted else user_store()

    def environments(self, chosen: Sequence[str]) -> tuple[Environment, ...]:
        """The chosen environments, all when none is chosen; read once in a run."""
        from tapgen.settings.store import load_all

        names = tuple(dict.fromkeys(chosen))
        if names not in self._loaded:
            self._loaded[names] = load_all(self.envs_dir, list(names) or None)
        return self._loaded[names]

    def rendered(self, environments: Iterable[Environment], code: Code | None = None) -> Rendered:
        """The templates and the stacks of the environments."""
        from tapgen.render.rendering import render

        return render(self.platform, environments, code=code, store=self.store())

    def target(self, name: str) -> Target:
        """One environment with the account it lives in."""
        return self.targets([name])[0]

    def targets(self, names: Sequence[str]) -> list[Target]:
        """Environments with the accounts they live in; clients are shared where they can be."""
        from tapgen.aws.accounts import Accounts
        from tapgen.deploy.target.options import Options, refuse_express
        from tapgen.deploy.target.target import Target

        environments = self.environments(names)
        rendered = self.rendered(environments)
        lives = Counter(environment.account_id for environment in environments)
        accounts = Accounts(busy=[account for account, count in lives.items() if count > 1])
        opened: dict[str, Target] = {}
        for environment in environments:
            name = environment.name
            opened[name] = target = Target(
                rendered.stacks[name],
                rendered.code,
                self.connection(name),
                self.command_suffix,
                lambda other: opened.get(other) or self.other(other),
                accounts,
            )
            target.options = Options.of(environment).overridden(
                express=self.express,
                role_arn=self.role_arn,
                notification_arns=self.notification_arns,
            )
        refuse_express((opened[one.name].options, one) for one in environments)
        return list(opened.values())

    def other(self, name: str, profile: str | None = None) -> Target:
        """Another environment beside the one that is worked on, with a profile of its own."""
        # An option of the deployment is none of the other's.
        return replace(self, profile=profile or self.profile, express=False).target(name)

    def connection(self, environment: str) -> Connection:
        """How the environment's account is reached: `{env}` in the profile stands for its name.

        `--local` starts the local AWS where it does not run yet.
        """
        from tapgen.aws.account import Connection

        profile = self.profile and self.profile.replace(PLACEHOLDER, environment)
        if self.local:
            local = self.local_aws()
            # Who is calling makes a difference only where the local AWS looks at it.
            profile = profile if local.enforces_iam else None
            return Connection(profile=profile, endpoint_url=local.endpoint_url, local=True)
        return Connection(profile=profile)

    def local_aws(self) -> LocalAws:
        """The project's local AWS, started if need be."""
        from tapgen.local.client import start

        return start(self.project)

    @property
    def command_suffix(self) -> str:
        """Options to repeat in a command that is suggested: how AWS was reached this time."""
        parts = []
        if self.envs_dir != Path("envs"):
            parts.append(f"--envs-dir {shlex.quote(str(self.envs_dir))}")
        if self.local:
            parts.append("--local")
        elif self.profile and self.profile != os.environ.get("AWS_PROFILE"):
            parts.append(f"--profile {shlex.quote(self.profile)}")
        return "".join(f" {part}" for part in parts)
