"""What is injected into resource operations, without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.local import faults, state
from tapgen.local.faults import InjectedFaultError, injector
from tapgen.local.internals.operations import Operation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CREATE = Operation("create", "AWS::SQS::Queue", "Queue", "stack", {})


@pytest.fixture
def inject(tmp_path: Path) -> Callable[[dict[str, Any]], None]:
    return lambda injected: state.write_json(tmp_path / state.FAULTS, injected)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seconds: list[float] = []
    monkeypatch.setattr("tapgen.local.faults.time.sleep", seconds.append)
    return seconds


@pytest.mark.parametrize("name", ["*", "Queue", "create:*", "create:Queue"])
def test_what_is_held_waits_until_it_is_let_go_of(
    tmp_path: Path,
    inject: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    looks: list[float] = []

    def let_go_at_the_third(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            inject({})

    monkeypatch.setattr("tapgen.local.faults.time.sleep", let_go_at_the_third)
    inject({"hold": [name]})
    injector(tmp_path)(CREATE)
    assert looks == [0.02, 0.02, 0.02, 0.0]
    assert caplog.messages == ["holding create:Queue"]


@pytest.mark.parametrize(
    "stack", [{"StackStatus": "ROLLBACK_IN_PROGRESS"}, {"_cancel_requested": True}]
)
def test_what_goes_back_is_held_by_name_only(
    tmp_path: Path, inject: Any, slept: list[float], monkeypatch: pytest.MonkeyPatch, stack: Any
) -> None:
    monkeypatch.setattr("ministack.services.cloudformation._stacks", {"stack": stack})
    inject({"hold": ["*", "create:*"]})
    injector(tmp_path)(CREATE)
    assert slept == [0.0]
    monkeypatch.setattr(faults, "HOLD_SECONDS", -1.0)
    inject({"hold": ["Queue"]})
    with pytest.raises(InjectedFaultError, match="was held"):
        injector(tmp_path)(CREATE)


@pytest.mark.parametrize("name", ["update:Queue", "delete:*", "Other"])
def test_nothing_else_is_held(tmp_path: Path, inject: Any, slept: list[float], name: str) -> None:
    inject({"hold": [name]})
    injector(tmp_path)(CREATE)
    assert slept == [0.0]


def test_what_is_let_go_of_meets_what_is_injected_then(
    tmp_path: Path, inject: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tapgen.local.faults.time.sleep", lambda _: inject({"create:Queue": "not today"})
    )
    inject({"hold": ["Queue"]})
    with pytest.raises(InjectedFaultError, match="not today"):
        injector(tmp_path)(CREATE)


def test_what_nobody_lets_go_of_fails(
    tmp_path: Path, inject: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "HOLD_SECONDS", -1.0)
    inject({"hold": ["Queue"]})
    with pytest.raises(InjectedFaultError, match="Queue was held, and not released in time"):
        injector(tmp_path)(CREATE)


def test_a_delay_is_for_one_resource_or_for_all(
    tmp_path: Path, inject: Any, slept: list[float]
) -> None:
    injector(tmp_path)(CREATE)  # nobody has injected anything yet
    for delays in ({"Queue": 2}, {"Queue": 2, "*": 3}, {"*": 3}, {"Other": 4}):
        inject({"delay": delays})
        injector(tmp_path)(CREATE)
    assert slept == [0.0, 2.0, 2.0, 3.0, 0.0]
