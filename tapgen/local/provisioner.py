"""Creating, updating and deleting one CloudFormation resource type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tapgen.local import internals

if TYPE_CHECKING:
    from collections.abc import Callable

GONE = re.compile(r"NotFound|NoSuch|NonExistent|Nonexistent")
"""Error codes of AWS services for missing resources."""

Properties = dict[str, Any]
Provisioned = tuple[str, dict[str, Any]]
"""Physical id (the result of Ref) and attributes (the results of Fn::GetAtt)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """How a stack adopts an existing resource, for an IMPORT change set.

    `key` is the identifier's name. `adopt` returns the same as a creation. `problem` returns why
    there is nothing to adopt, or None. MiniStack calls both on its event loop, so neither may call
    the server back.
    """

    key: str
    adopt: Callable[[str], Provisioned]
    problem: Callable[[str], str | None]

    def install(self, kind: str) -> None:
        internals.HANDLERS[kind]["import"] = lambda given: self.adopt(given[self.key])
        internals.IMPORT_LOOKUPS[kind] = ((self.key,), self.problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioner:
    """A type that MiniStack does not support.

    `update` gets physical id, old and new properties. A change of a create-only property never
    reaches it, because CloudFormation then replaces the resource. It is None if there are no other
    properties. Each raises to fail its operation.
    """

    type: str
    create: Callable[[Properties], Provisioned]
    delete: Callable[[str, Properties], None]
    update: Callable[[str, Properties, Properties], Provisioned] | None = None
    tags: str | None = None
    """The property for the stack's tags, a list of Key and Value; None if it has no tags."""
    imports: Import | None = None

    def install(self) -> None:
        handler: dict[str, Callable[..., Any]] = {
            "create": lambda _logical_id, properties, _stack: self.create(properties),
            "delete": forgiving(self.delete),
        }
        if update := self.update:
            handler["update"] = lambda identifier, old, new, _stack: update(identifier, old, new)
        internals.HANDLERS[self.type] = handler
        if self.tags:
            internals.TAG_PROPERTIES[self.type] = (self.tags, "list")
        if self.imports:
            self.imports.install(self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A type that MiniStack supports incompletely.

    `normalize` gets the properties first and may correct them. `check` gets old and new properties
    (old is empty on creation) and may refuse. `apply` gets physical id, old and new properties
    after MiniStack's part. `attributes` adds attributes for Fn::GetAtt. `delete` replaces
    MiniStack's own.
    """

    type: str
    normalize: Callable[[Properties], Properties] = dict
    check: Callable[[Properties, Properties], None] | None = None
    apply: Callable[[str, Properties, Properties], None] | None = None
    attributes: Callable[[str, Properties], dict[str, Any]] | None = None
    delete: Callable[[str, Properties], None] | None = None
    tags: str | None = None
    imports: Import | None = None

    def install(self) -> None:
        handler = dict(internals.HANDLERS[self.type])
        delete = forgiving(self.delete) if self.delete else handler["delete"]
        internals.HANDLERS[self.type] = {
            **handler,
            "create": self._creating(handler["create"], delete),
            "update": self._updating(handler["update"]),
            "delete": delete,
        }
        if self.tags:
            internals.TAG_PROPERTIES[self.type] = (self.tags, "list")
        if self.imports:
            self.imports.install(self.type)

    def _creating(
        self, original: Callable[..., Provisioned], delete: Callable[..., None]
    ) -> Callable[..., Provisioned]:
        def create(logical_id: str, properties: Properties, stack: str) -> Provisioned:
            new = self.normalize(properties)
            if self.check:
                self.check({}, new)
            identifier, attributes = original(logical_id, new, stack)
            try:
                return self._finish(identifier, {}, new, attributes)
            except Exception:
                # CloudFormation does not learn the id from a failed creation, so nothing else could
                # delete the resource.
                delete(identifier, new)
                raise

        return create

    def _updating(self, original: Callable[..., Provisioned]) -> Callable[..., Provisioned]:
        def update(
            identifier: str, old: Properties, new: Properties, stack: str, *logical_id: str
        ) -> Provisioned:
            before, after = self.normalize(old), self.normalize(new)
            if self.check:
                self.check(before, after)
            made, attributes = original(identifier, before, after, stack, *logical_id)
            return self._finish(made, before if made == identifier else {}, after, attributes)

        return update

    def _finish(
        self, identifier: str, old: Properties, new: Properties, attributes: dict[str, Any]
    ) -> Provisioned:
        if self.apply:
            self.apply(identifier, old, new)
        extra = self.attributes(identifier, new) if self.attributes else {}
        return identifier, {**attributes, **extra}


def forgiving(delete: Callable[[str, Properties], None]) -> Callable[[str, Properties], None]:
    """Let the deletion of a missing resource succeed, as in CloudFormation."""

    def deleting(identifier: str, properties: Properties) -> None:
        try:
            delete(identifier, properties)
        except ClientError as error:
            if not GONE.search(error.response["Error"]["Code"]):
                raise

    return deleting


def changed(old: Properties, new: Properties, *names: str) -> bool:
    return any(old.get(name) != new.get(name) for name in names)


def truth(value: Any) -> bool:
    """A template's boolean: parameters arrive as the strings "true" and "false"."""
    return str(value).lower() == "true"


def only(properties: Properties, *names: str) -> Properties:
    """Return those of the named properties that exist."""
    return {name: properties[name] for name in names if name in properties}


def tag_list(properties: Properties, name: str = "Tags") -> list[dict[str, str]]:
    return [{"Key": tag["Key"], "Value": str(tag["Value"])} for tag in properties.get(name, [])]
