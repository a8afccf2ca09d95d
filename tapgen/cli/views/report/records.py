"""The report as JSON: the content of the page, with whole values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tapgen.cli import machine
from tapgen.cli.views.cost import summary_record
from tapgen.cli.views.diff.records import comparison_record
from tapgen.cli.views.parity import parity_record
from tapgen.review.lint.findings import records
from tapgen.review.parity.matrix import Cell, Row
from tapgen.review.report import NotCompared, Report
from tapgen.settings.checks.rules import checks_of
from tapgen.settings.environment import Environment

if TYPE_CHECKING:
    from tapgen.model.release import Release


def json_text(report: Report) -> str:
    """One document: environments, layers with stacks, parity, findings, impact, costs, history.

    `findings` is null if lint was not run, `history` if it was not requested; `impact` has only
    `not_compared` if there was nothing to compare with.
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
        "history": None if report.history is None else _history(report.history),
    }
    return machine.text_of(document) + "\n"


def _history(history: Mapping[str, tuple[Release, ...] | str]) -> dict[str, Any]:
    from tapgen.cli.views.runs.history import summary  # loads what runs need

    return {
        name: {"releases": [], "not_read": one}
        if isinstance(one, str)
        else {"releases": [summary(release) for release in one], "not_read": None}
        for name, one in history.items()
    }


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
