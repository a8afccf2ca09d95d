from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from tapgen.errors import UsageError
from tapgen.starters.judging import _faults, fault_of, platform_of, range_faults, refuse_wrong
from tapgen.starters.wishes import KINDS, STAGES, Wishes, with_proposals

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
RIGHT = Wishes("empty", "web-shop", "eu-west-1", ACCOUNTS)
WITH_NETWORKS = [name for name, kind in KINDS.items() if kind.network]


def test_what_settings_take_is_not_refused() -> None:
    assert list(_faults(RIGHT)) == []
    refuse_wrong(RIGHT)


def test_everything_that_is_wrong_is_told_at_once_with_what_is_allowed() -> None:
    wrong = Wishes(
        "empty", "Web Shop", "eu-wst-1", {"dev": "1111", "qa": "444444444444", "prod": ""}
    )
    with pytest.raises(UsageError) as refused:
        refuse_wrong(wrong)
    name, *others = refused.value.message.splitlines()
    assert name.startswith('--project-name: "Web Shop" does not fit: "W" (character 1) is not')
    assert name.endswith("a letter first, for instance web-shop")
    assert others == [
        '--region: "eu-wst-1" does not fit; a region of AWS, for instance eu-west-1',
        '--account dev: "1111" does not fit; 12 digits in quotes, for instance 111111111111',
        '--account prod: "" does not fit; 12 digits in quotes, for instance 111111111111',
        '--account: there is no environment "qa"; the environments are dev, staging, prod',
        "--account staging: missing; add --account staging=<12 digits>",
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


# --- networks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WITH_NETWORKS)
def test_proposals_fit(kind: str) -> None:
    with platform_of(kind) as platform:
        assert range_faults(platform, KINDS[kind].network, with_proposals({})) == []


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("example", "prod and dev (--cidr dev) have the same range"),
        (
            "payments",
            "10.20.0.0/16 of prod overlaps 10.20.0.0/16 of dev (--cidr dev)",
        ),
    ],
)
def test_ranges_are_judged_by_the_settings_of_the_platform(kind: str, said: str) -> None:
    chosen = {"dev": "10.20.0.0/16", "staging": "10.20.0.0/40", "prod": "10.20.0.0/16"}
    with pytest.raises(UsageError) as refused:
        refuse_wrong(replace(RIGHT, kind=kind, region="nowhere", cidrs=chosen))
    region, staging, prod = refused.value.message.splitlines()
    assert region.startswith("--region: ")
    assert staging.startswith('--cidr staging: "10.20.0.0/40" does not fit')
    assert prod.partition(";")[0] == f"--cidr prod: {said}"


def test_every_overlap_is_told() -> None:
    chosen = {"dev": "10.20.0.0/16", "staging": "10.20.16.0/22", "prod": "10.20.32.0/22"}
    with platform_of("payments") as platform:
        found = range_faults(platform, KINDS["payments"].network, chosen)
    assert [one.partition(";")[0] for one in found] == [
        "--cidr staging: 10.20.16.0/22 of staging overlaps 10.20.0.0/16 of dev (--cidr dev)",
        "--cidr prod: 10.20.32.0/22 of prod overlaps 10.20.0.0/16 of dev (--cidr dev)",
    ]


@pytest.mark.parametrize("kind", WITH_NETWORKS)
def test_ranges_that_fit_are_taken(kind: str) -> None:
    chosen = {stage: f"10.{n}.0.0/16" for n, stage in enumerate(STAGES, start=100)}
    refuse_wrong(replace(RIGHT, kind=kind, cidrs=chosen))


def test_a_range_without_a_network_is_wrong() -> None:
    with pytest.raises(UsageError) as refused:
        refuse_wrong(replace(RIGHT, cidrs={"qa": "10.20.0.0/16"}))
    assert refused.value.message.splitlines() == [
        '--cidr: there is no environment "qa"; the environments are dev, staging, prod',
        "--cidr: the platform empty has no networks; leave it out",
    ]


def test_what_was_tried_leaves_nothing_behind() -> None:
    path = [*sys.path]
    with platform_of("example") as platform:
        module = platform.settings.partition(":")[0]
        platform.part("settings")
        assert module in sys.modules
    assert module not in sys.modules
    assert sys.path == path
