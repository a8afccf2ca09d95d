"""Templates as people have them: written by hand, and by SAM, the CDK and Rain."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tapgen.model.layer import Layer
from tapgen.model.platform import Platform
from tapgen.model.templates.template import Template
from tapgen.render.rendering import render
from tapgen.render.sources.draft import BrokenLayerError
from tapgen.render.sources.drafts import build
from tapgen.review.lint.at_source import at_source
from tapgen.review.lint.rules.checking import check

SAMPLES = Path(__file__).parent / "samples"
# The one part of what the CDK makes by default that is refused, and its condition.
METADATA = "CDKMetadata"


@pytest.fixture
def layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Layer]:
    """Makes a layer of a sample."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    shutil.copytree(SAMPLES, tmp_path / "sampled")

    def of(name: str) -> Layer:
        return Layer("jobs", "", package="sampled", template=name, settings={"Prefix": "prefix"})

    return of


def without_metadata(path: Path) -> None:
    """Write what `cdk synth --no-version-reporting` does."""
    document = json.loads(path.read_text())
    del document["Resources"][METADATA]
    del document["Conditions"]
    path.write_text(json.dumps(document, indent=1))


def told(layer: Layer) -> set[tuple[str, str]]:
    """Rule and part of what tapgen's own rules find, all of it in the file."""
    rendered = render(Platform(name="sampled", layers=(layer,)), ())
    found = list(at_source(check(rendered, "out"), rendered, "out"))
    assert {one.path for one in found} == {f"sampled/{layer.template}"}
    return {(one.name, one.logical_id) for one in found}


def faults(layer: Layer) -> list[str]:
    with pytest.raises(BrokenLayerError) as raised:
        build(layer)
    return raised.value.message.splitlines()[1:]


def test_one_that_somebody_wrote(layer: Callable[[str], Layer]) -> None:
    template = build(layer("by_hand.yml"))
    assert template.parameters["Public"] == {
        "Type": "String",
        "AllowedValues": ["true", "false"],
        "Default": "false",
    }
    assert template.defaults == {"Public": "false"}
    assert template.document["Mappings"] == {"Sizes": {"111111111111": {"Memory": 128}}}
    assert template.resources["Subscription"]["Properties"]["Endpoint"] == {
        "Fn::ImportValue": {"Fn::Sub": "${Prefix}-QueueArn"}
    }
    assert {("unseen-import", "Subscription"), ("shared-export", "")} <= told(layer("by_hand.yml"))


def test_sam_is_refused_with_the_way(layer: Callable[[str], Layer]) -> None:
    (one,) = faults(layer("sam.yaml"))
    assert one.startswith("  sampled/sam.yaml:2:1: Transform: names a macro, whose ")
    assert one.endswith(
        "; name the processed template instead: `aws cloudformation get-template "
        "--template-stage Processed --query TemplateBody --stack-name ...`"
    )


def test_what_sam_has_processed_is_taken(layer: Callable[[str], Layer]) -> None:
    template = build(layer("sam-processed.json"))
    assert list(template.outputs) == ["WorkerFunction", "WorkerFunctionIamRole"]
    assert template.capabilities == ["CAPABILITY_IAM"]
    assert ("unbounded-role", "WorkerFunctionRole") in told(layer("sam-processed.json"))


def test_the_cdk_is_told_to_leave_out_its_metadata(layer: Callable[[str], Layer]) -> None:
    (one,) = faults(layer("cdk.json"))
    assert one == (
        "  sampled/cdk.json:88:4: Resources.CDKMetadata.Type: AWS::CDK::Metadata reports the use "
        "of the CDK, and differs with each of its versions; leave it out: `cdk synth "
        "--no-version-reporting`"
    )


def test_what_the_cdk_makes_is_taken_with_its_parameter_and_its_rule(
    layer: Callable[[str], Layer],
) -> None:
    of = layer("cdk.json")
    without_metadata(Path("sampled/cdk.json"))
    template = build(of)
    assert template.defaults == {"BootstrapVersion": "/cdk-bootstrap/hnb659fds/version"}
    assert list(template.document["Rules"]) == ["CheckBootstrapVersion"]
    assert template.resources["WorkerD3A5B0F4"]["Metadata"]["aws:asset:property"] == "Code"
    assert ("retained-data", "JobsQueueB3D9F2A1") in told(of)


def test_rain_is_told_to_package(layer: Callable[[str], Layer]) -> None:
    assert [one.partition("is not a function; ") for one in faults(layer("rain.yaml"))] == [
        (
            f"  sampled/rain.yaml:{line}: Resources.MyFunction.Properties.{part}: !Rain::{name} ",
            "is not a function; ",
            "`rain pkg FILE --output OTHER` writes a file without directives: name that file",
        )
        for line, part, name in (
            ("18:9", "Code.ZipFile", "Embed"),
            ("20:7", "Role", "Include"),
        )
    ]


def test_what_rain_has_packaged_is_taken(layer: Callable[[str], Layer]) -> None:
    of = layer("rain-packaged.yaml")
    code: Any = build(of).resources["MyFunction"]["Properties"]["Code"]
    assert code == {"ZipFile": "def handler(event, context):\n    return event\n"}
    assert ("stack-name", "") in told(of)
    assert ("shared-export", "") not in told(of)


@pytest.mark.parametrize("name", ["by_hand.yml", "sam-processed.json", "rain-packaged.yaml"])
def test_a_rendered_sample_reads_as_it_was(layer: Callable[[str], Layer], name: str) -> None:
    first = build(layer(name))
    assert Template("jobs", first.text) == first
    document = {key: part for key, part in first.document.items() if key != "Metadata"}
    Path("sampled/again.json").write_text(json.dumps(document))
    again = build(layer("again.json")).document
    assert {key: part for key, part in again.items() if key != "Metadata"} == document
