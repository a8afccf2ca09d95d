"""Settings that read an output of another environment, as far as files tell."""

from __future__ import annotations

from collections.abc import Callable
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.model.layer import OutputRef, ParameterRef
from tapgen.payments.platform import PLATFORM
from tapgen.settings.base import Elsewhere
from tapgen.settings.checks.references import circle_through
from tapgen.settings.fields import fields
from tapgen.settings.store import load

Faults = Callable[..., list[str]]
Refer = Callable[..., None]
PLACE = "7:17: parent_zone_id: "


@pytest.fixture
def refer(envs: Path) -> Refer:
    """`refer("dev", "prod.zone.HostedZoneId")` lets dev's parent zone be that output."""

    def write(name: str, output: str, setting: str = "parent_zone_id") -> None:
        path = envs / f"{name}.yaml"
        lines = path.read_text().splitlines(keepends=True)
        (at,) = (i for i, line in enumerate(lines) if line.startswith("domain:"))
        lines.insert(at + 1, f"{setting}: {{output: {output}}}\n")
        path.write_text("".join(lines))

    return write


def test_an_output_is_kept_as_what_it_is(envs: Path, refer: Refer, fault_lines: Faults) -> None:
    refer("dev", "prod.zone.HostedZoneId")
    assert fault_lines() == []
    dev = load(envs, PLATFORM, "dev")
    found = dev.value("parent_zone_id")
    assert found == Elsewhere(output="prod.zone.HostedZoneId")
    assert isinstance(found, Elsewhere)
    assert found.source == OutputRef("zone", "HostedZoneId", environment="prod")
    assert dev.parameter("parent_zone_id") == "{output: prod.zone.HostedZoneId}"
    assert str(dev.sources["parent_zone_id"]) == "envs/dev.yaml:7:17"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("prd.zone.HostedZoneId", "there is no environment prd; did you mean prod?"),
        ("x9.zone.HostedZoneId", "there is no environment x9; one of dev, prod"),
        ("prod.zones.HostedZoneId", "there is no layer zones; did you mean zone?"),
        ("prod.zone.ZoneIds", "the layer zone has no output ZoneIds; "),
        (
            "prod.zone.X",
            "has no output X; one of HostedZoneId, NameServers, DelegationRecorded",
        ),
        ("staging.zone.HostedZoneId", "staging.zone.HostedZoneId is its own output; layers of one"),
        ("prod.zone", '"prod.zone" does not name an output of another environment; write'),
        ("[prod, zone]", '"" does not name an output of another environment; write'),
    ],
)
def test_what_is_not_there_is_told_with_its_place(
    refer: Refer, fault_lines: Faults, output: str, expected: str
) -> None:
    refer("staging", output)
    (line,) = fault_lines()
    assert line.startswith("envs/staging.yaml:7:")
    assert "parent_zone_id: " in line
    assert expected in line


def test_a_layer_may_be_left_out_there(
    refer: Refer, fault_lines: Faults, edit: Callable[[str, str, str], None]
) -> None:
    edit("prod", "domain: api.example.com\n", "")
    refer("staging", "prod.zone.HostedZoneId")
    assert fault_lines("staging") == [
        (
            f"envs/staging.yaml:{PLACE}prod does not have the layer zone; "
            "it has that layer if it sets domain"
        )
    ]
    edit("staging", "prod.zone.HostedZoneId", "prod.cdn.SiteUrl")
    assert fault_lines("staging") == []


def test_nothing_stands_beside_the_output(refer: Refer, fault_lines: Faults) -> None:
    refer("dev", "prod.zone.HostedZoneId, region: us-east-1")
    (line,) = fault_lines()
    assert line == 'envs/dev.yaml:7:50: parent_zone_id: "region" beside output; remove it'


def test_a_circle_is_spelled_out_in_each_of_its_members(refer: Refer, fault_lines: Faults) -> None:
    refer("staging", "prod.zone.HostedZoneId")
    refer("prod", "staging.zone.HostedZoneId")
    refer("dev", "prod.zone.HostedZoneId")  # leads into the circle, which is not its own fault
    circle = "environments read from each other in a circle: "
    assert [line.partition("; ")[0] for line in fault_lines()] == [
        f"envs/prod.yaml:{PLACE}{circle}prod -> staging -> prod",
        f"envs/staging.yaml:{PLACE}{circle}staging -> prod -> staging",
    ]
    assert fault_lines("dev") == []


def test_a_chain_is_fine(refer: Refer, fault_lines: Faults) -> None:
    refer("dev", "staging.zone.HostedZoneId")
    refer("staging", "prod.zone.HostedZoneId")
    assert fault_lines() == []


# --- parameters of Systems Manager ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["/shared/mail", "mail", "/a/b_c.d-e", "/shared/mail:3", "a:ok"])
def test_a_parameter_is_kept_as_what_it_is(
    envs: Path, edit: Callable[[str, str, str], None], fault_lines: Faults, name: str
) -> None:
    edit("dev", "domain:", f"parent_zone_id: {{ssm: {name}}}\ndomain:")
    assert fault_lines() == []
    dev = load(envs, PLATFORM, "dev")
    found = dev.value("parent_zone_id")
    assert found == Elsewhere(ssm=name)
    assert isinstance(found, Elsewhere)
    assert (found.source, found.entry) == (ParameterRef(name), {"ssm": name})
    assert dev.parameter("parent_zone_id") == f"{{ssm: {name}}}"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{ssm: /a//b}", '"/a//b" does not name a parameter of Systems Manager; write its name'),
        ("{ssm: 'a b'}", '"a b" does not name a parameter of Systems Manager'),
        ("{ssm: ''}", '"" does not name a parameter'),
        ("{ssm: [a]}", '"" does not name a parameter'),
        ("{ssm: a:1:2}", '"a:1:2" does not name a parameter'),
        ("{ssm: /a, output: prod.zone.HostedZoneId}", '"ssm" beside output; remove it'),
        ("{ssm: /a, key: b}", '"key" beside ssm; remove it'),
        ("{smm: /a}", "is a mapping; write one value"),
    ],
)
def test_what_names_no_parameter_is_told(
    edit: Callable[[str, str, str], None], fault_lines: Faults, written: str, expected: str
) -> None:
    edit("dev", "domain:", f"parent_zone_id: {written}\ndomain:")
    (line,) = fault_lines("dev")
    assert expected in line


def test_what_has_to_stand_in_the_file_is_read_from_nowhere(
    edit: Callable[[str, str, str], None], fault_lines: Faults
) -> None:
    edit("common", "region: us-east-1", "region: {ssm: /a}")
    (line,) = fault_lines("dev")
    assert "region: cannot be read from Systems Manager; it says where stacks are" in line


NAMES = st.sampled_from("abcdef")


@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=3)))
def test_there_is_a_circle_exactly_where_no_order_exists(reads: dict[str, list[str]]) -> None:
    circles = {name: circle_through(name, reads) for name in reads}
    for name, circle in circles.items():
        if circle:
            assert circle[0] == circle[-1] == name
            assert len(set(circle[1:])) == len(circle) - 1
            for one, next_ in pairwise(circle):
                assert next_ in reads[one]
    try:
        TopologicalSorter(reads).prepare()
        ordered = True
    except CycleError:
        ordered = False
    assert ordered == (not any(circles.values()))


@given(st.lists(NAMES, min_size=1, unique=True))
def test_the_whole_circle_is_told(members: list[str]) -> None:
    reads = {one: [members[(i + 1) % len(members)]] for i, one in enumerate(members)}
    assert circle_through(members[0], reads) == [*members, members[0]]


# --- which settings may ---------------------------------------------------------------------------

OWN = sorted(name for name, field in fields(PLATFORM).items() if not field.takes_elsewhere)


@pytest.mark.parametrize("setting", OWN)
def test_a_setting_that_tapgen_decides_by_has_a_value_of_its_own(
    envs: Path, fault_lines: Faults, setting: str
) -> None:
    section, _, leaf = setting.rpartition(".")
    line = f"{leaf}: {{output: prod.zone.HostedZoneId}}\n"
    path = envs / "qa.yaml"
    path.write_text(f"{section}:\n  {line}" if section else line)
    (found,) = (line for line in fault_lines("qa") if "cannot be read from another" in line)
    place = f"2:{len(leaf) + 5}" if section else f"1:{len(leaf) + 3}"
    assert found.startswith(f"envs/qa.yaml:{place}: {setting}: ")
    assert found.endswith(f"; {fields(PLATFORM)[setting].own}: write the value itself")
