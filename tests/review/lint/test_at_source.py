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


def test_what_is_found_in_the_rendered_text_is_in_the_file(platform: Platform) -> None:
    rendered = render(platform, ())
    lines = rendered.templates["topic"].text.splitlines()
    line = next(number for number, one in enumerate(lines, 1) if '"TopicName"' in one)
    (finding,) = at_source([found("out/topic.json", line, 1000)], rendered, "out")
    assert finding.position == "placed/topic.yaml:5:18"
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
