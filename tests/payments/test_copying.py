from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.errors import TapgenError
from tapgen.payments.copying import COPYING, free_cidr
from tapgen.payments.platform import PLATFORM
from tapgen.settings.editing.new_environment import Wanted, replicate

Edit = Callable[[str, str, str], None]
QA = Wanted("qa", "444444444444")


def test_the_domain_follows_the_source(envs: Path, edit: Edit) -> None:
    assert (
        replicate(envs, PLATFORM, "staging", QA).environment.value("domain") == "qa.api.example.com"
    )
    edit("dev", "domain: dev.api.example.com\n", "")
    assert replicate(envs, PLATFORM, "dev", QA).environment.value("domain") is None


def test_a_second_environment_in_an_account_leaves_its_logging_alone(envs: Path) -> None:
    replica = replicate(envs, PLATFORM, "prod", replace(QA, account_id="333333333333"))
    assert replica.environment.value("api.manage_account_logging") is False


def test_numbers_that_people_remember_come_first() -> None:
    taken = [f"10.{tens}.0.0/16" for tens in range(10, 251, 10)]
    assert free_cidr("10.0.0.0/20", taken[:3]) == "10.40.0.0/20"
    assert free_cidr("10.10.0.0/16", taken) == "10.0.0.0/16"
    assert free_cidr("10.0.0.0/16", [*taken, "10.0.0.0/15"]) == "10.2.0.0/16"
    assert free_cidr("10.0.0.0/16", ["10.0.0.0/8"]) == "172.16.0.0/16"
    with pytest.raises(TapgenError, match="no private /16 range is left"):
        free_cidr("10.0.0.0/16", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])


ranges = st.builds(
    lambda second, size: str(IPv4Network(f"10.{second}.0.0/{size}", strict=False)),
    st.integers(0, 255),
    st.integers(16, 22),
)


@given(like=ranges, taken=st.lists(ranges, max_size=30))
def test_a_free_range_is_free_and_of_the_same_size(like: str, taken: list[str]) -> None:
    found = IPv4Network(free_cidr(like, taken))
    assert found.prefixlen == IPv4Network(like).prefixlen
    assert not any(found.overlaps(IPv4Network(other)) for other in taken)


def test_every_option_for_copies_is_one_of_the_command_line() -> None:
    assert PLATFORM.copy_options.keys() == {f"--{option}" for option in COPYING.options}
