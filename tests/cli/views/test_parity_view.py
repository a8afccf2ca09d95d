"""Every form of `tapgen parity` over one comparison, against golden files."""

from __future__ import annotations

import json

import click
import pytest

from tapgen.cli.views import parity as view
from tapgen.model.layer import OutputRef
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template
from tapgen.payments.platform import PLATFORM
from tapgen.review.parity.comparison import DRIFTED, Observed, Parity, compare
from tests import golden_files

CODE = "functions/{}.zip"
SETTINGS = {
    "data": {"Reads": "data.read_capacity", "Parent": "parent_zone_id"},
    "compute": {"MemoryMb": "functions.memory_mb", "LogLevel": "functions.log_level"},
}
# What no file has: what other layers and environments gave.
GIVEN = {"data": {"Parent": "Z1"}, "compute": {"KeyArn": "arn:key"}}
VALUES = {
    "staging": {"Reads": "25", "MemoryMb": "1024", "LogLevel": "DEBUG"},
    "prod": {"Reads": "100", "MemoryMb": "3008", "LogLevel": "INFO"},
}


def template(layer: str) -> Template:
    settings = SETTINGS[layer] | ({"Code": "code.key"} if layer == "compute" else {})
    names = [*settings, *({"compute": ["KeyArn"]}.get(layer, [])), "Secret"]
    parameters = {name: {"Type": "String"} for name in names}
    parameters["Secret"]["NoEcho"] = "true"
    document = {
        "Metadata": {"tapgen": {"Settings": settings}},
        "Parameters": parameters,
        "Resources": {},
    }
    return Template(layer, json.dumps(document, indent=2, sort_keys=True) + "\n")


def stack(environment: str, layer: str) -> Stack:
    inputs = {"compute": {"KeyArn": OutputRef("data", "KeyArn")}}.get(layer, {})
    values = {n: v for n, v in VALUES[environment].items() if n in SETTINGS[layer]}
    if layer == "compute":
        values["Code"] = CODE.format("ab" * 32)
    elif environment == "staging":
        inputs = {"Parent": OutputRef("zone", "HostedZoneId", environment="prod")}
    else:
        values["Parent"] = ""
    return Stack(
        environment=environment,
        layer=layer,
        name=f"pay-{environment}-{layer}",
        account_id="222222222222",
        region="us-east-1",
        template=template(layer),
        parameters=values,
        inputs=inputs,
        tags={},
        protected=True,
    )


STACKS = {
    "staging": [stack("staging", "data"), stack("staging", "compute")],
    "prod": [stack("prod", "data"), stack("prod", "compute")],
}


def deployed() -> Parity:
    """A change by hand, drift, a stack that is missing, other code, and a secret."""
    found = {
        (name, member.layer): Observed(
            member.template.sha256,
            {**member.parameters, **GIVEN[member.layer], "Secret": "****"},
            "UPDATE_COMPLETE",
            "IN_SYNC",
        )
        for name, members in STACKS.items()
        for member in members
    }
    compute = found["staging", "compute"]
    by_hand = {
        **compute.parameters,
        "KeyArn": "arn:other",
        "MemoryMb": "2048",
        "Code": CODE.format("cd" * 32),
    }
    found["staging", "compute"] = Observed(compute.template, by_hand, "UPDATE_COMPLETE", DRIFTED)
    found["prod", "data"] = Observed("", {}, "ABSENT")
    return compare(PLATFORM, STACKS, found)


@pytest.mark.parametrize(
    "found", [compare(PLATFORM, STACKS), deployed()], ids=["declared", "deployed"]
)
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_golden(
    form: str,
    found: Parity,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    view.show(found, form)
    which = request.node.callspec.id.rpartition("-")[2]
    ending = {"text": "txt", "json": "json", "markdown": "md"}[form]
    golden_files.check(f"parity/{which}.{ending}", click.unstyle(capsys.readouterr().out))


def test_the_golden_files_show_every_kind_of_finding() -> None:
    found = deployed()
    compute = next(layer for layer in found.layers if layer.layer == "compute")
    assert not found.holds
    assert compute.forbidden
    assert compute.deviations
    assert compute.drifted == ("staging",)
    assert not compute.same_code
    assert compute.unknown == ("Secret",)
