from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tapgen.model.layer import Layer, OutputRef
from tapgen.render.packages import template_file_of
from tapgen.render.sources.draft import BrokenLayerError
from tapgen.render.sources.template_file import draft, reading_of

_packages = itertools.count()

TEXT = """\
Parameters:
  Prefix: {Type: String}
  Vpc: {Type: String, Default: ""}
  Size:
    Type: Number
    Default: 5
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Metadata: {Own: 1}
Outputs:
  Arn: {Value: !Ref Topic}
"""
VPC = OutputRef("network", "Vpc", optional=True)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Layer]:
    """Makes a layer whose template file has this text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    def write(text: str | None = TEXT, **parts: Any) -> Layer:
        package = f"filed{next(_packages)}"
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        if text is not None:
            (tmp_path / package / "topic.yaml").write_text(text)
        known = {"settings": {"Prefix": "prefix"}, "inputs": {"Vpc": VPC}, **parts}
        return Layer("topic", "", package=package, template="topic.yaml", **known)

    return write


def faults(layer: Layer) -> list[str]:
    """What is wrong, by line, and that it is where the error says."""
    with pytest.raises(BrokenLayerError) as raised:
        draft(layer)
    first, *lines = raised.value.message.splitlines()
    assert first == "layer topic cannot be built:"
    path = f"{layer.package}/topic.yaml"
    assert raised.value.hint == (
        f"Correct the file, or the registry of layers; `git diff HEAD -- {path}` shows what has "
        "changed."
    )
    assert raised.value.place is not None
    assert lines[0].startswith("  {}:{}:{}: ".format(*raised.value.place))
    return [line.removeprefix(f"  {path}:") for line in lines]


def test_the_document_is_that_of_the_file_with_what_fills_its_parameters(
    written: Callable[..., Layer],
) -> None:
    layer = written()
    made = draft(layer)
    assert made.inputs == {"Vpc"}
    assert made.outputs == ("Arn",)
    assert made.document() == {
        **reading_of(layer).document,
        "Metadata": {
            "tapgen": {
                "Layer": "topic",
                "Settings": {"Prefix": "prefix"},
                "Template": "topic.yaml",
            }
        },
    }
    own = written(f"Metadata: {{Mine: 1}}\n{TEXT}")
    assert draft(own).document()["Metadata"].keys() == {"Mine", "tapgen"}


def test_file_and_registry_agree_and_all_that_they_do_not_is_told(
    written: Callable[..., Layer],
) -> None:
    layer = written(
        TEXT.replace('Default: ""', "Description: x").replace("!Ref Topic", "!Ref Tpoic"),
        settings={"Prefx": "prefix", "Size": "size", "Zzz": "zzz"},
        inputs={"Vpc": VPC, "Size": OutputRef("network", "Size")},
    )
    nothing = "has no value; bind it in the registry, `settings=` or `inputs=`, or add "
    assert faults(layer) == [
        (
            "1:1: Parameters: the registry fills Prefx with the setting prefix, but there is no "
            "such parameter; did you mean Prefix?"
        ),
        (
            "1:1: Parameters: the registry fills Zzz with the setting zzz, but there is no "
            "such parameter"
        ),
        f"2:3: Parameters.Prefix: {nothing}a Default",
        (
            "3:3: Parameters.Vpc: has no value in environments without the output network.Vpc; "
            "add a Default"
        ),
        (
            "4:3: Parameters.Size: is filled with the output network.Size and with the setting "
            "size; keep one of them in the registry"
        ),
        (
            "12:16: Outputs.Arn.Value.Ref: there is no parameter or resource Tpoic; did you mean "
            "Topic?"
        ),
    ]


def test_what_is_not_readable_and_what_is_not_sound_are_told_together(
    written: Callable[..., Layer],
) -> None:
    layer = written(f"{TEXT}  Size: {{Value: 0123}}\n  Size: {{Value: 1}}\nTransform: x\n")
    assert [one.partition(" ")[0] for one in faults(layer)] == ["13:10:", "14:3:", "15:1:"]


def test_a_text_that_cannot_be_read_has_no_other_faults(written: Callable[..., Layer]) -> None:
    (one,) = faults(written("A: [\n"))
    assert one.startswith("2:1: is not valid YAML")


def test_a_file_that_is_not_there_is_told_with_where_it_would_be(
    written: Callable[..., Layer],
) -> None:
    layer = written(None)
    with pytest.raises(BrokenLayerError) as raised:
        draft(layer)
    assert raised.value.message == (
        f"layer topic cannot be built: the file {layer.package}/topic.yaml does not exist"
    )
    assert raised.value.hint == (
        "Create it, or correct template='topic.yaml' in the registry of layers: the path is "
        f"relative to the folder of the package {layer.package}."
    )


@pytest.mark.parametrize("package", ["", "nosuch.package"])
def test_a_package_that_is_not_there(written: Callable[..., Layer], package: str) -> None:
    layer = written()._replace(package=package)
    with pytest.raises(BrokenLayerError, match=f"the package '{package}' with"):
        draft(layer)


def test_a_path_may_lead_beside_the_package(
    written: Callable[..., Layer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = written()
    beside = layer._replace(template=f"../{layer.package}/topic.yaml")
    assert (
        template_file_of(beside)
        == template_file_of(layer)
        == tmp_path / layer.package / "topic.yaml"
    )
    monkeypatch.chdir(tmp_path / layer.package)
    assert reading_of(layer).path == "topic.yaml"
    (tmp_path / "else").mkdir()
    monkeypatch.chdir(tmp_path / "else")
    assert reading_of(layer).path == str(tmp_path / layer.package / "topic.yaml")
