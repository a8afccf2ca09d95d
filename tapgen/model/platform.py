"""A platform as one value: all that the engine does not know by itself."""

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

# What files of functions are called, where a platform says nothing else: code and data.
FUNCTION_FILES: Final = (".py", ".pyi", "py.typed", ".json")
ALLOW_COST: Final = "--allow-cost"
NO_APPROVAL: Final = "--no-approval"
NO_RECORD: Final = "--no-record"
"""The option that does without approvals; it needs a reason, which stands in the record."""
ALLOW_UNPROTECT: Final = "--allow-unprotect"
# Options of the command line that let the engine's own guards pass, each with its help;
# `--allow-replacement`, which names what may be lost, is beside them.
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
    """What a team keeps alike in several accounts. The engine asks this value, and nothing else.

    Parts that take time to import are named, "package.module:NAME", and imported when a command
    needs them: `part` gives them. A part that is not named does not exist.

    - `layers`: in reading order; the graph follows from their inputs.
    - `settings`: the struct of its settings, a subclass of `tapgen.settings.base.Settings`.
    - `checks`: rules between settings, a `tapgen.settings.checks.rules.Checks`.
    - `rules`: its lint rules, a `tapgen.review.lint.rules.rule.Rules`.
    - `guards`: what refuses a change before it is made, a tuple of
      `tapgen.deploy.guards.guard.Guard`; `guard_options` are the options of the command line that
      let some of them pass, each with its help.
    - `hooks`: functions that are called before and after a layer is deployed, a tuple of
      `tapgen.deploy.hooks.hook.Hook`.
    - `commands`: name -> a command of its own.
    - `copy_options`: options of `tapgen env new`, each with its help; `checks` say which settings
      they give.
    - `live_checks`: how `tapgen verify` calls what is deployed, a
      `tapgen.deploy.observe.checks.LiveChecks`.
    - `costs`: how much of what its resource types take, beside those that the engine counts, a
      mapping of types to a `tapgen.review.cost.quantities.Counting`.
    - `prices`: the file with the prices of the project, which win over those that come with tapgen;
      the project's configuration names it.
    - `functions`: the package whose files are the code of its functions; `function_files` are the
      endings of names that belong to it, and anything else in its folder is refused.
    - `stages`: environments in the order of promotion; sizes never shrink along it.
    - `tags`: tag -> the setting that fills it, beside the engine's own tags.
    - `identity`: settings whose values belong to one environment only, beside its name and prefix:
      no template may have one baked in.
    - `examples`: end of an input's name -> a value of that kind, tried before the engine's own (see
      `tapgen.render.examples`). "{region}" and "{account}" stand for those of the stack.
    - `artifacts`: the output that names the bucket for function code and large templates.
    - `rollout`: the setting of few values that says how new versions take over; `--rollout` gives
      it another value for one run.
    - `rollback_alarms`: (layer, logical id) of the alarms that roll an update back. A stack takes
      five triggers at most (RollbackTriggers in the CloudFormation API).
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
        """Raises `TapgenError` with all that is wrong with what is declared."""
        faults = list(_faults_of(self))
        if faults:
            place = spelled(place_of_maker())
            raise TapgenError(
                "\n".join(f"{place}: the platform {self.name}: {one}" for one in faults),
                "Correct the Platform; its docstring says what each field holds.",
            )

    def part(self, name: str, kind: type | Kind = object, *, several: bool = False) -> Any:
        """The object that the field `name` names; None where the platform has no such part.

        Raises `TapgenError` where it cannot be imported, or is no `kind`, or with `several` is
        no tuple of them, and with all that is wrong with what it declares, see `Part`.
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
                f"{what}: {reference!r} has to be {words}",
                "The docstring of Platform says what it is.",
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
            raise  # that is no fault of the module
        missing = isinstance(error, ModuleNotFoundError) and f"{error.name}."
        if missing and f"{module}.".startswith(missing):
            raise _misnamed(reference, what, error) from error
        raise TapgenError(
            f"{what}: {reference!r} cannot be imported: {type(error).__name__}: {error}",
            f"Mend it: {place_in(error) or module}.",
        ) from error
    try:
        return getattr(found, attribute)
    except AttributeError as error:
        raise _misnamed(reference, what, error) from error


def _misnamed(reference: str, what: str, error: BaseException) -> TapgenError:
    return TapgenError(
        f"{what}: {reference!r} cannot be imported: {error}",
        'Write it as "package.module:NAME", the name of something that module defines.',
    )


def _refuse_faulty(parts: Iterable[object], what: str) -> None:
    """Raise `TapgenError` with all that is wrong with what parts declare.

    Parts of which there are several are called something, each by another name.
    """
    each = [part for part in parts if isinstance(part, Part)]
    faults = [f"{spelled(part.place)}: {part}: {one}" for part in each for one in part.faults()]
    faults += [f"{what}: {name} is there twice" for name in repeated(map(str, each))]
    if faults:
        raise TapgenError("\n".join(faults), f"Correct the {what}.")


_PAIRS: Final = listing(
    "pairs (layer, logical id)",
    lambda one: listing("", TEXT.fits).fits(one) and len(one) == 2,  # noqa: PLR2004 - a pair
)
_FIELDS: Final[Mapping[str, Kind]] = {
    "name": SOME_TEXT,
    "layers": listing("Layers", lambda _: True),  # each is told by itself
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
    """What is wrong with a platform, each in words; every command asks."""
    wrong = [*misfits(platform, _FIELDS)]
    yield from wrong
    if wrong:
        return
    for name in repeated(platform.stages):
        yield f"`stages` has {name} twice"
    for name, command in platform.commands.items():
        if not (TEXT.fits(command.reference) and TEXT.fits(command.summary)):
            yield f"the command {name} is {tuple(command)}, and has to be two texts"
    yield from _faults_of_layers(platform.layers)
    names = [layer.name for layer in platform.layers if type(layer) is Layer]
    referred = {layer: "rollback_alarms" for layer, _ in platform.rollback_alarms}
    if platform.artifacts:
        referred[platform.artifacts.layer] = "artifacts"
    for layer, where in referred.items():
        if layer not in names:
            yield f"`{where}` names the layer {layer}, which there is not"


def _faults_of_layers(layers: Iterable[object]) -> Iterator[str]:
    """A layer's name is part of its stack's, of a file's and of a setting's."""
    names = set()
    for layer in layers:
        if type(layer) is not Layer:
            yield f"`layers` has {shown(layer)}, which is not a Layer"
            continue
        name = layer.name
        if not (TEXT.fits(name) and name.isalnum() and name.isidentifier() and name.isascii()):
            yield f"the layer {name!r} is not called by letters and digits, a letter first"
        elif name in names:
            yield f"the layer {name} is there twice"
        names.add(name)
        yield from (f"the layer {name}: {one}" for one in misfits(layer, _OF_LAYERS))
