from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

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
            "envs/dev.yaml:32:19: api.throttle_burst: 249 is below api.throttle_rate; at least 250",
        ),
        (
            "protection: false",
            "protection: true",
            (
                "envs/dev.yaml:20:27: data.point_in_time_recovery: must be on where protection is "
                "on; write true"
            ),
        ),
        (
            "function_duration_p99_ms: 8000",
            "function_duration_p99_ms: 10001",
            (
                "envs/dev.yaml:35:29: alarms.function_duration_p99_ms: 10001 ms is never reached: "
                "functions time out after 10 s; at most 10000"
            ),
        ),
        (
            "domain: dev.api.example.com",
            "parent_zone_id: Z123",
            (
                "envs/dev.yaml:6:17: parent_zone_id: needs a domain to delegate; "
                "set domain too, or leave this out"
            ),
        ),
        (
            "  nat: none\n",
            "  nat: none\n  interface_endpoints: [sts, logs]\n",
            (
                "envs/dev.yaml:14:24: network.interface_endpoints: without NAT the functions "
                "cannot reach kms, sqs, xray; add them, or set network.nat to single or per-az"
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
                "take it from 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16"
            ),
        ),
        (
            "name: dev",
            "name: dev\nproject: lawsuits",
            (
                "envs/dev.yaml:4:7: name: Cognito takes no domain with aws in it, but the prefix "
                "is lawsuits-dev; choose another name or project, or set stack_prefix"
            ),
        ),
        (
            "name: dev",
            "name: dev\nproject: twelve-chars-x",
            (
                'envs/dev.yaml:5:10: project: "twelve-chars-x" does not fit; Name of the project, '
                "in stack names and in the Project tag."
            ),
        ),
        (
            "name: dev",
            "name: dev\nstack_prefix: twenty-three-characters-x",
            (
                'envs/dev.yaml:5:15: stack_prefix: "twenty-three-characters-x" does not fit; '
                "What stack and resource names begin with; without it `<project>-<name>`."
            ),
        ),
    ],
)
def test_settings_that_contradict_each_other(
    edit: Edit, faults: Faults, old: str, new: str, fault: str
) -> None:
    edit("dev", old, new)
    assert faults("dev") == [fault]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("read_capacity_max: 20", "read_capacity_max: 5"),
        ("throttle_burst: 500", "throttle_burst: 250"),
        ("function_duration_p99_ms: 8000", "function_duration_p99_ms: 10000"),
        ("protection: false", "protection: false\nparent_zone_id: Z123"),
        ("domain: dev.api.example.com", "domain: null"),
        ("nat: none", "nat: single\n  interface_endpoints: []"),
        ("10.10.0.0/16", "192.168.4.0/22"),
    ],
)
def test_settings_that_just_fit(edit: Edit, faults: Faults, old: str, new: str) -> None:
    edit("dev", old, new)
    assert faults() == []


@pytest.mark.parametrize(
    ("name", "project"),
    [
        ("quality-test", "payments-api"),  # 12 + 1 + 12 characters, the limit is 23
        ("quality-", "payments"),
    ],
)
def test_project_and_name_must_make_a_prefix(
    envs: Path, edit: Edit, faults: Faults, name: str, project: str
) -> None:
    (envs / "dev.yaml").rename(envs / f"{name}.yaml")
    edit(name, "name: dev", f"name: {name}\nproject: {project}")
    assert faults(name) == [
        (
            f"envs/{name}.yaml:4:7: name: the stack prefix {project}-{name} is longer than 23 "
            "characters or ends in a hyphen; shorten name or project, or set stack_prefix"
        )
    ]
    edit(name, "domain:", "stack_prefix: short\ndomain:")
    assert faults(name) == []


def test_an_open_api_is_for_environments_without_protection(edit: Edit, faults: Faults) -> None:
    edit("dev", "throttle_rate: 250", "authorization: none\n  throttle_rate: 250")
    assert faults("dev") == []
    edit("prod", "throttle_rate: 2500", "authorization: none\n  throttle_rate: 2500")
    assert faults("prod") == [
        (
            "envs/prod.yaml:31:18: api.authorization: must not be none where protection is on: "
            "anybody could pay; write cognito"
        )
    ]


@pytest.mark.parametrize("word", ["amazon", "aws", "cognito"])
def test_words_that_cognito_reserves_are_refused(edit: Edit, faults: Faults, word: str) -> None:
    edit("dev", "name: dev", f"name: dev\nproject: a-{word}")
    (fault,) = faults()
    assert f"Cognito takes no domain with {word} in it" in fault


def test_words_that_cognito_reserves_matter_only_with_cognito(edit: Edit, faults: Faults) -> None:
    edit("dev", "throttle_rate: 250", "authorization: none\n  throttle_rate: 250")
    edit("dev", "name: dev", "name: dev\nproject: lawsuits")
    assert faults("dev") == []


def test_a_faulty_setting_is_not_judged_a_second_time(edit: Edit, faults: Faults) -> None:
    edit("dev", "read_capacity: 5\n", "read_capacity: many\n")
    assert faults("dev") == [
        (
            'envs/dev.yaml:16:18: data.read_capacity: "many" is not a whole number in plain '
            "digits; write a whole number from 1 to 1000 without quotes"
        )
    ]


def test_express_is_for_environments_without_protection(envs: Path, faults: Faults) -> None:
    prod = envs / "prod.yaml"
    prod.write_text(prod.read_text() + "\ndeployment:\n  express: true\n")
    (fault,) = faults("prod")
    assert "deployment.express: must be off where protection is on" in fault
    dev = envs / "dev.yaml"
    dev.write_text(dev.read_text() + "\ndeployment:\n  express: true\n")
    assert faults("dev") == []
