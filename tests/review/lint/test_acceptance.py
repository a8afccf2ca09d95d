"""Who accepts which finding, and what is accepted for nothing."""

from __future__ import annotations

import json

from tapgen.model.templates.template import Template
from tapgen.review.lint.acceptance import Acceptance, acceptances, judged
from tapgen.review.lint.findings import Finding


def template(**accepted: dict[str, str]) -> Template:
    resources = {
        name: {"Type": "AWS::SNS::Topic", "Metadata": {"tapgen": {"Accepted": rules}}}
        for name, rules in accepted.items()
    }
    document = {"Resources": {**resources, "Plain": {"Type": "AWS::SNS::Topic"}}}
    return Template("alarms", json.dumps(document, indent=1))


def finding(rule: str, logical_id: str, layer: str = "alarms") -> Finding:
    return Finding("p", 1, 1, rule, "name", "error", "message", layer=layer, logical_id=logical_id)


def left(of: Template, *findings: Finding) -> list[tuple[str, str]]:
    return [(one.rule, one.logical_id) for one in judged(findings, {of.layer: of}, "out")]


def test_it_is_read_from_the_resources() -> None:
    of = template(Topic={"CKV_AWS_1": "because it is"})
    assert [*acceptances(of)] == [Acceptance("alarms", "Topic", "CKV_AWS_1", "because it is")]


def test_only_the_resource_that_accepts_is_spared() -> None:
    of = template(Topic={"CKV_AWS_1": "because it is"})
    assert left(
        of,
        finding("CKV_AWS_1", "Topic"),
        finding("CKV_AWS_1", "Plain"),
        finding("CKV_AWS_2", "Topic"),
        finding("CKV_AWS_1", "Topic", layer="data"),
        finding("CKV_AWS_1", ""),
    ) == [("CKV_AWS_1", "Plain"), ("CKV_AWS_2", "Topic"), ("CKV_AWS_1", "Topic"), ("CKV_AWS_1", "")]


def test_guard_may_name_no_resource() -> None:
    of = template(Topic={"SNS_ENCRYPTED_KMS": "because it is"})
    assert left(of, finding("SNS_ENCRYPTED_KMS", ""), finding("SNS_OTHER", "")) == [
        ("SNS_OTHER", "")
    ]


def test_what_was_asked_and_found_nowhere_is_stale_at_its_place() -> None:
    of = template(Topic={"CKV_AWS_1": "because it is", "SNS_OTHER": "because it is"})
    asked = {"CKV_AWS_1"}.__contains__
    (one,) = judged([], {of.layer: of}, "out", asked)
    line = of.text.split("\n")[one.line - 1]
    assert line[one.column - 1 :].startswith('"CKV_AWS_1"')
    assert (one.path, one.rule, one.logical_id) == ("out/alarms.json", "T040", "Topic")
    assert [*judged([finding("CKV_AWS_1", "Topic")], {of.layer: of}, "out", asked)] == []
