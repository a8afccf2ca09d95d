"""What settings of the payments platform have to do with each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tapgen.payments.checks import CHECKS, endpoints_without_nat
from tapgen.payments.platform import PLATFORM
from tapgen.settings.store import load

Edit = Callable[[str, str, str], None]
Faults = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "read_capacity_max: 20",
            "read_capacity_max: 4",
            (
                "envs/dev.yaml:17:22: data.read_capacity_max: 4 is below data.read_capacity; "
                "at least 5"
            ),
        ),
        (
            "write_capacity_max: 20",
            "write_capacity_max: 4",
            (
                "envs/dev.yaml:19:23: data.write_capacity_max: 4 is below data.write_capacity; "
                "at least 5"
            ),
        ),
        (
            "throttle_burst: 500",
            "throttle_burst: 249",
            "envs/dev.yaml:33:19: api.throttle_burst: 249 is below api.throttle_rate; at least 250",
        ),
        (
            "protection: false",
            "protection: true",
            (
                "envs/dev.yaml:20:27: data.point_in_time_recovery: must be on if protection is "
                "on; set it to true"
            ),
        ),
        (
            "function_duration_p99_ms: 8000",
            "function_duration_p99_ms: 10001",
            (
                "envs/dev.yaml:36:29: alarms.function_duration_p99_ms: 10001 ms is never reached: "
                "functions time out after 10 s; at most 10000"
            ),
        ),
        (
            "domain: dev.api.example.com",
            "parent_zone_id: Z123",
            (
                "envs/dev.yaml:6:17: parent_zone_id: needs a domain to delegate; "
                "set domain too, or remove this setting"
            ),
        ),
        (
            "  nat: none\n",
            "  nat: none\n  zone_ids: use1-az1,use1-az1\n",
            (
                "envs/dev.yaml:14:13: network.zone_ids: lists 1 zones, but "
                "network.availability_zones is 2; list at least 2 different zones"
            ),
        ),
        (
            "domain: dev.api.example.com",
            f"domain: {'a' * 53}.example.com",
            (
                "envs/dev.yaml:6:9: domain: has 65 characters, but the first name of a "
                "certificate may have 64; choose a shorter one"
            ),
        ),
        (
            "name: dev",
            "name: dev\nproject: sthree\nstack_prefix: sthree",
            (
                "envs/dev.yaml:5:10: project: S3 reserves bucket names that start with sthree-, "
                "but the prefix is sthree; choose another project, or set stack_prefix"
            ),
        ),
        (
            "name: dev",
            "name: dev\nproject: xn-",
            (
                "envs/dev.yaml:5:10: project: S3 reserves bucket names that start with xn--, but "
                "the prefix is xn--dev; choose another project, or set stack_prefix"
            ),
        ),
        (
            "domain: dev.api.example.com",
            "domain: api.example.com",
            (
                "envs/prod.yaml:6:9: domain: prod and dev (envs/dev.yaml:6:9) both use "
                "api.example.com; CloudFront allows a domain only once: use for instance "
                "prod.api.example.com"
            ),
        ),
        (
            "10.10.0.0/16",
            "10.256.0.0/16",
            (
                "envs/dev.yaml:11:9: network.cidr: 10.256.0.0/16 is not an IPv4 range; "
                "for instance 10.10.0.0/16"
            ),
        ),
        (
            "10.10.0.0/16",
            "10.10.1.0/20",
            (
                "envs/dev.yaml:11:9: network.cidr: 10.10.1.0/20 has bits set beyond its prefix; "
                "write 10.10.0.0/20"
            ),
        ),
        (
            "10.10.0.0/16",
            "172.32.0.0/16",
            (
                "envs/dev.yaml:11:9: network.cidr: 172.32.0.0/16 is not private; "
                "choose one in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16"
            ),
        ),
        (
            "name: dev",
            "name: dev\nproject: lawsuits",
            (
                "envs/dev.yaml:4:7: name: Cognito does not allow aws in a domain, but the prefix "
                "is lawsuits-dev; choose another name or project, or set stack_prefix"
            ),
        ),
        (
            "name: dev",
            "name: dev\nproject: twelve-chars-x",
            (
                'envs/dev.yaml:5:10: project: "twelve-chars-x" does not fit; lower-case '
                "letters, digits and hyphens, 2 to 12 characters, a letter first, for instance "
                "payments"
            ),
        ),
        (
            "name: dev",
            "name: dev\nstack_prefix: twenty-three-characters-x",
            (
                'envs/dev.yaml:5:15: stack_prefix: "twenty-three-characters-x" does not fit; '
                "lower-case letters, digits and hyphens, 3 to 23 characters, a letter first and no "
                "hyphen last, for instance payments-dev"
            ),
        ),
    ],
)
def test_settings_that_contradict_each_other(
    edit: Edit, fault_lines: Faults, old: str, new: str, fault: str
) -> None:
    edit("dev", old, new)
    assert fault_lines("dev") == [fault]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("read_capacity_max: 20", "read_capacity_max: 5"),
        ("throttle_burst: 500", "throttle_burst: 250"),
        ("function_duration_p99_ms: 8000", "function_duration_p99_ms: 10000"),
        ("protection: false", "protection: false\nparent_zone_id: Z123"),
        ("domain: dev.api.example.com", "domain: null"),
        ("  nat: none\n", "  nat: none\n  zone_ids: use1-az1,use1-az4\n"),
        ("domain: dev.api.example.com", f"domain: {'a' * 52}.example.com"),
        ("domain: dev.api.example.com", "domain: api.xn--e1afmkfd.xn--p1ai"),
        ("nat: none", "nat: single\n  interface_endpoints: []"),
        ("10.10.0.0/16", "192.168.4.0/22"),
    ],
)
def test_settings_that_just_fit(edit: Edit, fault_lines: Faults, old: str, new: str) -> None:
    edit("dev", old, new)
    assert fault_lines() == []


def test_an_open_api_is_for_environments_without_protection(
    edit: Edit, fault_lines: Faults
) -> None:
    edit("dev", "throttle_rate: 250", "authorization: none\n  throttle_rate: 250")
    assert fault_lines("dev") == []
    edit("prod", "throttle_rate: 2500", "authorization: none\n  throttle_rate: 2500")
    assert fault_lines("prod") == [
        (
            "envs/prod.yaml:32:18: api.authorization: must not be none if protection is on: "
            "anyone could pay; set it to cognito"
        )
    ]


def test_words_that_cognito_reserves_matter_only_with_cognito(
    edit: Edit, fault_lines: Faults
) -> None:
    edit("dev", "throttle_rate: 250", "authorization: none\n  throttle_rate: 250")
    edit("dev", "name: dev", "name: dev\nproject: lawsuits")
    assert fault_lines("dev") == []


# --- between environments -------------------------------------------------------------------------


def test_ranges_must_not_contain_each_other(qa: Path, edit: Edit, fault_lines: Faults) -> None:
    edit("qa", "10.40.0.0/16", "10.30.64.0/20")
    assert fault_lines() == [
        (
            "envs/qa.yaml:11:9: network.cidr: 10.30.64.0/20 of qa overlaps 10.30.0.0/16 of prod "
            "(envs/prod.yaml:11:9); use a separate range for each environment"
        )
    ]


def test_one_account_with_two_prefixes_is_fine_when_one_owns_the_logging(
    qa: Path, edit: Edit, fault_lines: Faults
) -> None:
    edit("qa", "4" * 12, "1" * 12)
    (fault,) = fault_lines("dev")
    assert "api.manage_account_logging: qa and dev" in fault
    edit("qa", "  throttle_rate", "  manage_account_logging: false\n  throttle_rate")
    assert fault_lines() == []


def test_many_that_share_what_they_may_not_are_told_once_each(
    envs: Path, fault_lines: Faults
) -> None:
    dev = (envs / "dev.yaml").read_text()
    for number in range(9):
        name = f"qa{number}"
        own = dev.replace("name: dev", f"name: {name}")
        (envs / f"{name}.yaml").write_text(own.replace("dev.api.", f"{name}.api."))
    faults = fault_lines()
    for setting in ("api.manage_account_logging", "network.cidr"):
        found = [fault for fault in faults if f": {setting}: " in fault]
        assert len(found) == 9
        assert all(" dev " in fault for fault in found)
    (first,) = (f for f in fault_lines("qa3") if ": network.cidr: " in f)
    assert "of qa3 overlaps 10.10.0.0/16 of dev" in first


def test_one_account_in_two_regions_has_two_loggings(
    qa: Path, edit: Edit, fault_lines: Faults
) -> None:
    edit("qa", "4" * 12, "1" * 12)
    edit("qa", "protection: false", "protection: false\nregion: eu-central-1")
    assert fault_lines() == []


def test_a_range_is_compared_although_others_overlap(
    envs: Path, edit: Edit, fault_lines: Faults
) -> None:
    qa = (envs / "dev.yaml").read_text().replace("name: dev", "name: qa")
    qa = qa.replace("1" * 12, "4" * 12).replace("dev.api.example.com", "qa.api.example.com")
    (envs / "qa.yaml").write_text(qa.replace("10.10.0.0/16", "10.10.64.0/20"))
    qb = qa.replace("name: qa", "name: qb").replace("4" * 12, "5" * 12)
    qb = qb.replace("qa.api.example.com", "qb.api.example.com")
    (envs / "qb.yaml").write_text(qb.replace("10.10.0.0/16", "10.30.64.0/20"))
    (fault,) = fault_lines("qb")
    assert "10.30.64.0/20 of qb overlaps 10.30.0.0/16 of prod" in fault


@pytest.mark.parametrize("setting", CHECKS.never_shrinks)
def test_each_size_is_compared(edit: Edit, fault_lines: Faults, envs: Path, setting: str) -> None:
    value = load(envs, PLATFORM, "staging").value(setting)
    leaf = setting.rpartition(".")[2]
    larger = {"retention.cloudwatch_days": 545}.get(setting, 3500 if "memory" in setting else 999)
    edit("staging", f"  {leaf}: {value}\n", f"  {leaf}: {larger}\n")
    if setting.endswith("_max"):
        edit("prod", f"  {leaf}: 1000\n", f"  {leaf}: 998\n")
    elif setting.endswith("capacity"):
        edit("staging", f"  {leaf}_max: 100\n", f"  {leaf}_max: 999\n")
    (fault,) = fault_lines()
    assert f"{setting}: " in fault
    assert f"in prod is less than {larger} in staging" in fault


def test_a_copied_environment_needs_name_account_domain_and_cidr_only(
    qa: Path, envs: Path, fault_lines: Faults
) -> None:
    assert fault_lines() == []
    assert load(envs, PLATFORM, "qa").prefix == "payments-qa"


def test_without_nat_what_the_functions_call_has_an_endpoint() -> None:
    rule = endpoints_without_nat(("dynamodb", "sqs", "kms"))
    assert rule.judge((), "none") == (
        "without NAT the functions cannot reach sqs, kms",
        "add them, or set network.nat to single or per-az",
    )
    assert rule.judge(("kms", "sqs"), "none") is None
    assert rule.judge((), "single") is None


def test_three_zones_where_a_new_account_has_two(edit: Edit, fault_lines: Faults) -> None:
    edit("dev", "name: dev", "name: dev\nregion: us-west-1")
    edit("dev", "availability_zones: 2", "availability_zones: 3")
    (fault,) = fault_lines("dev")
    assert fault == (
        "envs/dev.yaml:13:23: network.availability_zones: 3 zones, but a new account has 2 in "
        "us-west-1; set it to 2, or list the account's zones in network.zone_ids"
    )
    edit("dev", "zones: 3", "zones: 3\n  zone_ids: usw1-az1,usw1-az2,usw1-az3")
    assert fault_lines("dev") == []
