"""The report for machines: what the page shows, values whole."""

from __future__ import annotations

from typing import Any

from tapgen.cli import machine
from tapgen.cli.views.cost import summary_record
from tapgen.cli.views.diff.records import comparison_record
from tapgen.cli.views.parity import parity_record
from tapgen.review.lint.findings import records
from tapgen.review.parity.matrix import Cell, Row
from tapgen.review.report import NotCompared, Report
from tapgen.settings.checks.rules import checks_of
from tapgen.settings.environment import Environment


def json_text(report: Report) -> str:
    """One document: environments, layers with their stacks, parity, findings, impact, costs.

    `findings` is null where lint was not run; `impact` has a `not_compared` alone where there was
    nothing to compare with.
    """
    impact = report.impact
    document = {
        "environments": {one.name: _environment(one) for one in report.environments},
        "layers": {row.layer.name: _layer(row) for row in report.matrix},
        "parity": parity_record(report.parity),
        "findings": None if report.findings is None else records(report.findings),
        "impact": {"not_compared": impact.reason}
        if isinstance(impact, NotCompared)
        else comparison_record(impact),
        "costs": {name: summary_record(one) for name, one in report.costs.items()},
    }
    return machine.text_of(document) + "\n"


def _environment(environment: Environment) -> dict[str, Any]:
    overview = checks_of(environment.platform).overview
    return {
        "account": environment.account_id,
        "region": environment.region,
        **{setting: environment.value(setting) for setting in overview},
        "protected": environment.protection,
    }


def _layer(row: Row) -> dict[str, Any]:
    layer = row.layer
    return {
        "summary": layer.summary,
        "region": layer.region,
        "enabled_by": layer.enabled_by,
        "inputs": {name: str(source) for name, source in layer.inputs.items()},
        "stacks": {cell.environment: _cell(cell) for cell in row.cells},
    }


def _cell(cell: Cell) -> dict[str, Any]:
    if cell.stack is None:
        return {"left_out": cell.reason}
    return {
        "stack": cell.stack.name,
        "region": cell.stack.region,
        "template_sha256": cell.stack.template.sha256,
    }
