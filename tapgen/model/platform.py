"""A platform as one value: everything that is not part of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final, NamedTuple

from tapgen.errors import NO_FILES, TapgenError
from tapgen.model.layer import Layer, OutputRef
from tapgen.model.parts.declared import (
    OPTIONAL_TEXT,
    SOME_TEXT,
    TEXT,
    TEXT_BY_NAME,
    TEXTS,
    Kind,
    Part,
    a,
    listing,
    mapping,
    misfits,
    repeated,
    shown,
)
from tapgen.model.parts.places import place_in, place_of_maker, spelled
from tapgen.model.parts.running import aside

# The default endings of functions' files: code and data.
FUNCTION_FILES: Final = (".py", ".pyi", "py.typed", ".json")
ALLOW_COST: Final = "--allow-cost"
NO_APPROVAL: Final = "--no-approval"
"""The option to deploy without approvals; it needs a reason, which the record contains."""
NO_RECORD: Final = "--no-record"
ALLOW_UNPROTECT: Final = "--allow-unprotect"
# Options that override the engine's own guards, each with its help. `--allow-replacement` is not
# among them, because it names resources.
ENGINE_GUARD_OPTIONS: Final[Mapping[str, str]] = {
    ALLOW_COST: "Allow an environment to cost more than its `cost.monthly_limit`.",
    ALLOW_UNPROTECT: "Allow `protection` to be switched off for a protected environment.",
}


class OwnCommand(NamedTuple):
    """A click command as "package.module:NAME", and its line in `tapgen --help`.

    The line is shown without importing the command.
    """

    reference: str
    summary: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Platform:
    """Everything that the engine has to know about a platform.

    Parts that take time to import are named, "package.module:NAME", and imported when a command
    needs them: `part` returns them. A part that is not named does not exist.

    - `layers`: in reading order; the graph follows from their inputs.
    - `settings`: the struct of its settings, a subclass of `tapgen.settings.base.Settings`.
    - `checks`: rules between settings, a `tapgen.settings.checks.rules.Checks`.
    - `rules`: its lint rules, a `tapgen.review.lint.rules.rule.Rules`.
    - `guards`: checks that can refuse a change before it is made, a tuple of
      `tapgen.deploy.guards.guard.Guard`; `guard_options` are the options of the command line that
      override some of them, each with its help.
    - `hooks`: functions that are called before and after a layer is deployed, a tuple of
      `tapgen.deploy.hooks.hook.Hook`.
    - `commands`: name -> a command of its own.
    - `copy_options`: options of `tapgen env new`, each with its help; `checks` has the settings for
      them.
    - `live_checks`: how `tapgen verify` calls what is deployed, a
      `tapgen.deploy.observe.checks.LiveChecks`.
    - `costs`: the quantities of its resource types, in addition to those that the engine counts, a
      mapping of types to a `tapgen.review.cost.quantities.Counting`.
    - `prices`: the file with the prices of the project, which override those that come with tapgen;
      the project's configuration names it.
    - `functions`: the package whose files are the code of its functions; `function_files` are the
      endings of names that belong to it, and anything else in its folder is refused.
    - `stages`: environments in the order of promotion; sizes never decrease from one to the next.
    - `tags`: tag -> the setting that fills it, in addition to the engine's own tags.
    - `identity`: settings whose values belong to one environment only, in addition to its name and
      prefix: no template may contain one.
    - `examples`: end of an input's name -> a value of that kind, tried before the engine's own (see
      `tapgen.render.examples`). "{region}" and "{account}" stand for those of the stack.
    - `artifacts`: the output that names the bucket for function code and large templates.
    - `rollout`: the setting, with few values, for how traffic is shifted to new versions;
      `--rollout` replaces its value for one run.
    - `rollback_alarms`: (layer, logical id) of the alarms that roll an update back. A stack has at
      most five triggers (RollbackTriggers in the CloudFormation API).
    """

    name: str
    layers: tuple[Layer, ...]
    settings: str = "tapgen.settings.base:Settings"
    checks: str = ""
    rules: str = ""
    guards: str = ""
    guard_options: Mapping[str, str] = field(default_factory=dict)
    hooks: str = ""
    commands: Mapping[str, OwnCommand] = field(default_factory=dict)
    copy_options: Mapping[str, str] = field(default_factory=dict)
    live_checks: str = ""
    costs: str = ""
    prices: str = ""
    functions: str = ""
    function_files: tuple[str, ...] = FUNCTION_FILES
    stages: tuple[str, ...] = ("dev", "staging", "prod")
    tags: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[str, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)
    artifacts: OutputRef | None = None
    rollout: str = ""
    rollback_alarms: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Raises `TapgenError` with all faults of the declaration."""
        faults = list(_faults_of(self))
        if faults:
            place = spelled(place_of_maker())
            raise TapgenError(
                "\n".join(f"{place}: the platform {self.name}: {one}" for one in faults),
                "Correct the Platform; its docstring describes each field.",
            )

    def part(self, name: str, kind: type | Kind = object, *, several: bool = False) -> Any:
        """The object that the field `name` names; None if the platform has no such part.

        Raises `TapgenError` if it cannot be imported, or is not a `kind` (with `several`, a tuple
        of them), and with all faults of what it declares, see `Part`.
        """
        reference: str = getattr(self, name)
        if not reference:
            return None
        what = f"{name} of the platform {self.name}"
        found = load(reference, what)
        listed = isinstance(found, (tuple, list))
        each = (found if listed else (None,)) if several else (found,)
        wanted = kind if isinstance(kind, Kind) else a(kind)
        if not all(map(wanted.fits, each)):
            words = f"a tuple {wanted.words}" if several else wanted.words
            raise TapgenError(
                f"{what}: {reference!r} must be {words}",
                "The docstring of Platform describes it.",
            )
        _refuse_faulty(found if several else (found,), what)
        return found


def load(reference: str, what: str) -> Any:
    """Import "package.module:NAME". Raises `TapgenError`, which calls it `what`, if that fails."""
    module, _, attribute = reference.partition(":")
    try:
        with aside:
            found = import_module(module) if module else None
    except TapgenError:
        raise
    except (Exception, SystemExit) as error:
        if isinstance(error, OSError) and error.errno in NO_FILES:
            raise  # not a fault of the module
        missing = isinstance(error, ModuleNotFoundError) and f"{error.name}."
        if missing and f"{module}.".startswith(missing):
            raise _misnamed(reference, what, error) from error
        raise TapgenError(
            f"{what}: {reference!r} cannot be imported: {type(error).__name__}: {error}",
            f"Correct it: {place_in(error) or module}.",
        ) from error
    try:
        return getattr(found, attribute)
    except AttributeError as error:
        raise _misnamed(reference, what, error) from error


def _misnamed(reference: str, what: str, error: BaseException) -> TapgenError:
    return TapgenError(
        f"{what}: {reference!r} cannot be imported: {error}",
        'Write it as "package.module:NAME", with a name that the module defines.',
    )


def _refuse_faulty(parts: Iterable[object], what: str) -> None:
    """Raise `TapgenError` with all faults of what parts declare, names used twice too."""
    each = [part for part in parts if isinstance(part, Part)]
    faults = [f"{spelled(part.place)}: {part}: {one}" for part in each for one in part.faults()]
    faults += [f"{what}: {name} is declared twice" for name in repeated(map(str, each))]
    if faults:
        raise TapgenError("\n".join(faults), f"Correct the {what}.")


_PAIRS: Final = listing(
    "pairs (layer, logical id)",
    lambda one: listing("", TEXT.fits).fits(one) and len(one) == 2,  # noqa: PLR2004 - a pair
)
_FIELDS: Final[Mapping[str, Kind]] = {
    "name": SOME_TEXT,
    "layers": listing("Layers", lambda _: True),  # each has its own fault
    "settings": SOME_TEXT,
    **dict.fromkeys(("checks", "rules", "guards", "hooks", "live_checks", "costs"), TEXT),
    "prices": TEXT,
    "functions": TEXT,
    "guard_options": TEXT_BY_NAME,
    "commands": mapping("OwnCommands", lambda one: type(one) is OwnCommand),
    "copy_options": TEXT_BY_NAME,
    "function_files": TEXTS,
    "stages": TEXTS,
    "tags": TEXT_BY_NAME,
    "identity": TEXTS,
    "examples": TEXT_BY_NAME,
    "artifacts": a(OutputRef, optional=True),
    "rollout": TEXT,
    "rollback_alarms": _PAIRS,
}
_OF_LAYERS: Final[Mapping[str, Kind]] = {
    "summary": TEXT,
    "inputs": mapping("OutputRefs", lambda one: type(one) is OutputRef),
    "region": OPTIONAL_TEXT,
    "enabled_by": OPTIONAL_TEXT,
    "enabled_at": OPTIONAL_TEXT,
    "deadline": OPTIONAL_TEXT,
    "package": TEXT,
    "template": TEXT,
    "settings": mapping("names of settings", TEXT.fits),
}


def _faults_of(platform: Platform) -> Iterator[str]:
    """Yield the faults of a platform in words; every command checks."""
    wrong = [*misfits(platform, _FIELDS)]
    yield from wrong
    if wrong:
        return
    for name in repeated(platform.stages):
        yield f"`stages` has {name} twice"
    for name, command in platform.commands.items():
        if not (TEXT.fits(command.reference) and TEXT.fits(command.summary)):
            yield f"the command {name} is {tuple(command)}, but must be two texts"
    yield from _faults_of_layers(platform.layers)
    names = [layer.name for layer in platform.layers if type(layer) is Layer]
    referred = {layer: "rollback_alarms" for layer, _ in platform.rollback_alarms}
    if platform.artifacts:
        referred[platform.artifacts.layer] = "artifacts"
    for layer, where in referred.items():
        if layer not in names:
            yield f"`{where}` names the layer {layer}, which does not exist"


def _faults_of_layers(layers: Iterable[object]) -> Iterator[str]:
    """Yield the faults of layers. A name is part of the names of a stack, a file and a setting."""
    names = set()
    for layer in layers:
        if type(layer) is not Layer:
            yield f"`layers` has {shown(layer)}, which is not a Layer"
            continue
        name = layer.name
        if not (TEXT.fits(name) and name.isalnum() and name.isidentifier() and name.isascii()):
            yield f"the name of the layer {name!r} must be letters and digits, a letter first"
        elif name in names:
            yield f"the layer {name} is declared twice"
        names.add(name)
        yield from (f"the layer {name}: {one}" for one in misfits(layer, _OF_LAYERS))
