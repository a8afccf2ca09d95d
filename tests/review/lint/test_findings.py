from __future__ import annotations

import json
from typing import Any

from tapgen.review.lint.findings import Finding, from_records, merged, records


def finding(**differences: Any) -> Finding:
    fields = {"path": "t.json", "line": 1, "column": 1, "rule": "T001", "name": "n"}
    return Finding(**{**fields, "severity": "error", "message": "m", **differences})


def test_the_same_finding_in_several_environments_is_told_once() -> None:
    found = merged(
        [
            finding(environments=("dev",), line=7),
            finding(environments=("prod",)),
            finding(environments=("dev",)),
            finding(environments=("prod",)),
        ]
    )
    assert [(one.line, one.environments) for one in found] == [(1, ("prod", "dev")), (7, ("dev",))]


def test_a_position_is_written_as_editors_read_it() -> None:
    assert finding(line=3, column=9).position == "t.json:3:9"


def test_the_file_to_change_is_that_of_the_layer() -> None:
    sources = {"data": "acme/layers/data.py"}
    told = merged([finding(layer="data"), finding(layer="gone"), finding()], sources)
    assert [(one.layer, one.source) for one in told] == [
        ("data", "acme/layers/data.py"),
        ("gone", ""),
        ("", ""),
    ]


def test_records_are_json_and_come_back_as_they_were() -> None:
    found = [finding(environments=("dev", "prod"), layer="data"), finding()]
    assert from_records(json.loads(json.dumps(records(found)))) == found
