"""Findings in a template that was made from a template file: people need their place in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tapgen.render.rendering import Rendered
from tapgen.review.lint.findings import Finding
from tapgen.review.sources import in_sources
from tapgen.settings.faults import Source


def at_source(findings: Iterable[Finding], rendered: Rendered, folder: str) -> Iterator[Finding]:
    """Yield the findings; those in templates made from a template file with their place there.

    `folder` is where the templates are written.
    """
    place = in_sources(rendered, folder)
    for finding in findings:
        path, line, column = place(Source(finding.path, finding.line, finding.column))
        yield replace(finding, path=path, line=line, column=column)
