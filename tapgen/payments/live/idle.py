"""Functions that nobody has called for weeks: they are woken before the API is judged.

Lambda takes back what such a function has in the VPC. The first call fails and brings it back,
which takes up to a minute or so ("Lambda function states" in its developer guide): that says
nothing about the deployment. Functions that are active are left alone, and so are missing ones: the
calls that need them fail, and say so.
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
# Output that names a function -> a call that only reads, and reaches it.
_CALLS: Final = {"PaymentProcessorAliasArn": "/health", "SessionManagerAliasArn": "/sessions"}
_NO_SUCH: Final = {"X-Session-Id": "tapgen-verify"}
_SECONDS: Final = 180.0
_MOST_SECONDS: Final = 5.0


def wake(target: Target, api: Api, caller: Caller | None) -> Iterator[Check]:
    """Call the functions that are not active and wait for them; a check for each of those."""
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
    """The function's state when it is active again, or when it has had long enough."""

    def active() -> str | None:
        state = function_state(region, function)
        return state if state == ACTIVE else None

    pauses = intervals(most=_MOST_SECONDS)
    try:
        return until(active, what=f"waking {function}", seconds=_SECONDS, pauses=pauses)
    except TapgenError as error:
        return error.message
