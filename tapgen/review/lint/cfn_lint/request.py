"""Requests to cfn-lint and their results: plain values that can be passed between processes."""

from __future__ import annotations

from typing import Any, NamedTuple

from tapgen.review.lint.findings import Finding


class ParameterSet(NamedTuple):
    """The values of a template's parameters in one environment: text, lists as lists of text."""

    environment: str
    values: dict[str, Any]


class LintRequest(NamedTuple):
    """A template, where it is written, and its cases by region.

    For a region without cases it is checked without values.
    """

    layer: str
    path: str
    text: str
    regions: dict[str, list[ParameterSet]]


class LintResult(NamedTuple):
    """The findings, and the files of code and data that the process has not reported before."""

    findings: list[Finding]
    files: set[str]
