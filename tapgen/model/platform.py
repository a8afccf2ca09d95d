"""A platform as one value: all that the engine does not know by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final, NamedTuple

from tapgen.errors import NO_FILES, TapgenError
from tapgen.model.layer import Layer, OutputRef

# What files of functions are called, where a platform says nothing else: code and data.
FUNCTION_FILES: Final = (".py", ".pyi", "py.typed", ".json")
ALLOW_UNPROTECT: Final = "--allow-unprotect"
# Options of the command line that let the engine's own guards pass, each with its help;
# `--allow-replacement`, which names what may be lost, is beside them.
ENGINE_GUARD_OPTIONS: Final[Mapping[str, str]] = {
    ALLOW_UNPROTECT: "Let `protection` be switched off where an environment is protected now.",
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
    - `functions`: the package whose files are the code of its functions; `function_files` are the
      endings of names that belong to it, and anything else in its folder is refused.
    - `stages`: environments in the order of promotion; sizes never shrink along it.
    - `tags`: tag -> the setting that fills it, beside the engine's own tags.
    - `identity`: settings whose values belong to one environment only, beside its name and prefix:
      no template may have one baked in.
    - `examples`: end of an input's name -> a value of that kind, tried before the engine's own (see
      `tapgen.render.examples`). "{region}" and "{account}" stand for those of the stack.
    - `artifacts`: the output that names the bucket for function code and large templates.
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
    functions: str = ""
    function_files: tuple[str, ...] = FUNCTION_FILES
    stages: tuple[str, ...] = ("dev", "staging", "prod")
    tags: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[str, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)
    artifacts: OutputRef | None = None
    rollback_alarms: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Raises `TapgenError` with all that is wrong with the layers."""
        faults = list(_faults_of(self.layers))
        if faults:
            raise TapgenError(
                "\n".join(f"layers of the platform {self.name}: {one}" for one in faults),
                "Correct the `layers` of the Platform.",
            )

    @property
    def sources(self) -> dict[str, str]:
        """Layer -> path of its builder module, as findings in what it makes name it.

        Those about a template file are in that file.
        """
        return {layer.name: layer.source for layer in self.layers if not layer.template}

    def part(self, name: str, kind: type = object, *, several: bool = False) -> Any:
        """The object that the field `name` names; None where the platform has no such part.

        Raises `TapgenError` where it cannot be imported, or is no `kind`, or with `several` is
        no tuple of them.
        """
        reference: str = getattr(self, name)
        if not reference:
            return None
        what = f"{name} of the platform {self.name}"
        found = load(reference, what)
        listed = isinstance(found, (tuple, list))
        each = (found if listed else (None,)) if several else (found,)
        if not all(isinstance(one, kind) for one in each):
            wanted = f"a tuple of {kind.__name__}" if several else f"a {kind.__name__}"
            raise TapgenError(
                f"{what}: {reference!r} is not {wanted}",
                f"Name {wanted} of {kind.__module__}.",
            )
        return found


def load(reference: str, what: str) -> Any:
    """Import "package.module:NAME". Raises `TapgenError`, which calls it `what`, if that fails."""
    module, _, attribute = reference.partition(":")
    try:
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
            f"Mend it: `python -c 'import {module}'` shows where that comes from.",
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


def _faults_of(layers: Iterable[object]) -> Iterator[str]:
    """A layer's name is part of its stack's, of a file's and of a setting's."""
    names = set()
    for layer in layers:
        if type(layer) is not Layer:
            yield f"{layer!r} is no Layer"
            continue
        name, inputs, settings = layer.name, layer.inputs, layer.settings
        if not (name.isalnum() and name.isidentifier() and name.isascii()):
            yield f"{name!r} is not letters and digits, a letter first"
        if name in names:
            yield f"{name!r} is there twice"
        names.add(name)
        # Every command does this, so kinds are compared as sets, with few calls.
        if inputs and {*map(type, inputs.values())} != {OutputRef}:
            yield f"{name}: not all `inputs` are an OutputRef: {dict(inputs)}"
        if settings and {*map(type, settings.values())} != {str}:
            yield f"{name}: not all `settings` are names of settings: {dict(settings)}"
