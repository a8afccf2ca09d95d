"""What an answer of cfn-lint depends on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

PROGRAM = """
import sys
from tapgen.review.lint.cfn_lint.linter import checker
from tapgen.review.lint.cfn_lint.request import LintRequest
question = Question("queue", "out/queue.json", sys.argv[1], {"us-east-1": []})
with checker(int(sys.argv[2])) as cfn_lint:
    answers = cfn_lint([question, question])
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
    assert ROOT / "tapgen" / "stacks" / "cfn_lint" / "swift.py" in files
