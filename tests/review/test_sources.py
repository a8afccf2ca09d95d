from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tapgen.model.layer import Layer
from tapgen.model.platform import Platform
from tapgen.render.rendering import render
from tapgen.review.sources import in_sources
from tapgen.settings.faults import Source
from tests.small_platform.platform import SMALL

TEXT = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: !Sub jobs-${AWS::StackName}
Outputs:
  Arn:
    Value: !Ref Topic
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Source]:
    """Gives the place in the file for where a part of the rendered text begins."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "sourced").mkdir()
    (tmp_path / "sourced" / "topic.yaml").write_text(TEXT)
    layer = Layer("topic", "", package="sourced", template="topic.yaml")
    rendered = render(Platform(name="sourced", layers=(layer,)), ())
    text = rendered.templates["topic"].text
    of = in_sources(rendered, "out")

    def found(part: str) -> Source:
        at = text.index(part)
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        return of(Source("out/topic.json", line, column))

    return found


@pytest.mark.parametrize(
    ("part", "line", "column"),
    [
        ("", 1, 1),
        ('"Resources"', 1, 1),
        ('"TopicName"', 5, 7),
        ('"Fn::Sub"', 5, 18),
        ('"jobs-${AWS::StackName}"', 5, 18),
        ('"TapgenSeal"', 6, 1),
        ('"Metadata"', 1, 1),
    ],
)
def test_a_part_of_the_rendered_text_is_in_the_file(
    place: Callable[[str], Source], part: str, line: int, column: int
) -> None:
    assert place(part) == Source("sourced/topic.yaml", line, column)


@pytest.mark.parametrize("path", ["out/inbox.json", "envs/dev.yaml"])
def test_any_other_place_is_its_own(path: str) -> None:
    own = Source(path, 3, 4)
    assert in_sources(render(SMALL, ()), "out")(own) == own
