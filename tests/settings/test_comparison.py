from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tapgen.payments.platform import PLATFORM
from tapgen.settings.comparison import differences
from tapgen.settings.store import load_all

Edit = Callable[[str, str, str], None]


def test_every_setting_that_differs_with_both_places(envs: Path) -> None:
    dev, staging, prod = load_all(envs, PLATFORM)
    found = {one.setting: one for one in differences(staging, prod)}
    memory = found["functions.memory_mb"]
    assert (memory.first.value, memory.second.value, memory.varies) == (1024, 3008, True)
    assert str(memory.first.source) == "envs/staging.yaml:23:14"
    assert all(one.varies for one in found.values())
    assert "protection" not in found
    assert "protection" in {one.setting for one in differences(dev, prod)}
    assert differences(prod, prod) == ()


def test_what_must_not_differ_is_marked(envs: Path, edit: Edit) -> None:
    edit("staging", "  memory_mb", "  log_level: DEBUG\n  memory_mb")
    edit("prod", "protection", "parent_zone_id: Z123\nprotection")
    _, staging, prod = load_all(envs, PLATFORM)
    found = {one.setting: one for one in differences(staging, prod)}
    assert not found["functions.log_level"].varies
    assert str(found["functions.log_level"].second.source).startswith("envs/common.yaml:")
    zone = found["parent_zone_id"]
    assert (zone.first.value, zone.first.text, zone.first.source) == (None, "", None)


def test_the_order_of_a_list_does_not_count(envs: Path, edit: Edit) -> None:
    edit("staging", "  nat", "  interface_endpoints: [sts, xray]\n  nat")
    edit("prod", "  nat", "  interface_endpoints: [xray, sts]\n  nat")
    _, staging, prod = load_all(envs, PLATFORM)
    assert "network.interface_endpoints" not in {o.setting for o in differences(staging, prod)}
