"""Rules, guards and checks, each with a case that it must find."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tapgen.errors import RefusedError, TapgenError

from worker_platform.checks import free_range
from worker_platform.guards import growing_storage
from worker_platform.rules import closed_database, dead_letters


def template(type_: str, **properties: Any) -> Any:
    resource = {"Type": type_, "Properties": properties}
    return SimpleNamespace(resources={"One": resource})


def test_an_open_database_is_found() -> None:
    found = closed_database(template("AWS::RDS::DBInstance", PubliclyAccessible=True))
    assert [problem.message for problem in found] == [
        "set StorageEncrypted to true",
        "set PubliclyAccessible to false",
        "set ManageMasterUserPassword to true",
    ]


@pytest.mark.parametrize(
    ("properties", "found"),
    [({}, 1), ({"RedrivePolicy": {}}, 0), ({"RedriveAllowPolicy": {}}, 0)],
)
def test_a_queue_that_never_gives_up_is_found(properties: dict[str, Any], found: int) -> None:
    assert len(list(dead_letters(template("AWS::SQS::Queue", **properties)))) == found


def subject(there: str | None, wanted: str, *layers: str) -> Any:
    stack = SimpleNamespace(
        template=SimpleNamespace(parameter_of={"database.storage_gb": "StorageGb"}.get),
        parameters={"StorageGb": wanted},
    )
    deployed = SimpleNamespace(parameters={"StorageGb": there} if there else None)
    target = SimpleNamespace(stacks={"database": stack}, describe=lambda _: deployed)
    return SimpleNamespace(target=target, layers=layers)


@pytest.mark.parametrize("there", [None, "20", "50"])
def test_storage_may_grow_and_stay(there: str | None) -> None:
    assert growing_storage(subject(there, "50", "database")) == ()


def test_storage_does_not_shrink() -> None:
    with pytest.raises(RefusedError, match="the database has 100 GiB"):
        growing_storage(subject("100", "50", "database"))
    assert growing_storage(subject("100", "50", "network")) == ()


def test_a_new_environment_gets_a_range_that_is_free() -> None:
    assert free_range(["10.10.0.0/16", "10.30.0.0/16"]) == "10.20.0.0/16"
    with pytest.raises(TapgenError):
        free_range(f"10.{n}.0.0/16" for n in range(256))
