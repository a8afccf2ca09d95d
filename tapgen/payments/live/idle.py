"""Waking functions that were idle for weeks, before the API is checked.

Lambda releases the network resources of such a function. The first call fails and restores them,
which takes about a minute ("Lambda function states" in its developer guide). That says nothing
about the deployment. Active functions are not called, and neither are missing ones: the requests
that need them fail and report it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Final

from tapgen.aws.polling import intervals, until
from tapgen.aws.resources.functions import ACTIVE, function_state
from tapgen.aws.resources.retained import Region
from tapgen.deploy.observe.checks import LIVE, Check
from tapgen.deploy.observe.live.web import Api
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.payments.live.authorization import SCOPES
from tapgen.payments.live.callers import Caller

COMPUTE: Final = "compute"
# Output with the name of a function -> a read-only call that reaches it.
_CALLS: Final = {"PaymentProcessorAliasArn": "/health", "SessionManagerAliasArn": "/sessions"}
_NO_SUCH: Final = {"X-Session-Id": "tapgen-verify"}
_SECONDS: Final = 180.0
_MOST_SECONDS: Final = 5.0


def wake(target: Target, api: Api, caller: Caller | None) -> Iterator[Check]:
    """Call inactive functions and wait for them. Yields a check for each of them."""
    stack = target.stacks.get(COMPUTE)
    outputs = (target.outputs(COMPUTE) if stack else None) or {}
    for output, path in _CALLS.items():
        function = outputs.get(output)
        if stack and function:
            region = target.region_of(stack)
            if function_state(region, function) not in {ACTIVE, None}:
                with suppress(OSError):
                    _call(api, caller, path)
                state = _awaited(region, function)
                yield Check(LIVE, function, "State", ACTIVE, state, ok=state == ACTIVE)


def _call(api: Api, caller: Caller | None, path: str) -> None:
    known = replace(api, token=caller.token(SCOPES)) if caller else api
    known.call("GET", path, headers=_NO_SUCH)


def _awaited(region: Region, function: str) -> str:
    """The function's state when it is active again, or after the time limit."""

    def active() -> str | None:
        state = function_state(region, function)
        return state if state == ACTIVE else None

    pauses = intervals(most=_MOST_SECONDS)
    try:
        return until(active, what=f"waking {function}", seconds=_SECONDS, pauses=pauses)
    except TapgenError as error:
        return error.message
