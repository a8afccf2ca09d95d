"""How one CloudFormation resource type is created, updated and deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapgen.local import internals

if TYPE_CHECKING:
    from collections.abc import Callable

Properties = dict[str, Any]
Provisioned = tuple[str, dict[str, Any]]
"""Physical id (what Ref gives) and attributes (what Fn::GetAtt gives)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioner:
    """A type that MiniStack does not know.

    `update` gets physical id, old and new properties. A change of a create-only property never
    reaches it: CloudFormation replaces the resource then. Each raises to fail its operation.
    """

    type: str
    create: Callable[[Properties], Provisioned]
    delete: Callable[[str, Properties], None]
    update: Callable[[str, Properties, Properties], Provisioned]
    tags: str | None = None
    """The property that takes the stack's tags, a list of Key and Value; None when untaggable."""

    def install(self) -> None:
        internals.HANDLERS[self.type] = {
            "create": lambda _logical_id, properties, _stack: self.create(properties),
            "update": lambda identifier, old, new, _stack: self.update(identifier, old, new),
            "delete": self.delete,
        }
        if self.tags:
            internals.TAG_PROPERTIES[self.type] = (self.tags, "list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A type that MiniStack knows, but not all of.

    `check` sees the properties before anything happens; `apply` gets physical id, old and new
    properties (old is empty on create) after MiniStack did its part; `attributes` adds to what
    Fn::GetAtt gives; `guard` may refuse a delete.
    """

    type: str
    check: Callable[[Properties], None] | None = None
    apply: Callable[[str, Properties, Properties], None] | None = None
    attributes: Callable[[str, Properties], dict[str, Any]] | None = None
    guard: Callable[[str, Properties], None] | None = None
    tags: str | None = None

    def install(self) -> None:
        handler = internals.HANDLERS[self.type]
        wrapped = {**handler, "create": self._creating(handler), "delete": self._deleting(handler)}
        internals.HANDLERS[self.type] = {**wrapped, **self._updating(handler)}
        if self.tags:
            internals.TAG_PROPERTIES[self.type] = (self.tags, "list")

    def _creating(self, handler: dict[str, Any]) -> Callable[..., Provisioned]:
        def create(logical_id: str, properties: Properties, stack: str) -> Provisioned:
            self._before(properties)
            identifier, attributes = handler["create"](logical_id, properties, stack)
            try:
                return self._after(identifier, {}, properties, attributes)
            except Exception:
                # AWS leaves no half-made resource behind; CloudFormation does not know its id yet.
                handler["delete"](identifier, properties)
                raise

        return create

    def _updating(self, handler: dict[str, Any]) -> dict[str, Any]:
        with_logical_id = handler.get("update_with_logical_id", False)

        def update(
            identifier: str, old: Properties, new: Properties, stack: str, *logical_id: str
        ) -> Provisioned:
            self._before(new)
            same, attributes = handler["update"](identifier, old, new, stack, *logical_id)
            return self._after(same, old if same == identifier else {}, new, attributes)

        return {"update": update, "update_with_logical_id": with_logical_id}

    def _deleting(self, handler: dict[str, Any]) -> Callable[[str, Properties], None]:
        def delete(identifier: str, properties: Properties) -> None:
            if self.guard:
                self.guard(identifier, properties)
            handler["delete"](identifier, properties)

        return delete

    def _before(self, properties: Properties) -> None:
        if self.check:
            self.check(properties)

    def _after(
        self, identifier: str, old: Properties, new: Properties, attributes: dict[str, Any]
    ) -> Provisioned:
        if self.apply:
            self.apply(identifier, old, new)
        extra = self.attributes(identifier, new) if self.attributes else {}
        return identifier, {**attributes, **extra}


def changed(old: Properties, new: Properties, *names: str) -> bool:
    return any(old.get(name) != new.get(name) for name in names)


def truth(value: Any) -> bool:
    """A template's boolean: parameters arrive as the strings "true" and "false"."""
    return str(value).lower() == "true"


def only(properties: Properties, *names: str) -> Properties:
    """Return the named properties that are there."""
    return {name: properties[name] for name in names if name in properties}


def tag_list(properties: Properties, name: str = "Tags") -> list[dict[str, str]]:
    return [{"Key": tag["Key"], "Value": str(tag["Value"])} for tag in properties.get(name, [])]
