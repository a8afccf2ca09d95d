from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import render
from tapgen.review.lint.cost_findings import lint_costs
from tapgen.settings.store import load_all

Edit = Callable[[str, str, str], None]


def test_whoever_is_above_a_limit_is_told_where_it_is_written(envs: Path, edit: Edit) -> None:
    assert [*lint_costs(load_all(envs, PLATFORM), {})] == []
    common = envs / "common.yaml"
    common.write_text(common.read_text().replace("cost:\n", "cost:\n  monthly_limit: 100\n"))
    environments = load_all(envs, PLATFORM)
    found = [*lint_costs(environments, render(PLATFORM, environments).stacks)]
    assert [one.environments for one in found] == [("staging",), ("prod",)]
    first = found[0]
    assert (first.rule, first.name, first.severity) == ("T051", "monthly-limit", "error")
    assert first.path.endswith("common.yaml")
    line = common.read_text().splitlines()[first.line - 1]
    assert line[first.column - 1 :] == "100"
    assert first.message.startswith("it may cost 306.61 US dollars a month, and ")
    assert first.message.endswith("`tapgen cost --env staging` shows the items")
