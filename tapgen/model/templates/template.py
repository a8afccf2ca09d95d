"""A rendered template: the text that all environments of a layer share, byte for byte."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from tapgen.model.layer import METADATA_KEY, TEMPLATE_KEY
from tapgen.model.templates.json_text import parsed
from tapgen.model.templates.seal import parted
from tapgen.model.templates.stateful import stateful_in

# The maximum of CreateChangeSet's TemplateBody in UTF-8 bytes (CloudFormation quotas).
MAX_TEMPLATE_BODY_BYTES = 51_200

_IAM_NAMES = frozenset(
    {"GroupName", "InstanceProfileName", "ManagedPolicyName", "RoleName", "UserName"}
)


def dense(text: str) -> str:
    """The text of a template without white space between its parts, to count or to send.

    CloudFormation counts what makes it readable as well, which is a third of it.
    """
    return json.dumps(parsed(text), separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Template:
    """The CloudFormation template of one layer, as text and as a document.

    `known` is the document and its seal, if they are known without parsing the text.
    """

    layer: str
    text: str
    known: tuple[dict[str, Any], str] | None = field(default=None, compare=False, repr=False)

    @property
    def document(self) -> dict[str, Any]:
        """The parsed template without its seal (see `seal`). Treat it as read-only."""
        return self._parted[0]

    @property
    def seal(self) -> str:
        """The digest of the template and its stack policy; empty if it has none."""
        return self._parted[1]

    @cached_property
    def _parted(self) -> tuple[dict[str, Any], str]:
        return parted(parsed(self.text)) if self.known is None else self.known

    @cached_property
    def sha256(self) -> str:
        """Hash of the text's UTF-8 bytes, in hexadecimal."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def settings(self) -> dict[str, str]:
        """Parameter -> the setting that fills it; empty if tapgen did not write the template."""
        settings: dict[str, str] = self._notes.get("Settings", {})
        return settings

    @property
    def from_file(self) -> bool:
        """True if it comes from a template file, not from a builder."""
        return TEMPLATE_KEY in self._notes

    @property
    def _notes(self) -> dict[str, Any]:
        notes: dict[str, Any] = self.document.get("Metadata", {}).get(METADATA_KEY, {})
        return notes

    def parameter_of(self, setting: str) -> str | None:
        """Name of the parameter that a setting fills, if there is one."""
        return next((name for name, filler in self.settings.items() if filler == setting), None)

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """The declared parameters by name."""
        parameters: dict[str, dict[str, Any]] = self.document.get("Parameters", {})
        return parameters

    @property
    def defaults(self) -> dict[str, str]:
        """The default values of parameters, as text."""
        declared = self.parameters.items()
        return {name: str(one["Default"]) for name, one in declared if "Default" in one}

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The declared resources by logical id."""
        resources: dict[str, dict[str, Any]] = self.document["Resources"]
        return resources

    @property
    def outputs(self) -> dict[str, dict[str, Any]]:
        """The declared outputs by name."""
        outputs: dict[str, dict[str, Any]] = self.document.get("Outputs", {})
        return outputs

    @property
    def retained(self) -> dict[str, str]:
        """Logical id -> type of the resources that are kept when the stack is deleted."""
        return {
            logical_id: resource["Type"]
            for logical_id, resource in self.resources.items()
            if str(resource.get("DeletionPolicy", "Delete")).startswith("Retain")
        }

    @property
    def stateful(self) -> frozenset[str]:
        """Logical ids of the resources with data."""
        return stateful_in(self.document)

    @property
    def capabilities(self) -> list[str]:
        """The capabilities that CreateChangeSet needs for the template, and no others."""
        iam = [r for r in self.resources.values() if r["Type"].startswith("AWS::IAM::")]
        if not iam:
            return []
        named = any(_IAM_NAMES & r.get("Properties", {}).keys() for r in iam)
        return ["CAPABILITY_NAMED_IAM"] if named else ["CAPABILITY_IAM"]
