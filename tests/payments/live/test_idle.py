"""Functions that nobody has called for weeks are woken before the API is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.resources.functions import function_state
from tapgen.deploy.observe.checks import LIVE, Check
from tapgen.deploy.observe.live.web import Api
from tapgen.local.client import api_url
from tapgen.payments.live import idle
from tapgen.payments.live.idle import wake
from tapgen.payments.live.site import SITE, SITE_URL, verifier
from tests.lab import with_stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws

pytestmark = pytest.mark.slow

NAMES = ("PaymentProcessor", "SessionManager")


@pytest.fixture
def functions(deployed: Target) -> list[str]:
    outputs = deployed.outputs("compute") or {}
    return [outputs[f"{name}FunctionName"] for name in NAMES]


@pytest.fixture
def aliases(deployed: Target) -> list[str]:
    outputs = deployed.outputs("compute") or {}
    return [outputs[f"{name}AliasArn"] for name in NAMES]


def test_an_idle_platform_is_verified_as_any_other(
    deployed: Target,
    local_aws: LocalAws,
    faults: Callable[[dict[str, Any]], None],
    functions: list[str],
    aliases: list[str],
) -> None:
    region = deployed.region_of(deployed.stacks["compute"])
    faults({"idle": functions})
    assert {function_state(region, alias) for alias in aliases} == {"Inactive"}
    checks = list(SITE(deployed, lambda url: api_url(local_aws, url), read_only=True))
    assert [check for check in checks if not check.ok] == []
    woken = [check for check in checks if check.property == "State"]
    assert woken == [Check(LIVE, alias, "State", "Active", "Active", ok=True) for alias in aliases]


def test_what_does_not_wake_up_is_told(
    deployed: Target,
    local_aws: LocalAws,
    monkeypatch: pytest.MonkeyPatch,
    aliases: list[str],
) -> None:
    monkeypatch.setattr(idle, "function_state", lambda *_: "Inactive")
    monkeypatch.setattr(idle, "_SECONDS", 0.0)
    url = (deployed.outputs(SITE_URL.layer) or {})[SITE_URL.output]

    def address(url: str) -> tuple[str, dict[str, str]]:
        return api_url(local_aws, url)

    for caller in (verifier(deployed, address), None):
        checks = list(wake(deployed, Api(url, address), caller))
        assert [(check.logical_id, check.ok) for check in checks] == [
            (alias, False) for alias in aliases
        ]
        assert f"waking {aliases[0]} did not end within 0 s" in checks[0].actual


def test_a_function_that_is_gone_is_not_waited_for(deployed: Target) -> None:
    region = deployed.region_of(deployed.stacks["compute"])
    outputs = deployed.outputs("compute") or {}
    gone = outputs["SessionManagerAliasArn"].replace(":live", ":no-such-alias")
    assert function_state(region, gone) is None

    def renamed(*_: object) -> dict[str, str]:
        return {**outputs, "SessionManagerAliasArn": gone}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(deployed), "outputs", renamed)
        assert list(wake(deployed, Api("", lambda url: (url, {})), None)) == []


def test_without_functions_there_is_nobody_to_wake(deployed: Target) -> None:
    target = with_stacks(deployed, deployed.stacks["data"])
    assert list(wake(target, Api("", lambda url: (url, {})), None)) == []
