"""Findings about a template that was made of a template file: people want them in that file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tapgen.render.rendering import Rendered
from tapgen.review.lint.findings import Finding
from tapgen.review.sources import in_sources
from tapgen.settings.faults import Source


def at_source(findings: Iterable[Finding], rendered: Rendered, folder: str) -> Iterator[Finding]:
    """Yield the findings; those about what `folder` has of a template file are in that file."""
    place = in_sources(rendered, folder)
    for finding in findings:
        path, line, column = place(Source(finding.path, finding.line, finding.column))
        yield replace(finding, path=path, line=line, column=column)
