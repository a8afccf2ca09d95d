"""checkov's report: read as it is written, and refused where it proves nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tapgen.errors import TapgenError
from tapgen.model.templates.template import Template
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.scanners.checkov import checkov_findings

RESOURCES = 4


def failed(**changed: Any) -> dict[str, Any]:
    """A failed check as checkov 3.3.30 writes it, less what is not read."""
    return {
        "check_id": "CKV_AWS_26",
        "check_name": "Ensure all data stored in the SNS topic is encrypted",
        "check_result": {
            "result": "FAILED",
            "evaluated_keys": ["Properties/KmsMasterKeyId"],
        },
        "file_path": "/dev/alarms.json",
        "resource": "AWS::SNS::Topic.Topic",
        "guideline": None,
        **changed,
    }


@pytest.fixture
def findings(tmp_path: Path) -> Any:
    document = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Tags": []}}}}
    of = Template("alarms", json.dumps(document, indent=1))

    def read(*checks: Any, text: str | None = None, **summary: Any) -> list[Finding]:
        report = {
            "check_type": "cloudformation",
            "results": {"failed_checks": list(checks)},
            "summary": {"parsing_errors": 0, "resource_count": RESOURCES, **summary},
        }
        path = tmp_path / "report.json"
        path.write_text(json.dumps(report) if text is None else text)
        return [*checkov_findings(path, {of.layer: of}, RESOURCES, "out")]

    return read


def test_a_failed_check_is_a_finding_at_the_resource(findings: Any) -> None:
    assert findings(failed()) == [
        Finding(
            "out/alarms.json",
            5,
            4,
            "CKV_AWS_26",
            "checkov",
            "error",
            "Ensure all data stored in the SNS topic is encrypted",
            layer="alarms",
            logical_id="Topic",
            environments=("dev",),
        )
    ]


def test_place_and_guideline_as_far_as_checkov_knows_them(findings: Any) -> None:
    (one,) = findings(failed(check_result={"result": "FAILED"}, guideline="https://example.com/26"))
    assert (one.line, one.url) == (3, "https://example.com/26")
    (one,) = findings(failed(check_result={"evaluated_keys": ["Properties/Tags/[0]/0"]}))
    assert one.line == 6


def test_a_clean_report_has_no_findings(findings: Any) -> None:
    assert findings() == []


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", '{"summary": {}, "results": []}'])
def test_anything_else_is_refused(findings: Any, text: str) -> None:
    with pytest.raises(TapgenError, match="is not a report of checkov's CloudFormation checks"):
        findings(text=text)


def test_files_that_checkov_could_not_read_do_not_pass_for_clean(findings: Any) -> None:
    with pytest.raises(TapgenError, match="could not read all files"):
        findings(parsing_errors=1)


@pytest.mark.parametrize("count", [0, RESOURCES - 1, RESOURCES + 1])
def test_a_report_about_other_files_is_refused(findings: Any, count: int) -> None:
    with pytest.raises(TapgenError, match=f"about {count} resources, but there are 4") as raised:
        findings(resource_count=count)
    assert "tapgen render --resolved DIR" in raised.value.hint
