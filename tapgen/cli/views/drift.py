"""The output of `tapgen drift`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from tapgen.cli import machine
from tapgen.cli.terminal import echo
from tapgen.cli.views.findings.sarif import sarif
from tapgen.cli.views.markdown import code
from tapgen.cli.views.markdown import table as table_in_markdown
from tapgen.cli.views.text import columns, counted, folded, table
from tapgen.cli.views.values import limit, several, value
from tapgen.deploy.flow.events import DriftFound
from tapgen.model.changes.differences import ABSENT
from tapgen.model.deployed.drift import (
    DELETED,
    MODIFIED,
    NOT_CHECKED,
    LayerDrift,
    ResourceDrift,
)
from tapgen.model.deployed.stack_status import DeployAction, actions_for
from tapgen.model.parts.running import results
from tapgen.model.templates.positions import locate
from tapgen.render.files import write_atomically
from tapgen.review.lint.findings import Finding

# Workflows find an environment's part of an issue by it, so it never changes.
MARKER: Final = "<!-- tapgen drift {} -->"
_WORDS: Final = {DELETED: "was deleted"}
_RULES: Final = {DELETED: ("D002", "deleted"), MODIFIED: ("D001", "modified")}
_UNSEEN: Final = ("D003", "not checked")
_HEADINGS: Final = ("resource", "property", "deployed", "actual", "declared")


def show_found(found: DriftFound, output: str, verbosity: int) -> None:
    """Print the drift in the requested format."""
    if output == "json":
        machine.show(drift_record(found))
    elif output == "markdown":
        echo(markdown(found, verbosity))
    else:
        show(found, verbosity)


def write_sarif(found: DriftFound, templates: Path, path: Path) -> None:
    """Write the drift as SARIF, for code scanning; `templates` is the committed folder.

    Without drift it has no results, so that code scanning closes earlier alerts.
    """
    write_atomically(path, sarif([*findings(found, templates)]) + "\n")


def findings(found: DriftFound, templates: Path) -> Iterator[Finding]:
    """A finding for each drifted resource, at its place in the layer's template."""
    for layer in found.layers:
        path = templates / f"{layer.layer}.json"
        text = path.read_text(encoding="utf-8") if path.is_file() else "{}"
        told = [(one.logical_id, *_RULES[one.status], _sentence(one)) for one in layer.drifted]
        if not layer.checked:
            told.append(("", *_UNSEEN, f"{layer.layer} is {layer.status}"))
        for logical_id, rule, name, message in told:
            line, column = locate(text, ("Resources", logical_id) if logical_id else ())
            yield Finding(
                *(str(path), line, column, rule, name, "error"),
                f"{found.environment}: {message}",
                *(layer.layer, logical_id, (found.environment,)),
            )


def markdown(found: DriftFound, verbosity: int) -> str:
    """The drift as part of an issue: a sentence, then a row for each property."""
    rows = [row for layer in found.layers for row in _markdown_rows(layer, limit(verbosity))]
    parts = [
        MARKER.format(found.environment),
        f"### {found.environment}",
        summary(found.environment, found.layers, found.way_back),
        *([table_in_markdown(_HEADINGS, rows)] if rows else []),
    ]
    return "\n\n".join(parts)


def _markdown_rows(layer: LayerDrift, longest: int | None) -> Iterator[list[str]]:
    for resource in layer.drifted:
        name = code(f"{layer.layer}.{resource.logical_id}")
        if resource.status == DELETED:
            yield [name, f"**{_word(resource)}**", "", "", ""]
        for one in resource.properties:
            sides = (one.deployed, one.actual, one.declared)
            yield [name, code(one.path), *(code(value(_side(side), longest)) for side in sides)]


def _sentence(resource: ResourceDrift) -> str:
    """The drift of the resource in words, with the names of the properties."""
    paths = ", ".join(one.path for one in resource.properties)
    return f"{resource.logical_id} {_word(resource)}{f': {paths}' if paths else ''}"


def _word(resource: ResourceDrift) -> str:
    return _WORDS.get(resource.status, "was modified")


def show_event(found: DriftFound) -> None:
    """Print the remaining drift after a repair, as the last JSON line."""
    machine.show_event("Drift", drift_record(found))


def show(found: DriftFound, verbosity: int) -> None:
    """Print the drift on stdout, then a sentence and how to repair it on stderr."""
    if text := drift_text(found.layers, verbosity):
        echo(folded(text, columns(results())))
    if verbosity >= 0 or not found.is_clean:
        echo(summary(found.environment, found.layers, found.way_back), err=True)


def drift_text(found: Sequence[LayerDrift], verbosity: int) -> str:
    """The drift of each layer with all three values, then a line of counts for each layer."""
    lines = [line for layer in found for line in _layer_lines(layer, verbosity)]
    if verbosity >= 0:
        headings = ["layer", "resources", "drifted", "not checked"]
        lines.append(table(headings, [_counts(layer) for layer in found]))
    return "\n".join(lines)


def summary(environment: str, found: Sequence[LayerDrift], way_back: str) -> str:
    """One sentence, and how to repair the drift."""
    count = sum(len(layer.drifted) for layer in found)
    words = f"{counted(count, 'resource')} {'has' if count == 1 else 'have'} drifted"
    if unknown := [layer for layer in found if not layer.checked]:
        names = ", ".join(f"{layer.layer} ({layer.status})" for layer in unknown)
        return f"{environment}: {words}; not checked: {names}."
    if not count:
        return f"{environment} has not drifted."
    return f"{environment}: {words}. {way_back}"


def drift_record(found: DriftFound) -> dict[str, Any]:
    """The drift as JSON values; for resources in sync only the status."""
    return {
        "environment": found.environment,
        "drifted": any(layer.drifted for layer in found.layers),
        "layers": {layer.layer: _layer_record(layer) for layer in found.layers},
    }


def _layer_record(layer: LayerDrift) -> dict[str, Any]:
    resources = {one.logical_id: asdict(one) for one in layer.resources}
    return {"status": layer.status, "checked": layer.checked, "resources": resources}


def _layer_lines(layer: LayerDrift, verbosity: int) -> Iterator[str]:
    shown = [*layer.drifted]
    if verbosity > 0:
        shown += [one for one in layer.resources if one.status == NOT_CHECKED]
    for resource in shown:
        yield from _resource_lines(layer.layer, resource, verbosity)
        yield ""


def _resource_lines(layer: str, resource: ResourceDrift, verbosity: int) -> Iterator[str]:
    """The deployed and the actual value; also the declared one if it is not the deployed one."""
    heading = f"{layer}.{resource.logical_id} ({resource.resource_type})"
    if resource.status == NOT_CHECKED:
        yield click.style(f"{heading} was not checked: {resource.reason}", fg="yellow")
        return
    yield click.style(f"{heading} {_word(resource)}", bold=True, fg="red")
    longest = limit(verbosity)
    parts = [(one.path, _side(one.deployed), _side(one.actual)) for one in resource.properties]
    for one, words in zip(resource.properties, several(parts, longest), strict=True):
        yield f"  {words}"
        if _told(one.declared) != _told(one.deployed):
            yield f"      declared as {value(_side(one.declared), longest)}"


def _side(found: Any) -> Any:
    return ABSENT if found is None else found


def _told(found: Any) -> str:
    """A value as CloudFormation compares it: 5 is "5", true is "true"."""
    return value(_side(found))


def _counts(layer: LayerDrift) -> list[str]:
    if actions_for(layer.status).deploy is DeployAction.CREATE:
        return [layer.layer, "not deployed", "", ""]
    if not layer.checked:
        return [layer.layer, layer.status, "", ""]
    unknown = sum(one.status == NOT_CHECKED for one in layer.resources)
    return [layer.layer, str(len(layer.resources)), str(len(layer.drifted)), str(unknown)]
