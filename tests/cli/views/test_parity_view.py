"""Every form of `tapgen parity` over one comparison, against golden files."""

from __future__ import annotations

import json
from dataclasses import replace

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


def test_of_many_environments_values_name_who_has_them() -> None:
    names = [f"e{n:03}" for n in range(100)]
    stacks = {}
    for number, name in enumerate(names):
        data = stack("prod", "data")
        reads = str(number) if number % 2 else "100"
        parameters = {**data.parameters, "Reads": reads}
        compute = replace(stack("prod", "compute"), environment=name)
        stacks[name] = [replace(data, environment=name, parameters=parameters), compute]
    found = compare(PLATFORM, stacks)
    lines = click.unstyle(view.text(found)).splitlines()
    assert max(map(len, lines)) < 120
    assert len(lines) < 20
    sha = template("data").sha256[:12]
    named = "e000, e001, e002, e003 and 96 more"
    assert " ".join(lines[2].split()) == f"data {sha} {named} identical 1 may differ"
    at = next(n for n, line in enumerate(lines) if line.startswith("Reads"))
    assert [" ".join(line.split()) for line in lines[at : at + 4]] == [
        "Reads data.read_capacity 100 e000, e002, e004, e006 and 46 more data",
        "1 e001",
        "3 e003",
        "48 more values e005, e007, e009, e011 and 44 more",
    ]
    assert lines[-1].startswith("e000, e001, e002, e003, e004, e005 and 94 more: identical")
    assert max(map(len, view.markdown(found).splitlines())) < 140
