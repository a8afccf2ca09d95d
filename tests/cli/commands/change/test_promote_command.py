"""`tapgen promote`, and `tapgen deploy` where the settings want a promotion."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.advice import advised
from tests.environment_files import set_apart

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.client import LocalAws

pytestmark = pytest.mark.slow

ZONE = ("--layer", "zone", "--yes")


@pytest.fixture
def local(project: Path, local_aws: LocalAws, tapgen: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Dev and staging in accounts of their own."""
    for name in ("dev", "staging"):
        set_apart(project / "envs" / f"{name}.yaml", 6)
    monkeypatch.chdir(local_aws.directory.parents[1])
    options = ("--local", "--envs-dir", str(project / "envs"))
    return lambda command, *more: tapgen(command, *more, *options)


def wants_promotion(project: Path) -> None:
    staging = project / "envs" / "staging.yaml"
    staging.write_text(f"{staging.read_text()}\ndeployment:\n  promoted_from: dev\n")


def test_only_what_runs_before_is_promoted(
    local: Any, tapgen: Any, faults: Callable[[dict[str, Any]], None]
) -> None:
    way = ("--from", "dev", "--to", "staging")
    refused = local("promote", *way, *ZONE)
    assert refused.code == 4
    assert "in dev, zone is not deployed" in refused.err
    assert local("deploy", "--env", "dev", *ZONE).code == 0
    faults({"create:HostedZone": "out of luck"})
    failed = local("promote", *way, *ZONE)
    assert failed.code == 1
    (again,) = advised(failed.err)
    assert again.startswith("promote --env staging --from dev --layer zone ")
    faults({})
    promoted = tapgen(*shlex.split(again), "--yes")
    assert promoted.code == 0, promoted.err
    assert "dev runs the same templates and code, healthy and without drift." in promoted.err
    assert "staging: 1 created in " in promoted.err.splitlines()[-2]


def test_a_plain_deployment_obeys_the_setting(local: Any, project: Path) -> None:
    wants_promotion(project)
    refused = local("deploy", "--env", "staging", *ZONE)
    assert refused.code == 4
    assert "staging cannot be promoted from dev" in refused.err
    assert local("deploy", "--env", "dev", *ZONE).code == 0
    assert local("deploy", "--env", "staging", *ZONE).code == 0


def test_an_environment_without_changes_obeys_the_setting_too(local: Any, project: Path) -> None:
    assert local("deploy", "--env", "staging", *ZONE).code == 0
    wants_promotion(project)
    refused = local("deploy", "--env", "staging", *ZONE)
    assert refused.code == 4
    assert "staging cannot be promoted from dev" in refused.err


def test_a_quiet_deployment_says_nothing_of_the_promotion(local: Any, project: Path) -> None:
    wants_promotion(project)
    assert local("deploy", "--env", "dev", *ZONE).code == 0
    quiet = local("deploy", "--env", "staging", "--quiet", *ZONE)
    assert (quiet.code, "without drift" in quiet.err) == (0, False)


def test_promoting_from_elsewhere_does_not_get_around_the_setting(
    local: Any, project: Path
) -> None:
    wants_promotion(project)
    set_apart(project / "envs" / "prod.yaml", 6)
    assert local("deploy", "--env", "prod", *ZONE).code == 0
    refused = local("promote", "--from", "prod", "--to", "staging", *ZONE)
    assert refused.code == 4
    assert "in dev, zone is not deployed" in refused.err


def test_with_the_setting_one_look_is_enough(local: Any, project: Path) -> None:
    wants_promotion(project)
    assert local("deploy", "--env", "dev", *ZONE).code == 0
    promoted = local("promote", "--from", "dev", "--to", "staging", *ZONE)
    assert promoted.code == 0
    assert promoted.err.count("healthy and without drift") == 1


def test_an_environment_is_not_promoted_from_itself(local: Any) -> None:
    ran = local("promote", "--from", "dev", "--to", "dev")
    assert ran.code == 2
    assert "dev cannot be promoted from itself" in ran.err
