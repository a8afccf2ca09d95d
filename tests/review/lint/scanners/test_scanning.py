"""All scanners over all environments: findings folded, accepted ones out, stale ones in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tapgen.render.rendering import Rendered
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.scanners.scanning import scan
from tests.review.lint.scanners.conftest import GUARD_RULE

World = Callable[..., Rendered]
SNS = {"SNS_TOPIC_NAMED": "only prod needs names", "SNS_SOME_TOPIC_IS_FIFO": "order is nothing"}


@pytest.fixture
def guard(tmp_path: Path) -> Path:
    path = tmp_path / "topics.guard"
    path.write_text(GUARD_RULE)
    return path


def seen(found: tuple[Finding, ...]) -> dict[str, tuple[str, ...]]:
    return {one.rule: one.environments for one in found}


def test_the_shipped_environments_are_clean(rendered: Rendered) -> None:
    assert scan(rendered, "templates_out") == ()


def test_equal_findings_are_told_once_with_their_environments(world: World, guard: Path) -> None:
    assert seen(scan(world(), "out", guard=[guard])) == {
        "SNS_SOME_TOPIC_IS_FIFO": ("dev", "prod"),
        "SNS_TOPIC_NAMED": ("dev",),
        "W3663": ("dev", "prod"),
    }


def test_what_the_resource_accepts_is_left_out(world: World, guard: Path) -> None:
    assert seen(scan(world(SNS), "out", guard=[guard])) == {"W3663": ("dev", "prod")}


def test_an_acceptance_that_no_environment_needs_is_stale(world: World, guard: Path) -> None:
    named = world(SNS, dev="payments")
    found = scan(named, "out", guard=[guard])
    (stale,) = [one for one in found if one.rule == "T040"]
    assert stale.message == "accepts SNS_TOPIC_NAMED, which has no finding here: remove it"
    only_some = scan(named, "out", guard=[guard], complete=False)
    assert seen(only_some) == {"W3663": ("dev", "prod")}


def test_acceptances_of_scanners_that_were_not_asked_are_not_judged(world: World) -> None:
    of = world({**SNS, "CKV_AWS_26": "it holds no data", "W2509": "it is no password"})
    assert [(one.rule, one.message) for one in scan(of, "out") if one.rule == "T040"] == [
        ("T040", "accepts W2509, which has no finding here: remove it")
    ]


def test_checkovs_report_is_judged_alike(world: World, tmp_path: Path) -> None:
    check = {
        "check_id": "CKV_AWS_26",
        "check_name": "encrypted",
        "check_result": {},
        "file_path": "/prod/data.json",
        "resource": "AWS::SNS::Topic.Topic",
    }
    report: dict[str, Any] = {
        "results": {"failed_checks": [check]},
        "summary": {"parsing_errors": 0, "resource_count": 4},
    }
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    accepted = {"CKV_AWS_26": "it holds no data", "CKV_AWS_27": "it holds no data"}
    assert seen(scan(world(), "out", checkov=path))["CKV_AWS_26"] == ("prod",)
    found = scan(world(accepted), "out", checkov=path)
    assert [one.message for one in found if one.rule == "T040"] == [
        "accepts CKV_AWS_27, which has no finding here: remove it"
    ]
    assert "CKV_AWS_26" not in seen(found)
