"""What an answer of cfn-lint depends on, and which versions give one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tapgen.errors import TapgenError
from tapgen.review.lint.cfn_lint.linter import checker
from tapgen.review.lint.cfn_lint.request import LintRequest
from tests.paths import ROOT

QUEUE = LintRequest(
    "queue",
    "out/queue.json",
    json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Delay": 1}}}}),
    {"us-east-1": []},
)


def rules_at_work(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The modules of the rules that found something in `QUEUE` or could have."""
    asked: list[Any] = []

    def noting(decoded: Any, config: Any, rules: Any) -> Any:
        asked.append(rules)
        return run(decoded, config, rules)

    from cfnlint import runner

    run = runner.run_template_by_data
    monkeypatch.setattr(runner, "run_template_by_data", noting)
    with checker() as cfn_lint:
        (answer,) = cfn_lint([QUEUE])
    assert "E3002" in {finding.rule for finding in answer.findings}
    return {type(rule).__module__ for rules in asked for rule in rules.values()}


@pytest.mark.parametrize(
    ("version", "fast"), [("1.58.0", True), ("1.58.7", True), ("1.59.0", False), ("1.580.0", False)]
)
def test_versions_that_fast_was_not_tested_with_are_asked_as_they_are(
    monkeypatch: pytest.MonkeyPatch, version: str, fast: bool
) -> None:
    monkeypatch.setattr("cfnlint.version.__version__", version)
    assert ("tapgen.review.lint.cfn_lint.fast" in rules_at_work(monkeypatch)) is fast


def test_a_version_that_keeps_its_schemas_elsewhere_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    monkeypatch.delattr(PROVIDER_SCHEMA_MANAGER, "_providers_dir")
    with checker() as cfn_lint, pytest.raises(TapgenError, match="user's cache") as caught:
        cfn_lint([QUEUE])
    assert "pip install 'cfn-lint == 1.58.*'" in caught.value.hint


PROGRAM = """
import sys
from tapgen.review.lint.cfn_lint.linter import checker
from tapgen.review.lint.cfn_lint.request import LintRequest
request = LintRequest("queue", "out/queue.json", sys.argv[1], {"us-east-1": []})
with checker(int(sys.argv[2])) as cfn_lint:
    answers = cfn_lint([request, request])
print(*sorted(set.union(*(answer.files for answer in answers))), sep="\\n")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "processes",
    ["0", pytest.param("2", marks=pytest.mark.skipif(sys.platform != "linux", reason="forks"))],
)
def test_every_rule_and_every_schema_that_is_read_belongs_to_the_evidence(processes: str) -> None:
    template = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, template, processes],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    import cfnlint

    package = Path(cfnlint.__file__).parent
    files = {Path(line) for line in ran.stdout.splitlines()}
    rules = {path for path in (package / "rules").rglob("[A-Za-z]*.py") if path.stat().st_size}
    assert len(rules) > 300
    assert not rules - files
    schemas = package / "data" / "schemas"
    assert schemas / "providers" / "us-east-1.json" in files
    assert schemas / "extensions" / "aws_sqs_queue" / "properties.json" in files
    assert ROOT / "tapgen" / "review" / "lint" / "cfn_lint" / "fast.py" in files
