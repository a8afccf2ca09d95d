"""One stack as one side of a comparison declares it, wherever that side comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tapgen.errors import TapgenError
from tapgen.layers.layer import METADATA_KEY
from tapgen.stacks.stack import Stack
from tapgen.stacks.template import Template

# Settings that every environment has for itself: they tell environments apart, not how they are.
_IDENTITY: Final = frozenset({"name", "prefix"})
_ENVIRONMENT_TAG: Final = "Environment"


@dataclass(frozen=True)
class Snapshot:
    """What decides about a stack.

    `inputs` maps parameters to "layer.Output". `policy` is None where it is not known (what is
    deployed), and is then not compared.
    """

    environment: str
    layer: str
    name: str
    account_id: str
    region: str
    template: Template
    parameters: Mapping[str, str]
    inputs: Mapping[str, str]
    tags: Mapping[str, str]
    policy: Mapping[str, Any] | None
    protected: bool

    @property
    def place(self) -> tuple[str, str, str]:
        """What makes it this stack and no other: account, region, name."""
        return self.account_id, self.region, self.name

    @property
    def settings(self) -> Mapping[str, str]:
        """Parameter -> setting that fills it; empty for a template that does not say."""
        metadata = self.template.document.get("Metadata", {}).get(METADATA_KEY, {})
        settings: Mapping[str, str] = metadata.get("Settings", {})
        return settings

    @property
    def dependencies(self) -> frozenset[str]:
        """Layers whose outputs it takes."""
        return frozenset(source.partition(".")[0] for source in self.inputs.values())

    def as_if_in(self, other: Snapshot) -> Snapshot:
        """The stack under the other's identity, so that names do not count as differences."""
        own = {
            parameter: other.parameters[parameter]
            for parameter, setting in self.settings.items()
            if setting in _IDENTITY and parameter in other.parameters
        }
        return replace(
            self,
            environment=other.environment,
            name=other.name,
            account_id=other.account_id,
            region=other.region,
            parameters={**self.parameters, **own},
            tags={**self.tags, _ENVIRONMENT_TAG: other.environment},
        )


def snapshot(stack: Stack) -> Snapshot:
    """The stack as it would be rendered."""
    return Snapshot(
        environment=stack.environment,
        layer=stack.layer,
        name=stack.name,
        account_id=stack.account_id,
        region=stack.region,
        template=stack.template,
        parameters=stack.parameters,
        inputs={name: str(source) for name, source in stack.inputs.items()},
        tags=stack.tags,
        policy=stack.policy(),
        protected=stack.protected,
    )


def from_files(files: Mapping[str, str], label: str) -> dict[str, dict[str, Snapshot]]:
    """Environment -> layer -> stack, from the texts of rendered files by their relative paths.

    Raises `TapgenError` for a stack file that cannot be understood; `label` says whose file it is.
    Files of other kinds are passed over.
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
                "Compare with another revision (--against), or name the folder with --out.",
            ) from error
        found.setdefault(folder, {})[stack.layer] = stack
    return found


def _parsed(text: str, files: Mapping[str, str], templates: dict[str, Template]) -> Snapshot:
    document = json.loads(text)
    file = document["Template"]
    if file not in templates:
        templates[file] = Template(document["Layer"], files[file])
        _ = templates[file].resources  # a template that cannot be read is reported here
    return Snapshot(
        environment=document["Environment"],
        layer=document["Layer"],
        name=document["StackName"],
        account_id=document["Account"],
        region=document["Region"],
        template=templates[file],
        parameters=document["Parameters"],
        inputs=document["Inputs"],
        tags=document["Tags"],
        policy=document["StackPolicy"],
        protected=document["TerminationProtection"],
    )
