from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tapgen.model.limits import PROJECT_NAME
from tapgen.starters.judging import refuse_wrong
from tapgen.starters.wishes import KINDS, STAGES, Wishes, name_for, with_proposals

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
RIGHT = Wishes("empty", "web-shop", "eu-west-1", ACCOUNTS)


def test_the_package_has_a_name_that_python_takes() -> None:
    assert RIGHT.package == "web_shop_platform"
    assert RIGHT.package.isidentifier()


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"prod": "10.10.0.0/16"},  # what dev would have got
        {"staging": "10.16.0.0/22", "dev": "10.20.4.0/22"},
    ],
)
def test_what_nobody_chose_is_free_of_all_others(chosen: dict[str, str]) -> None:
    found = replace(RIGHT, kind="example", cidrs=chosen).networks
    assert tuple(found) == STAGES
    assert found.items() >= chosen.items()
    networks = [*map(IPv4Network, found.values())]
    assert all(network.is_private for network in networks)
    assert not any(one.overlaps(other) for one, other in combinations(networks, 2))


@pytest.mark.parametrize("wrong", ["no range", "10.0.0.0/8", ""])
def test_what_no_network_can_be_stands_in_nobodys_way(wrong: str) -> None:
    proposals = with_proposals({})
    assert with_proposals({"dev": wrong}) == {
        "dev": wrong,
        "staging": proposals["dev"],
        "prod": proposals["staging"],
    }


def test_a_platform_without_networks_has_no_ranges() -> None:
    assert RIGHT.networks == {}


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("Shop", "shop"),
        ("our shop_2", "our-shop-2"),
        ("2026-shop", "shop"),
        ("a-long-name-of-a-folder", "a-long-name"),
        ("___", "empty"),
    ],
)
def test_the_name_of_a_folder_becomes_one_of_a_project(
    folder: str, name: str, tmp_path: Path
) -> None:
    assert name_for("empty", tmp_path / folder) == name
    refuse_wrong(replace(RIGHT, project=name))


def test_a_kind_that_has_a_name_gives_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named: dict[str, Any] = {"empty": KINDS["empty"]._replace(project="orders")}
    monkeypatch.setattr("tapgen.starters.wishes.KINDS", named)
    assert name_for("empty", tmp_path) == "orders"
    assert PROJECT_NAME.endswith("{1,11}$")  # as long as `name_for` cuts
