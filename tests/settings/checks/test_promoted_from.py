"""`deployment.promoted_from`: another environment that exists, and no circle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tapgen.settings.store import load

Faults = Callable[..., list[str]]


@pytest.fixture
def promoted(envs: Path) -> Callable[..., None]:
    """`promoted("prod", "staging")` lets prod be promoted from staging."""

    def write(name: str, source: str) -> None:
        path = envs / f"{name}.yaml"
        path.write_text(f"{path.read_text()}\ndeployment:\n  promoted_from: {source}\n")

    return write


def test_without_the_setting_every_environment_stands_alone(envs: Path) -> None:
    assert load(envs, "prod").settings.deployment.promoted_from is None


def test_a_chain_is_fine(envs: Path, promoted: Callable[..., None], faults: Faults) -> None:
    promoted("prod", "staging")
    promoted("staging", "dev")
    assert faults() == []
    assert load(envs, "prod").settings.deployment.promoted_from == "staging"


def test_it_has_to_exist(promoted: Callable[..., None], faults: Faults) -> None:
    promoted("prod", "stagin")
    (line,) = faults()
    assert line.startswith("envs/prod.yaml:")
    assert line.endswith(
        "deployment.promoted_from: there is no environment stagin; one of dev, staging"
    )


def test_no_environment_comes_before_itself(promoted: Callable[..., None], faults: Faults) -> None:
    promoted("prod", "prod")
    (line,) = faults()
    assert "goes in a circle: prod from prod" in line


def test_a_circle_is_refused_in_each_of_its_members_only(
    promoted: Callable[..., None], faults: Faults
) -> None:
    promoted("staging", "prod")
    promoted("prod", "staging")
    promoted("dev", "prod")  # leads into the circle, which is not its own fault
    lines = faults()
    assert [line.partition(":")[0] for line in lines] == ["envs/prod.yaml", "envs/staging.yaml"]
    assert "prod from staging from prod; leave it out of the first environment" in lines[0]


def test_what_cannot_be_read_is_reported_once(
    promoted: Callable[..., None], faults: Faults
) -> None:
    promoted("prod", "[staging]")
    assert len(faults()) == 1
