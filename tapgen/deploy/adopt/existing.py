"""Existing resources that a layer declares: found by name, or named on the command line.

Unlike resources that the environment's own stack left behind, they do not show who owns them. They
are therefore taken over only after they were shown in the plan, and never from another stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from tapgen.aws.errors import UnableError, explained
from tapgen.aws.readers.registry import read_identified
from tapgen.aws.readers.values import NotRead
from tapgen.aws.resources.kept import find, key_of, kind_of
from tapgen.aws.resources.retained import KEY, KINDS
from tapgen.aws.resources.tags import TAGS, tags_of
from tapgen.deploy.adopt.left_behind import Resources, alias_of, as_held
from tapgen.deploy.observe.attributes import known_attributes
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError, UsageError
from tapgen.model.plan import Adoption
from tapgen.model.stack import MANAGED_BY, Stack
from tapgen.model.templates.intrinsics import Resolver
from tapgen.review.diff.matching import physical_name
from tapgen.review.schemas import identifier_properties, physical_id_of

# How many existing resources of a type are listed if the named one does not exist.
_CANDIDATES: Final = 5


@dataclass
class Existing:
    """The search for resources that a layer's stack lacks. `held` are those that it has."""

    target: Target
    stack: Stack
    parameters: Mapping[str, str]
    held: Resources
    named: Mapping[str, str]
    faults: list[str] = field(default_factory=list)
    owned: list[str] = field(default_factory=list)

    def find(self) -> tuple[Adoption, ...]:
        """The resources that exist, ordered by logical id.

        Raises `UsageError` with all faults of the named ones, and `RefusedError` if one belongs to
        another stack or another environment.
        """
        found: dict[str, Adoption] = {}
        for logical_id, identifier in sorted(self.named.items()):
            if one := self._named(logical_id, identifier):
                found[logical_id] = one
        if self.faults:
            raise UsageError(
                f"resources named by --resource cannot be taken over:{_lines(self.faults)}",
                "Correct them, and run the command again.",
            )
        # A name may depend on another resource: a bucket policy is identified by its bucket.
        while more := {one.logical_id: one for one in self._by_name(found)}:
            found |= more
        for one in found.values():
            self._check_owner(one)
        if self.owned:
            raise RefusedError(
                f"resources that belong to somebody else cannot be taken over:{_lines(self.owned)}",
                "In the stack that has the resource: set `DeletionPolicy: Retain` on it and "
                "update, then remove it from the template and update again. Then repeat the "
                "command.",
            )
        return tuple(found[name] for name in sorted(found))

    def resources(self, found: Mapping[str, Adoption]) -> Mapping[str, Mapping[str, Any]]:
        """The declared resources, resolved with the values of the stack and of `found`."""
        every = {**self.held, **as_held(found.values())}
        document = self.stack.template.document
        place = {"region": self.stack.region, "account": self.stack.account_id}
        ids = {name: physical_id for name, (_, physical_id) in every.items()}
        return (
            Resolver(
                document,
                self.parameters,
                self.stack.account_id,
                self.stack.region,
                ids,
                known_attributes(document, every, {}, place),
            )
            .resolve()
            .resources
        )

    def _named(self, logical_id: str, identifier: str) -> Adoption | None:
        """The adoption of a named resource; None, with a fault, if it is not possible."""
        declared = self.resources({}).get(logical_id)
        if declared is None:
            self.faults.append(self._unknown(logical_id))
            return None
        kind = declared["Type"]
        names = identifier_properties(kind)
        if names and identifier.count("|") != len(names) - 1:
            what = "|".join(names)
            self.faults.append(f"{logical_id}: {kind} is identified by its {what}")
        elif logical_id in self.held:
            _, physical_id = self.held[logical_id]
            if key_of(kind, physical_id) != key_of(kind, physical_id_of(kind, identifier)):
                self.faults.append(f"{logical_id} is already in the stack, as {physical_id}")
        elif not names:
            self.faults.append(
                f"{logical_id}: AWS cannot import {kind}, since it publishes no schema of it"
            )
        elif not self._is_there(kind, identifier, declared):
            where = f"in {self.stack.region} of account {self.stack.account_id}"
            self.faults.append(
                f"{logical_id}: there is no {kind} {identifier} {where}{self._candidates(kind)}"
            )
        else:
            return Adoption(logical_id, kind, "|".join(names), identifier)
        return None

    def _unknown(self, logical_id: str) -> str:
        every = self.stack.template.resources
        if logical_id in every:
            return f"{logical_id} is not part of {self.stack.environment}: its condition is false"
        close = get_close_matches(logical_id, every, n=1)
        meant = f"; did you mean {close[0]}?" if close else f"; it has {', '.join(sorted(every))}"
        return f"{self.stack.layer} declares no {logical_id}{meant}"

    def _candidates(self, kind: str) -> str:
        """Existing resources of a type, if AWS lists them and the credentials allow it."""
        from tapgen.aws.resources.cloud_control import listed

        try:
            with explained(f"listing {kind}"):
                every = [name for name, _ in listed(self.target.region_of(self.stack), kind)]
        except (TapgenError, UnableError):  # the fault is reported without them
            return ""
        more = f" and {len(every) - _CANDIDATES} more" if len(every) > _CANDIDATES else ""
        return f"; AWS has {', '.join(every[:_CANDIDATES])}{more}" if every else ""

    def wanted(self, logical_ids: Iterable[str]) -> str:
        """A line for each of these resources: how to name it, and the candidates."""
        resources = self.stack.template.resources
        kinds = {name: resources[name]["Type"] for name in logical_ids}
        offered = {kind: self._candidates(kind) for kind in dict.fromkeys(kinds.values())}
        return _lines(
            f"--resource {name}={'|'.join(identifier_properties(kind))} ({kind}){offered[kind]}"
            for name, kind in kinds.items()
            if identifier_properties(kind)
        )

    def _by_name(self, found: Mapping[str, Adoption]) -> Iterator[Adoption]:
        """Declared resources whose name an existing resource has that is not yet held or found."""
        taken = {key_of(kind, identifier) for kind, identifier in self.held.values()}
        taken |= {key_of(*one) for one in as_held(found.values()).values()}
        resources = self.resources(found)
        for logical_id, declared in sorted(resources.items()):
            if logical_id in self.held or logical_id in found:
                continue
            kind = declared["Type"]
            identifier = self._called(logical_id, declared, resources)
            if identifier and key_of(kind, physical_id_of(kind, identifier)) not in taken:
                name = "|".join(identifier_properties(kind))
                yield Adoption(logical_id, kind, name, identifier)

    def _called(
        self, logical_id: str, declared: Mapping[str, Any], resources: Mapping[str, Any]
    ) -> str | None:
        """The identifier of the resource with the declared name; None if there is none."""
        kind, properties = declared["Type"], declared.get("Properties", {})
        region = self.target.region_of(self.stack)
        if kind not in KINDS and (parts := physical_name(declared)):
            identifier = "|".join(parts)
            whole = len(parts) == len(identifier_properties(kind))
            found = whole and self._is_there(kind, identifier, declared, certainly=True)
            return identifier if found else None
        if kind_of(kind) is None:
            return None
        if kind == KEY:
            properties = {"AliasName": alias_of(logical_id, self.stack.template, resources)}
        return find(region, kind, properties, {})

    def _is_there(
        self, kind: str, identifier: str, declared: Mapping[str, Any], *, certainly: bool = False
    ) -> bool:
        """Whether the resource exists. If it cannot be read: True, or False with `certainly`."""
        properties = declared.get("Properties", {})
        actual = read_identified(self.target.region_of(self.stack), kind, identifier, properties)
        return not certainly if isinstance(actual, NotRead) else actual is not None

    def _check_owner(self, one: Adoption) -> None:
        """Add to `owned` a resource of another stack, or of another environment of tapgen."""
        what = f"{one.logical_id} ({one.resource_type} {one.identifier})"
        physical_id = physical_id_of(one.resource_type, one.identifier)
        owner = self.target.cloudformation(self.stack).owner(one.resource_type, physical_id)
        if owner and owner != self.stack.name:
            self.owned.append(f"{what} is in stack {owner}")
        elif not owner and one.resource_type in TAGS:
            region = self.target.region_of(self.stack)
            with explained(f"looking up the owner of {what}"):
                tags = tags_of(region, one.resource_type, one.identifier)
            other = tags.get("Environment", self.stack.environment)
            if tags.get("ManagedBy") == MANAGED_BY and other != self.stack.environment:
                self.owned.append(f"{what} belongs to the environment {other}")


def _lines(texts: Iterable[str]) -> str:
    return "".join(f"\n  {text}" for text in texts)
