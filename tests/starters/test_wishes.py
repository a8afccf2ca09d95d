from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tapgen.errors import UsageError
from tapgen.model.limits import PROJECT_NAME
from tapgen.starters.wishes import KINDS, STAGES, Wishes, fault_of, name_for

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
RIGHT = Wishes("empty", "web-shop", "eu-west-1", ACCOUNTS)


def test_what_settings_take_is_not_refused() -> None:
    RIGHT.refuse_wrong()
    assert RIGHT.package == "web_shop_platform"
    assert RIGHT.package.isidentifier()


def test_everything_that_is_wrong_is_told_at_once_with_what_is_allowed() -> None:
    wrong = Wishes(
        "empty", "Web Shop", "eu-wst-1", {"dev": "1111", "qa": "444444444444", "prod": ""}
    )
    with pytest.raises(UsageError) as refused:
        wrong.refuse_wrong()
    name, *others = refused.value.message.splitlines()
    assert name.startswith('--project-name: "Web Shop" does not fit: "W" (character 1) is not')
    assert name.endswith("a letter first, for instance web-shop")
    assert others == [
        '--region: "eu-wst-1" does not fit; a region of AWS, for instance eu-west-1',
        '--account dev: "1111" does not fit; 12 digits in quotes, for instance 111111111111',
        '--account prod: "" does not fit; 12 digits in quotes, for instance 111111111111',
        '--account: there is no environment "qa"; there are dev, staging, prod',
        "--account staging: is missing; write --account staging=<12 digits>",
    ]
    assert "nothing was written" in refused.value.hint


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("account_id", "012345678901", ""),
        ("region", "us-east-1", ""),
        ("region", "us-east-9", "there is no region us-east-9; did you mean us-east-"),
        ("project", "shop\n", r'"shop\n" does not fit'),
    ],
)
def test_a_value_is_judged_as_in_a_file(setting: str, value: str, said: str) -> None:
    found = fault_of(setting, value)
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_networks_do_not_overlap() -> None:
    networks = {stage: IPv4Network(cidr) for stage, cidr in RIGHT.cidrs.items()}
    assert tuple(networks) == STAGES
    assert all(network.is_private for network in networks.values())
    assert not any(one.overlaps(other) for one, other in combinations(networks.values(), 2))


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
    replace(RIGHT, project=name).refuse_wrong()


def test_a_kind_that_has_a_name_gives_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named: dict[str, Any] = {"empty": KINDS["empty"]._replace(project="orders")}
    monkeypatch.setattr("tapgen.starters.wishes.KINDS", named)
    assert name_for("empty", tmp_path) == "orders"
    assert PROJECT_NAME.endswith("{1,11}$")  # as long as `name_for` cuts
