"""Why something differs: a setting, a line of the template, or what happens upstream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tapgen.environment.faults import Source
from tapgen.stacks.diff.report import Cause
from tapgen.stacks.diff.side import Side
from tapgen.stacks.positions import locate
from tapgen.stacks.template import Template

_SECTIONS: Final = ("Conditions", "Mappings")
# Pseudo parameter -> the setting behind it.
_PSEUDO: Final = {"AWS::AccountId": "account_id", "AWS::Region": "region"}


@dataclass(frozen=True)
class Upstream:
    """A value that another change gives: which one, and whether it is certain to come."""

    origin: str
    certain: bool = True


@dataclass(frozen=True)
class Why:
    """Finds the causes of differences between two sides of a stack.

    `settings` holds, by setting, where its value is written; `changed` the parameters that differ;
    `upstream` the inputs and resources that become something else; `folder` is how paths of
    templates begin.
    """

    before: Side
    after: Side
    settings: Mapping[str, Source]
    changed: frozenset[str]
    upstream: Mapping[str, Upstream]
    folder: str

    def of_property(self, before_id: str, after_id: str, path: str) -> tuple[Cause, ...]:
        """Causes of a difference at `path` of a resource ("Tags/Layer", below Properties)."""
        old, _ = _walk(self.before.raw(before_id).get("Properties", {}), path)
        new, steps = _walk(self.after.raw(after_id).get("Properties", {}), path)
        place = ["Resources", after_id, *(["Properties", *steps] if steps else [])]
        return self._causes(old, new, place)

    def of_presence(self, logical_id: str) -> tuple[Cause, ...]:
        """Causes for a resource that only one side has."""
        old, new = (side.raw(logical_id).get("Condition") for side in (self.before, self.after))
        if self.before.raw(logical_id) and self.after.raw(logical_id):
            return self._causes(_condition(old), _condition(new), ["Resources", logical_id])
        template = (self.after if self.after.raw(logical_id) else self.before).snapshot.template
        if not self.after.raw(logical_id):
            return (Cause("template"),)  # the line is gone
        return (self.line(template, ["Resources", logical_id]),)

    def of_parameter(self, name: str) -> tuple[Cause, ...]:
        """The setting that fills a parameter of the stack."""
        setting = self.after.snapshot.settings.get(name)
        return (self._setting(setting),) if setting else ()

    def line(self, template: Template, path: Sequence[str | int]) -> Cause:
        """The place of a part of the template."""
        line, column = locate(template.text, path)
        return Cause("template", place=Source(f"{self.folder}{template.layer}.json", line, column))

    def _causes(self, old: Any, new: Any, place: Sequence[str | int]) -> tuple[Cause, ...]:
        template = self.after.snapshot.template
        mentioned = sorted(self.before.mentioned(old) | self.after.mentioned(new))
        found = [cause for name in mentioned for cause in self._of_name(name)]
        if old != new:
            found.insert(0, self.line(template, place))
        for section in _SECTIONS:
            found += self._of_section(section, mentioned)
        return tuple(dict.fromkeys(found)) or (self.line(template, place),)

    def _of_name(self, name: str) -> Iterator[Cause]:
        if name in self.changed:
            yield from self.of_parameter(name)
        if name in self.upstream:
            yield Cause("upstream", self.upstream[name].origin, None, self.upstream[name].certain)
        if name in _PSEUDO and self.before.snapshot.place[:2] != self.after.snapshot.place[:2]:
            yield self._setting(_PSEUDO[name])

    def _of_section(self, section: str, mentioned: Sequence[str]) -> Iterator[Cause]:
        """Conditions that read differently now; mappings all count, as none is `mentioned`."""
        old, new = (
            side.snapshot.template.document.get(section, {}) for side in (self.before, self.after)
        )
        for name in sorted(old.keys() & new.keys()):
            if old[name] != new[name] and (name in mentioned or section == "Mappings"):
                yield self.line(self.after.snapshot.template, [section, name])

    def _setting(self, setting: str) -> Cause:
        return Cause("setting", setting, self.settings.get(setting))


def _condition(name: Any) -> Any:
    return {"Condition": name} if isinstance(name, str) else {}


def _walk(properties: Any, path: str) -> tuple[Any, list[str | int]]:
    """The template's expression behind a resolved path, and how far the path could be followed.

    A function (`Fn::If`) stands for everything below it, a list with functions for all its members:
    which of them is which is not known before they are evaluated.
    """
    value, steps = properties, list[str | int]()
    for part in path.split("/"):
        inner: str | int | None = None
        if isinstance(value, dict) and part in value:
            inner = part
        elif isinstance(value, list) and not any(map(_is_function, value)):
            inner = _index(value, part)
        if inner is None:
            break
        value = value[inner]
        steps.append(inner)
    return value, steps


def _index(items: list[Any], part: str) -> int | None:
    for index, item in enumerate(items):
        if isinstance(item, dict) and item.get("Key") == part:
            return index
    return int(part) if part.isdigit() and int(part) < len(items) else None


def _is_function(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    (name,) = value
    return name == "Ref" or str(name).startswith("Fn::")
