from __future__ import annotations

from dataclasses import replace

from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import Rendered
from tapgen.review.diff.report import Comparison
from tapgen.review.lint.findings import Finding
from tapgen.review.parity.comparison import compare
from tapgen.review.report import Report
from tapgen.settings.store import load_all
from tests.paths import ROOT


def test_a_report_holds_while_nothing_is_found_and_nothing_differs_that_must_not(
    rendered: Rendered,
) -> None:
    environments, stacks = load_all(ROOT / "envs", PLATFORM), rendered.stacks
    report = Report(environments, (), compare(PLATFORM, stacks), None, Comparison("x", {}))
    assert report.holds
    assert replace(report, findings=()).holds
    finding = Finding("a", 1, 1, "T101", "tags", "informational", "x")
    assert not replace(report, findings=(finding,)).holds
    odd = [replace(one, parameters={**one.parameters, "LogLevel": "X"}) for one in stacks["dev"]]
    assert not replace(report, parity=compare(PLATFORM, {**stacks, "dev": tuple(odd)})).holds
