"""A stack as one side of a comparison has it: rendered, committed or deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tapgen.errors import TapgenError
from tapgen.model.layer import source_of
from tapgen.model.stack import Stack
from tapgen.model.templates.json_text import parsed
from tapgen.model.templates.template import Template

# Settings that identify an environment and do not describe it.
_IDENTITY: Final = frozenset({"name", "prefix"})
_ENVIRONMENT_TAG: Final = "Environment"


@dataclass(frozen=True)
class Snapshot:
    """A stack, with its actual stack policy."""

    stack: Stack
    policy: Mapping[str, Any]

    @property
    def place(self) -> tuple[str, str, str]:
        """The identity of the stack: account, region, name."""
        return self.stack.account_id, self.stack.region, self.stack.name

    def as_if_in(self, other: Snapshot) -> Snapshot:
        """The stack under the other's identity, so that names do not count as differences."""
        mine, others = self.stack, other.stack
        own = {
            parameter: others.parameters[parameter]
            for parameter, setting in mine.template.settings.items()
            if setting in _IDENTITY and parameter in others.parameters
        }
        stack = replace(
            mine,
            environment=others.environment,
            name=others.name,
            account_id=others.account_id,
            region=others.region,
            parameters={**mine.parameters, **own},
            tags={**mine.tags, _ENVIRONMENT_TAG: others.environment},
        )
        return replace(self, stack=stack)


def snapshot(stack: Stack) -> Snapshot:
    """The stack as it would be rendered; without its deadline, which is not in the file."""
    return Snapshot(replace(stack, deadline_minutes=None), stack.policy())


def from_files(files: Mapping[str, str], label: str) -> dict[str, dict[str, Snapshot]]:
    """Environment -> layer -> stack, from the texts of rendered files by their relative paths.

    Raises `TapgenError` for a stack file that cannot be read; `label` is put before its path.
    Files of other kinds are ignored.
    """
    templates: dict[str, Template] = {}
    found: dict[str, dict[str, Snapshot]] = {}
    for path, text in sorted(files.items()):
        folder, _, name = path.rpartition("/")
        if not folder or "/" in folder or not name.endswith(".json"):
            continue
        try:
            stack = _parsed(text, files, templates)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise TapgenError(
                f"{label}{path} is not a stack file of tapgen: {type(error).__name__} {error}",
                "Compare with another revision (--against), or name the folder with --templates.",
            ) from error
        found.setdefault(folder, {})[stack.stack.layer] = stack
    return found


def _parsed(text: str, files: Mapping[str, str], templates: dict[str, Template]) -> Snapshot:
    document = parsed(text)
    file = document["Template"]
    if file not in templates:
        templates[file] = Template(document["Layer"], files[file])
        _ = templates[file].resources  # a template that cannot be read is reported here
    stack = Stack(
        environment=document["Environment"],
        layer=document["Layer"],
        name=document["StackName"],
        account_id=document["Account"],
        region=document["Region"],
        template=templates[file],
        parameters=document["Parameters"],
        inputs={name: source_of(source) for name, source in document["Inputs"].items()},
        tags=document["Tags"],
        protected=document["TerminationProtection"],
    )
    return Snapshot(stack, document["StackPolicy"])
