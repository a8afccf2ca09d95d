"""One side of a comparison, resolved: values that files contain, and names for all others."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

from tapgen.errors import TapgenError
from tapgen.model.changes.change import mentioned
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Resolved, Resolver, Unknown
from tapgen.review.diff.requirements import names
from tapgen.review.diff.snapshot import Snapshot

_NEW: Final = "new "


@dataclass
class _Tracing(Resolver):
    """A resolver that knows declared names, and which resources are replaced.

    A value that is only known after a deployment has the same name in every layer:
    `{payments-prod-transactions.Arn}` by a declared name, `{network.Vpc}` without one. `inputs` has
    such values of parameters that other stacks fill, `renewed` the logical ids of resources that
    are replaced.
    """

    layer: str = ""
    inputs: Mapping[str, Unknown] = field(default_factory=dict)
    renewed: AbstractSet[str] = frozenset()

    def ref(self, name: str) -> Any:
        if name in self.inputs:
            return self.inputs[name]
        if name not in self.document["Resources"]:
            return super().ref(name)
        known = self._name(name)
        if name in self.renewed:
            return Unknown(f"{_NEW}{known or self._place(name)}")
        return known or Unknown(self._place(name))

    def get_att(self, argument: Any) -> Any:
        path = argument if isinstance(argument, str) else ".".join(map(str, argument))
        logical_id, _, attribute = path.partition(".")
        declared = self._declared(logical_id, attribute)  # Vpc.CidrBlock, for one
        if declared is not None:
            return declared
        known = f"{self._name(logical_id) or self._place(logical_id)}.{attribute}"
        return Unknown(f"{_NEW}{known}" if logical_id in self.renewed else known)

    def _place(self, logical_id: str) -> str:
        return f"{self.layer}.{logical_id}"

    def _name(self, logical_id: str) -> str | None:
        """The physical name if the template sets it: then `Ref` returns it."""
        resource = self.document["Resources"].get(logical_id, {})
        identifier = names(resource.get("Type", ""))
        return self._declared(logical_id, identifier[0]) if len(identifier) == 1 else None

    def _declared(self, logical_id: str, name: str) -> str | None:
        """A property of a resource, if its value is a known text."""
        properties = self.document["Resources"].get(logical_id, {}).get("Properties", {})
        value = self.value(properties[name]) if name in properties else None
        return value if isinstance(value, str) else None


@dataclass(frozen=True)
class Side:
    """A stack and the values of its inputs: text if known, otherwise `Unknown`."""

    snapshot: Snapshot
    inputs: Mapping[str, str | Unknown]

    @property
    def stack(self) -> Stack:
        return self.snapshot.stack

    def resolved(self, renewed: AbstractSet[str] = frozenset()) -> Resolved:
        """Resources and outputs, with the resources in `renewed` replaced by new ones.

        Raises `TapgenError` for a template that cannot be evaluated; a revision may contain one.
        """
        stack = self.stack
        known = {name: value for name, value in self.inputs.items() if isinstance(value, str)}
        unknown = {name: value for name, value in self.inputs.items() if isinstance(value, Unknown)}
        given = {name: v for name, v in stack.parameters.items() if name not in unknown}
        tracing = _Tracing(
            document=stack.template.document,
            parameters={**given, **known},
            account_id=stack.account_id,
            region=stack.region,
            layer=stack.layer,
            inputs=unknown,
            renewed=renewed,
        )
        try:
            return tracing.resolve()
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise TapgenError(
                f"the template of {stack.name} cannot be evaluated: {type(error).__name__} {error}",
                "Check the files with `tapgen lint`, or name another revision with --against.",
            ) from error

    def raw(self, logical_id: str) -> Mapping[str, Any]:
        """The resource as the template declares it; empty if it does not."""
        resource: Mapping[str, Any] = self.stack.template.resources.get(logical_id, {})
        return resource

    def mentioned(self, expression: Any) -> frozenset[str]:
        """The names that an expression mentions, directly and through conditions."""
        return mentioned(self.stack.template, expression)
