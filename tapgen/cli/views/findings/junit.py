"""Findings as JUnit XML, which CI servers show as test results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET

from tapgen.cli.views.findings.places import in_repository
from tapgen.review.lint.findings import Finding

# Characters that XML 1.0 does not allow, not even escaped.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(findings: Sequence[Finding]) -> str:
    """Return the document: one failed case for each finding, or a single passed one."""
    suite = ET.Element("testsuite", name="tapgen lint")
    suite.set("tests", str(len(findings) or 1))
    suite.set("failures", str(len(findings)))
    suite.set("errors", "0")
    for finding in findings:
        suite.append(_case(finding))
    if not findings:
        ET.SubElement(suite, "testcase", name="no findings", classname="tapgen.lint")
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=False)


def _case(finding: Finding) -> ET.Element:
    case = ET.Element("testcase")
    case.set("classname", finding.path)
    case.set("name", _clean(f"{finding.rule} {finding.name} {finding.position}"))
    case.set("file", in_repository(finding.path))
    case.set("line", str(finding.line))
    failure = ET.SubElement(case, "failure", type=finding.severity)
    failure.set("message", _clean(finding.message))
    parts = [finding.position, finding.logical_id, ", ".join(finding.environments), finding.source]
    failure.text = _clean("\n".join(part for part in parts if part))
    return case


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
