from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tapgen.errors import TapgenError
from tapgen.settings.editing.yaml_edit import with_heading, with_value, without

TEXT = """\
# yaml-language-server: $schema=settings.schema.json
# Production.

name: prod # not to be trifled with
account_id: "333333333333"

network:
  # never overlapping
  cidr: 10.30.0.0/16
  interface_endpoints:
    - logs
    - kms

# sized in May
data: # tables
  read_capacity: 5

parent_zone_id: {output: prod.zone.HostedZoneId}
cdn: {price_class: PriceClass_100}
deployment:
  role_arn: >
    arn
extra:
  other:
    output:
      prod.a.B
alarms:
  email:"""


@pytest.mark.parametrize(
    ("setting", "value", "old", "new"),
    [
        ("name", "qa", "name: prod # not to be trifled with\n", "name: qa\n"),
        ("name", "no", "name: prod # not to be trifled with\n", 'name: "no"\n'),
        ("account_id", "012345678901", '"333333333333"', '"012345678901"'),
        ("network.cidr", "10.40.0.0/16", "10.30.0.0/16", "10.40.0.0/16"),
        ("network.interface_endpoints", "x", "- logs\n    - kms\n", "x\n"),
        ("domain", "a.b", "\n\nnetwork:", "\n\ndomain: a.b\nnetwork:"),
        ("data.point_in_time", True, "  read", "  point_in_time: true\n  read"),
        ("data.point_in_time", False, "  read", "  point_in_time: false\n  read"),
        ("api.throttle_rate", "x", "email:", "email:\n\napi:\n  throttle_rate: x\n"),
        ("deployment.role_arn", "x", ">\n    arn\n", "x\n"),
        ("alarms.email", "x", "email:", "email: x"),
        ("parent_zone_id", "Z1", "{output: prod.zone.HostedZoneId}", "Z1"),
        ("extra.other", "x", "output:\n      prod.a.B", "x"),
    ],
)
def test_a_value_is_written_and_nothing_else_changed(
    setting: str, value: str | bool, old: str, new: str
) -> None:
    assert TEXT.count(old) == 1
    assert with_value(TEXT, setting, value) == TEXT.replace(old, new)


def test_a_top_level_setting_stands_first_where_no_account_does() -> None:
    assert with_value("name: a\nregion: b\n", "domain", "c") == "domain: c\nname: a\nregion: b\n"
    assert with_value("account_id: a\n", "domain", "c") == "domain: c\naccount_id: a\n"


@pytest.mark.parametrize(
    ("setting", "old", "new"),
    [
        ("name", "name: prod # not to be trifled with\n", ""),
        ("network.cidr", "  cidr: 10.30.0.0/16\n", ""),
        ("network.interface_endpoints", "  interface_endpoints:\n    - logs\n    - kms\n", ""),
        ("data.read_capacity", "data: # tables\n  read_capacity: 5\n\n", "\n"),
        ("deployment.role_arn", "deployment:\n  role_arn: >\n    arn\n", ""),
        ("alarms.email", "alarms:\n  email:", ""),
        ("extra.other", "extra:\n  other:\n    output:\n      prod.a.B\n", ""),
        ("parent_zone_id", "parent_zone_id: {output: prod.zone.HostedZoneId}\n", ""),
        ("api.throttle_rate", "", ""),
        ("data.write_capacity", "", ""),
    ],
)
def test_a_setting_is_taken_out(setting: str, old: str, new: str) -> None:
    assert without(TEXT, setting) == (TEXT.replace(old, new) if old else TEXT)


def test_no_empty_lines_pile_up() -> None:
    assert without("a: 1\n\nb:\n  c: 1\n\nd: 1\n", "b.c") == "a: 1\n\nd: 1\n"


@pytest.mark.parametrize("setting", ["cdn.price_class", "cdn.other"])
def test_braces_are_refused(setting: str) -> None:
    with pytest.raises(TapgenError, match=re.escape(f"{setting} is written in braces")):
        with_value(TEXT, setting, "x")
    with pytest.raises(TapgenError, match="in braces"):
        with_value("{name: a}", "name", "b")
    with pytest.raises(TapgenError, match="in braces"):
        without(TEXT, "cdn.price_class")


def test_the_heading_takes_the_place_of_the_old_one() -> None:
    assert with_heading(TEXT, "Quality.").startswith(
        "# yaml-language-server: $schema=settings.schema.json\n# Quality.\n\nname: prod"
    )
    assert with_heading("name: a\n", "A.") == "# A.\n\nname: a\n"


@given(value=st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])))
def test_any_text_is_read_back_as_it_was_written(value: str) -> None:
    for setting in ("name", "network.cidr", "domain", "api.other"):
        read = yaml.safe_load(with_value(TEXT, setting, value))
        for step in setting.split("."):
            read = read[step]
        assert read == value
