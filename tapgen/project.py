"""The project that tapgen works on: folder, environments, platform, connection to AWS."""

from __future__ import annotations

import os
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.configuration import DEFAULT_PLATFORM, PLACEHOLDER, Configuration, find
from tapgen.errors import TapgenError, UsageError
from tapgen.model.layer import TEMPLATES_FOLDER
from tapgen.model.platform import NO_APPROVAL, NO_RECORD, Platform, load

if TYPE_CHECKING:
    from tapgen.aws.account import Connection
    from tapgen.aws.baseline.approval_key import ApprovalKey
    from tapgen.deploy.observe.checks import Address
    from tapgen.deploy.record.ledger import Ledger
    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws
    from tapgen.model.layer import Layer
    from tapgen.render.code.function_package import Code
    from tapgen.render.memory.store import Store
    from tapgen.render.rendering import Rendered
    from tapgen.settings.environment import Environment


def outputs_of(layer: Layer) -> Sequence[str]:
    """Names of the outputs in the layer's template; a builder needs troposphere."""
    from tapgen.render.sources.drafts import draft_of

    return draft_of(layer).outputs


@dataclass(frozen=True, kw_only=True)
class Project:
    """A folder with the environments of one platform, and how to reach AWS.

    `Project.find()` returns the project of the working folder, with its configuration.

    - `folder`: the folder of the project; the local AWS keeps its state in it.
    - `envs`: the folder with the settings, relative to the working directory or absolute.
    - `templates`: the folder with the rendered files, relative or absolute.
    - `prices`: the file with the project's own prices, relative or absolute; it need not exist.
    - `platform_name`: the platform, as "package.module:NAME".
    - `import_folders`: folders that are searched for the platform before installed packages.
    - `stages`: override those of the platform.
    - `profile`: AWS profile; `{env}` in it stands for the environment's name.
    - `local`: use the embedded local AWS, starting it if necessary.
    - `remember`: use the results of earlier runs, and keep those of this one.
    - `only_looks`: nothing is deployed from what is rendered. If a builder is broken, the template
      that the project has committed is used instead.
    - `configuration`: values that suggested commands need not repeat as options.
    - `named`: the folder as given by an option, which suggested commands have to repeat.
    - `express`, `role_arn`, `notification_arns`: override the settings of the environments.
    - `rollout`: how new versions take over in this run, a value of the setting that the platform's
      `rollout` names; it overrides those of the environments.
    - `reason`: why a run changes something, for its record. Without `record` no record is written,
      and without `approval` no approval is required; both need a reason.
    """

    folder: Path = field(default_factory=Path.cwd)
    envs: Path = Path("envs")
    templates: Path = Path(TEMPLATES_FOLDER)
    prices: Path = Path("prices.csv")
    platform_name: str = DEFAULT_PLATFORM
    import_folders: tuple[Path, ...] = ()
    stages: tuple[str, ...] = ()
    profile: str | None = None
    local: bool = False
    remember: bool = True
    only_looks: bool = False
    configuration: Configuration = field(default_factory=lambda: Configuration(Path.cwd()))
    named: Path | None = None
    express: bool = False
    role_arn: str | None = None
    notification_arns: tuple[str, ...] = ()
    rollout: str | None = None
    reason: str = ""
    record: bool = True
    approval: bool = True
    _loaded: dict[tuple[str, ...], tuple[Environment, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        """Raises `UsageError` if record or approvals are left out without a reason."""
        wanted = {
            "a record": (NO_RECORD, self.record),
            "approvals": (NO_APPROVAL, self.approval),
        }
        left_out = {what: option for what, (option, kept) in wanted.items() if not kept}
        if left_out and not self.reason.strip():
            raise UsageError(
                f"a run without {' and '.join(left_out)} needs a reason",
                f"Add a reason: {' '.join(left_out.values())} --reason TEXT.",
            )

    @property
    def unapproved(self) -> str:
        """The reason for running without approvals; "" if approvals are required."""
        return "" if self.approval else self.reason

    @classmethod
    def find(cls, folder: Path | None = None, **options: Any) -> Project:
        """The project in `folder`, or the one that the working folder is a part of.

        `options` are fields, which override its configuration. Raises `UsageError` if the folder
        does not exist, `ConfigurationFaults` with all faults of the configuration.
        """
        return cls.of(find(folder), **options)

    @classmethod
    def of(cls, configuration: Configuration, **options: Any) -> Project:
        """The project of a configuration; `options` are fields, which override it."""
        told = {
            "folder": configuration.folder,
            "envs": configuration.path("envs"),
            "templates": configuration.path("templates"),
            "prices": configuration.path("prices"),
            "platform_name": configuration["platform"],
            "import_folders": tuple(configuration.import_folders),
            "stages": tuple(configuration["stages"] or ()),
            "profile": configuration.profile,
        }
        given = {name: value for name, value in options.items() if value is not None}
        return cls(configuration=configuration, **{**told, **given})

    @cached_property
    def platform(self) -> Platform:
        """The platform. Raises `TapgenError` if it cannot be imported."""
        missing = [str(folder) for folder in self.import_folders if str(folder) not in sys.path]
        sys.path[:0] = missing
        platform = load(self.platform_name, "the project's platform")
        if not isinstance(platform, Platform):
            raise TapgenError(
                f"the project's platform: {self.platform_name!r} is not a Platform",
                'Name one as "package.module:NAME"; `tapgen config` shows where it is named.',
            )
        self._refuse_outside(platform)
        own: dict[str, Any] = {"stages": self.stages} if self.stages else {}
        if os.path.lexists(self.prices):
            own["prices"] = str(self.prices)
        return replace(platform, **own) if own else platform

    def _refuse_outside(self, platform: Platform) -> None:
        """Raise `TapgenError` if a template file is neither in the project nor in its package.

        A review of the project would not show its changes.
        """
        of_files = [layer for layer in platform.layers if layer.template]
        if not of_files:
            return
        from tapgen.render.packages import folders, template_file_of

        faults = []
        for layer in of_files:
            path = template_file_of(layer)
            inside = [self.folder, *map(Path, folders(layer.package.partition(".")[0]))]
            if path and not any(path.resolve().is_relative_to(one.resolve()) for one in inside):
                faults.append(f"the template of the layer {layer.name} is outside it: {path}")
        if faults:
            raise TapgenError(
                "\n".join(f"the project {self.folder}: {fault}" for fault in faults),
                "Move it into the project, or into the package of the platform: `template=` is "
                "the path from the folder of `package`.",
            )

    # --- files ------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Names of all environments."""
        from tapgen.settings.names import names

        return names(self.envs, self.platform.stages)

    def store(self) -> Store | None:
        """The store with results of earlier runs; None if it is not to be used."""
        from tapgen.render.memory.store import user_store

        return user_store() if self.remember else None

    def environments(self, chosen: Sequence[str] = ()) -> tuple[Environment, ...]:
        """The chosen environments, or all if none is chosen; read once.

        Raises `EnvironmentFaults` with all faults, `UsageError` for one that does not exist.
        """
        from tapgen.settings.store import load_all

        names = tuple(dict.fromkeys(chosen))
        if names not in self._loaded:
            wanted = list(names) or None
            self._loaded[names] = load_all(self.envs, self.platform, wanted, self._outputs_of)
        return self._loaded[names]

    def refuse_without_layers(self) -> None:
        """Raise `TapgenError` if nothing can be rendered: all files would count as obsolete."""
        if not self.platform.layers:
            raise TapgenError(
                f"the platform {self.platform.name} has no layers, so there is nothing to render",
                "Name one in its `layers`; `tapgen init --platform empty DIR` writes an example.",
            )

    def rendered(self, environments: Iterable[Environment], code: Code | None = None) -> Rendered:
        """The templates and the stacks of the environments.

        Raises `TapgenError` if the platform has no layers.
        """
        self.refuse_without_layers()
        from tapgen.render.rendering import render

        fallback = self.templates if self.only_looks else None
        store = self.store()
        return render(self.platform, environments, code=code, store=store, fallback=fallback)

    def looking(self) -> Project:
        """The same project for a command that does not deploy; see `only_looks`."""
        return replace(self, only_looks=True)

    def _outputs_of(self, layer: Layer) -> Sequence[str]:
        """Like `outputs_of`, with the committed template as a fallback if `only_looks`."""
        from tapgen.render.sources.draft import BrokenLayerError
        from tapgen.render.sources.drafts import committed

        try:
            return outputs_of(layer)
        except BrokenLayerError:
            template = committed(layer, self.templates) if self.only_looks else None
            if template is None:
                raise
            return tuple(template.outputs)

    # --- AWS --------------------------------------------------------------------------------------

    def target(self, name: str) -> Target:
        """One environment with its account."""
        return self.targets([name])[0]

    def targets(self, names: Sequence[str]) -> list[Target]:
        """Environments with their accounts; clients are shared if possible."""
        from tapgen.aws.accounts import Accounts
        from tapgen.deploy.target.options import Options, recorded_as, refuse_express
        from tapgen.deploy.target.target import Target

        environments = tuple(map(self._rolled_out, self.environments(names)))
        rendered = self.rendered(environments)
        lives = Counter(environment.account_id for environment in environments)
        accounts = Accounts(busy=[account for account, count in lives.items() if count > 1])
        options = {
            environment.name: Options.of(environment).overridden(
                express=self.express,
                role_arn=self.role_arn,
                notification_arns=self.notification_arns,
                rollout=self.rollout,
                recorded=recorded_as(self.reason, record=self.record, approval=self.approval),
            )
            for environment in environments
        }
        refuse_express((options[one.name], one) for one in environments)
        places = {environment.name: environment.sources for environment in environments}
        opened: dict[str, Target] = {}
        for name, option in options.items():
            opened[name] = Target.of(
                self.platform,
                rendered.stacks[name],
                rendered.code,
                self.connection(name),
                self.suffix,
                lambda other: opened.get(other) or self.other(other),
                accounts,
                option,
                places[name],
                self.files,
            )
        for target in opened.values():  # in this thread: signing in may ask the user something
            target.account.sign_in()
        return list(opened.values())

    def other(self, name: str, profile: str | None = None) -> Target:
        """Another environment in addition to the current one, with its own profile."""
        # Options of the deployment do not apply to it.
        profile = profile or self.profile
        return replace(self, profile=profile, express=False, rollout=None).target(name)

    def as_planned(self, rollout: str | None) -> Project:
        """The same project for a plan that was made with this `rollout`.

        A different given one stays: the plan is then out of date, and says why.
        """
        return replace(self, rollout=rollout) if rollout and self.rollout is None else self

    def _rolled_out(self, environment: Environment) -> Environment:
        """The environment with this run's `--rollout` in place of the setting's value.

        Raises `UsageError` if the platform has no such setting, or the setting no such value.
        """
        if self.rollout is None:
            return environment
        setting = self.platform.rollout
        choices = environment.fields[setting].choices if setting else ()
        if self.rollout not in choices:
            raise UsageError(
                f"--rollout {self.rollout}: the platform {self.platform.name} has no such value",
                f"{setting} accepts {', '.join(map(str, choices))}."
                if choices
                else "Leave out --rollout: the Platform names no setting as its `rollout`.",
            )
        return environment.replaced(setting, self.rollout)

    def connection(self, environment: str) -> Connection:
        """How the environment's account is reached."""
        from tapgen.aws.account import Connection

        profile = self.profile and self.profile.replace(PLACEHOLDER, environment)
        if self.local:
            local = self.local_aws()
            # The caller matters only if the local AWS enforces IAM.
            profile = profile if local.enforces_iam else None
            return Connection(profile=profile, endpoint_url=local.endpoint_url, local=True)
        return Connection(profile=profile)

    def local_aws(self) -> LocalAws:
        """The project's local AWS, started if necessary."""
        from tapgen.local.client import start

        return start(self.folder)

    def ledger(self, target: Target) -> Ledger:
        """The ledger of an environment's releases.

        It is the bucket that the settings name, or a folder of the project. The ledger of the local
        AWS is deleted with it.
        """
        from tapgen.aws.ledger.bucket import LedgerBucket
        from tapgen.deploy.record.ledger import Ledger
        from tapgen.deploy.record.places import Folder, Place

        account = target.account
        place: Place
        if target.options.ledger:
            place = LedgerBucket(account, target.home_region, target.options.ledger)
        elif self.local:
            from tapgen.local.client import ledger_folder

            place = Folder(ledger_folder(self.local_aws()) / account.account_id)
        else:
            place = Folder(self.folder / ".tapgen" / "ledger" / account.account_id)
        return Ledger(place, target.home_region, target.prefix)

    def approval_key(self, target: Target) -> ApprovalKey:
        """The key that approvals of an environment's plans are signed with."""
        from tapgen.aws.baseline.approval_key import ApprovalKey

        return ApprovalKey(target.account, target.home_region, target.prefix)

    @property
    def address(self) -> Address:
        """Where a deployed URL is served: at its own address, or by the local AWS."""
        if not self.local:
            return lambda url: (url, {})
        from tapgen.local.client import api_url

        local = self.local_aws()
        return lambda url: api_url(local, url)

    @property
    def suffix(self) -> str:
        """Options to repeat in a suggested command: how this run reached project and AWS."""
        if self.local:
            return f"{self.files} --local"
        if self.profile in {None, os.environ.get("AWS_PROFILE"), self.configuration.profile}:
            return self.files
        return f"{self.files} --profile {shlex.quote(str(self.profile))}"

    @property
    def files(self) -> str:
        """Those of the options that say where the files are; other commands have no others."""
        parts = []
        if self.named is not None:
            parts.append(f" --project {shlex.quote(str(self.named))}")
        if self.envs != self.configuration.path("envs"):
            parts.append(f" --envs-dir {shlex.quote(str(self.envs))}")
        return "".join(parts)
