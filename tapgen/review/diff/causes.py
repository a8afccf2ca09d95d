"""Why something differs: a setting, a line of the template, or an upstream change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tapgen.model.changes.differences import ABSENT, ValueDifference
from tapgen.model.templates.paths import is_function, member_places
from tapgen.model.templates.positions import locate
from tapgen.model.templates.template import Template
from tapgen.review.diff.report import Cause
from tapgen.review.diff.side import Side
from tapgen.review.parity.staleness import StaleInput
from tapgen.settings.faults import Source

_SECTIONS: Final = ("Conditions", "Mappings")


@dataclass(frozen=True)
class Upstream:
    """The change that a value results from, and whether that change is certain."""

    origin: str
    certain: bool = True


# Layer -> inputs with an earlier value of their source.
Stale = Mapping[str, tuple[StaleInput, ...]]


@dataclass(frozen=True)
class Context:
    """The context of a comparison.

    `settings` has the place of each setting's value; `folder` ("templates_out/") is the beginning
    of templates' paths. `other` names the other environment if two are compared: then nothing is
    predicted, because no deployment turns one into the other. `stale` has inputs that a deployment
    would change although no file differs. `shown` returns, for a place in a template, the place in
    the source that people edit.
    """

    settings: Mapping[str, Source]
    folder: str
    other: str | None = None
    stale: Stale = field(default_factory=dict)
    shown: Callable[[Source], Source] = lambda place: place


@dataclass(frozen=True)
class Why:
    """Finds the causes of differences between two sides of a stack.

    `changed` are the parameters that differ, `upstream` the inputs that get another value and the
    resources that are replaced.
    """

    before: Side
    after: Side
    context: Context
    changed: frozenset[str] = frozenset()
    upstream: Mapping[str, Upstream] = field(default_factory=dict)

    def of_property(
        self, before_id: str, after_id: str, found: ValueDifference
    ) -> tuple[Cause, ...]:
        """Causes of a difference below the Properties of a resource ("Tags/Layer")."""
        old, _ = _walk(self.before.raw(before_id).get("Properties", {}), found.path)
        if found.after is ABSENT:  # another member may be in its place by then
            path, _, _ = found.path.rpartition("/")
            _, steps = _walk(self.after.raw(after_id).get("Properties", {}), path)
            new = None
        else:
            new, steps = _walk(self.after.raw(after_id).get("Properties", {}), found.path)
        place = ["Resources", after_id, *(["Properties", *steps] if steps else [])]
        return self._causes(old, new, place)

    def of_presence(self, logical_id: str) -> tuple[Cause, ...]:
        """Causes for a resource that only one side has."""
        old, new = self.before.raw(logical_id), self.after.raw(logical_id)
        if not new:
            return (Cause("template"),)  # the line no longer exists
        place = ["Resources", logical_id]
        if not old:
            return (self.line(self.after.stack.template, place),)
        return self._causes(_condition(old), _condition(new), place)

    def of_parameter(self, name: str) -> tuple[Cause, ...]:
        """The setting that fills a parameter of the stack."""
        if name == self.after.stack.settled_parameter:
            return (Cause("creation"),)
        setting = self.after.stack.template.settings.get(name)
        if setting is None:
            return ()
        return (Cause("setting", setting, self.context.settings.get(setting)),)

    def line(self, template: Template, path: Sequence[str | int]) -> Cause:
        """The place of a part of the template."""
        line, column = locate(template.text, path)
        file = f"{self.context.folder}{template.layer}.json"
        return Cause("template", place=self.context.shown(Source(file, line, column)))

    def _causes(self, old: Any, new: Any, place: Sequence[str | int]) -> tuple[Cause, ...]:
        template = self.after.stack.template
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

    def _of_section(self, section: str, mentioned: Sequence[str]) -> Iterator[Cause]:
        """Changed conditions that are mentioned, and all changed mappings: none is `mentioned`."""
        old, new = (
            side.stack.template.document.get(section, {}) for side in (self.before, self.after)
        )
        for name in sorted(old.keys() & new.keys()):
            if old[name] != new[name] and (name in mentioned or section == "Mappings"):
                yield self.line(self.after.stack.template, [section, name])


def _condition(resource: Mapping[str, Any]) -> Any:
    return {"Condition": resource["Condition"]} if "Condition" in resource else {}


def _walk(properties: Any, path: str) -> tuple[Any, list[str | int]]:
    """The template's expression for a resolved path, and the part of the path that it covers.

    A function (`Fn::If`) stands for everything below it. A list with functions stands for all its
    members, whose order is not known before they are evaluated.
    """
    value, steps = properties, list[str | int]()
    for part in path.split("/"):
        inner: str | int | None = None
        if isinstance(value, dict) and part in value:
            inner = part
        elif isinstance(value, list) and not any(map(is_function, value)):
            inner = member_places(value).get(part)
        if inner is None:
            break
        value = value[inner]
        steps.append(inner)
    return value, steps
