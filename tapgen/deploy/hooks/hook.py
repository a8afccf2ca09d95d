"""Hooks: their declaration, the hooks of a layer, and those that a plan shows."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Final, cast

from tapgen.deploy.target.run import Run
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.parts.declared import SECONDS, SOME_TEXT, TEXTS, Part, takes
from tapgen.model.parts.places import spelled
from tapgen.model.plan import Blocked, NoChange, Plan, PlannedHook
from tapgen.settings.faults import guess


@dataclass(frozen=True)
class HookSubject:
    """The argument of a hook: one layer of one environment.

    - `outputs`: the stack's current outputs, before the deployment the old ones (none if there is
      no stack), afterwards the new ones.
    - `others`: returns the outputs of another layer.
    - `client`: creates a boto3 client for the environment's account, with the run's credentials, in
      the stack's region or in another one: `subject.client("rds-data")`. It works in the local AWS,
      too.
    - `note`: shows a line about the layer.
    - `stopped`: returns whether Ctrl-C was pressed. A hook that takes long should check it, and
      end.
    """

    environment: str
    layer: str
    account_id: str
    region: str
    stack: str
    client: Callable[..., Any] = field(repr=False)
    others: Callable[[str], Mapping[str, str]] = field(repr=False)
    note: Callable[[str], None] = field(repr=False)
    stopped: Callable[[], bool] = field(repr=False)
    outputs: Mapping[str, str] = field(default_factory=dict)


WHEN: Final = ("before", "after")
Called = Callable[[HookSubject], object]


@dataclass(frozen=True, kw_only=True)
class Hook(Part):
    """A function before, after or around the deployment of layers.

    It is called only for a layer in `layers` whose stack is created or updated. If `before` raises
    an error, the layer is not deployed. If `after` raises an error, the stack stays as it is, the
    layer fails, and the next deployment calls `after` again. An `after` must therefore be safe to
    call twice. `seconds` is the time limit of each call.
    """

    kinds: ClassVar = {
        "name": SOME_TEXT,
        "layers": TEXTS,
        **dict.fromkeys(WHEN, takes(1, optional=True)),
        "seconds": SECONDS,
    }

    name: str
    layers: tuple[str, ...]
    before: Called | None = None
    after: Called | None = None
    seconds: float = 60.0

    def __str__(self) -> str:
        return f"the hook {self.name}"

    def faults(self) -> Iterator[str]:
        """Its faults, in words."""
        yield from super().faults()
        if not (self.layers and (self.before or self.after)):
            yield "it is never called: give it `layers`, and `before` or `after`"

    def called(self, when: str) -> Called | None:
        """The function for "before" or "after"."""
        return self.before if when == "before" else self.after


def hooks_of(target: Target, layer: str, when: str) -> tuple[Hook, ...]:
    """The hooks of a layer, in the platform's order.

    Raises `TapgenError` if they cannot be imported, or name a layer that does not exist.
    """
    platform = target.platform
    hooks = cast("tuple[Hook, ...]", platform.part("hooks", Hook, several=True) or ())
    names = [one.name for one in platform.layers]
    unknown = [(hook, name) for hook in hooks for name in hook.layers if name not in names]
    if unknown:
        raise TapgenError(
            "\n".join(
                f"{spelled(hook.place)}: {hook} is for the layer {name}, but {platform.name} has "
                f"no such layer"
                f"{f'; did you mean {close}?' if (close := guess(name, names)) else ''}"
                for hook, name in unknown
            ),
            f"Its layers: {', '.join(names)}.",
        )
    return tuple(hook for hook in hooks if layer in hook.layers and hook.called(when))


def planned_hooks(run: Run, plan: Plan) -> dict[str, tuple[PlannedHook, ...]]:
    """Layer -> the hooks that would be called for it.

    For an unchanged stack, they are those that an earlier run may not have called.
    """
    found = {}
    for layer, entry in plan.entries.items():
        again = isinstance(entry, NoChange)
        if isinstance(entry, Blocked) or (again and layer not in run.state.unfinished):
            continue
        found[layer] = tuple(
            PlannedHook(hook.name, when, hook.seconds)
            for when in WHEN
            if not (again and when == "before")
            for hook in hooks_of(run.target, layer, when)
        )
    return {layer: hooks for layer, hooks in found.items() if hooks}


def reviewed_hooks(target: Target, layers: Iterable[str]) -> dict[str, list[str]]:
    """Layer -> its hooks, each with its limit and a hash of the file that its function is in.

    A plan file contains them, so that only reviewed hooks are called.
    """
    return {
        layer: [
            f"{when} {hook.name}, {hook.seconds:g} s, {_source_sha256(hook.called(when))}"
            for when in WHEN
            for hook in hooks_of(target, layer, when)
        ]
        for layer in layers
    }


def _source_sha256(function: Called | None) -> str:
    try:
        file = inspect.getsourcefile(inspect.unwrap(cast("Callable[..., Any]", function)))
    except TypeError:  # an object that can be called
        file = inspect.getsourcefile(type(function))
    return sha256(Path(str(file)).read_bytes()).hexdigest()
