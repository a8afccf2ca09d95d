"""Findings about a template file are in that file, whoever has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tapgen.model.layer import Layer
from tapgen.model.platform import Platform
from tapgen.render.rendering import render
from tapgen.review.lint.at_source import at_source
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.lint import lint

TEXT = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: !Sub jobs-${AWS::StackName}
      DisplayNam: x
Outputs:
  Arn:
    Value: !Ref Topic
"""


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "placed").mkdir()
    (tmp_path / "placed" / "topic.yaml").write_text(TEXT)
    return Platform(
        name="placed", layers=(Layer("topic", "", package="placed", template="topic.yaml"),)
    )


def found(path: str, line: int, column: int) -> Finding:
    return Finding(path, line, column, "T000", "any", "error", "is wrong", layer="topic")


@pytest.mark.parametrize(
    ("part", "line", "column"),
    [
        ("", 1, 1),
        ('"Resources"', 1, 1),
        ('"TopicName"', 5, 7),
        ('"Fn::Sub"', 5, 18),
        ('"jobs-${AWS::StackName}"', 5, 18),
        ('"TapgenSeal"', 7, 1),
        ('"Metadata"', 1, 1),
    ],
)
def test_what_is_found_in_the_rendered_text_is_in_the_file(
    platform: Platform, part: str, line: int, column: int
) -> None:
    rendered = render(platform, ())
    text = rendered.templates["topic"].text
    at = text.index(part)
    place = (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
    (finding,) = at_source([found("out/topic.json", *place)], rendered, "out")
    assert finding.position == f"placed/topic.yaml:{line}:{column}"
    assert finding.message == "is wrong"


def test_what_is_found_elsewhere_stays_there(platform: Platform) -> None:
    elsewhere = found("envs/dev.yaml", 3, 4)
    assert list(at_source([elsewhere], render(platform, ()), "out")) == [elsewhere]


def test_rules_and_cfn_lint_tell_the_line_of_the_file(platform: Platform) -> None:
    told: dict[str, Any] = {
        finding.rule: (finding.position, finding.source)
        for finding in lint(render(platform, ()), "out")
    }
    assert told["T005"] == ("placed/topic.yaml:5:18", "")
    assert told["E3002"] == ("placed/topic.yaml:6:7", "")
    assert "T009" not in told
