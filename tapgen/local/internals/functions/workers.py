"""Processes that run functions: MiniStack keeps one for every version that was ever called.

Each uses about 70 MB, and every deployment publishes versions, so a day's use of a local AWS would
fill a machine. The most recently used ones are kept, which makes a second call fast.
"""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from tapgen.local import internals

if TYPE_CHECKING:
    from collections.abc import Callable

IDLE: Final = 8
"""The number of idle processes that are kept: four environments of two functions."""


def keep_few() -> None:
    """End the processes of deleted functions, and the least recently used ones."""
    acquire = lambda_svc.acquire_worker

    def acquiring(*arguments: Any, **options: Any) -> Any:
        worker, how = acquire(*arguments, **options)
        if how == "spawn":
            _end_idle()
        return worker, how

    lambda_svc.acquire_worker = acquiring
    handler = internals.HANDLERS["AWS::Lambda::Function"]
    handler["delete"] = _with_its_processes(handler["delete"])


def _with_its_processes(delete: Callable[..., Any]) -> Callable[..., Any]:
    def deleting(name: str, properties: dict[str, Any]) -> None:
        delete(name, properties)
        lambda_runtime.invalidate_worker(name, account=get_account_id(), region=get_region())

    return deleting


def _end_idle() -> None:
    pools = lambda_runtime._workers
    with lambda_runtime._lock:
        workers = (worker for entries in pools.values() for worker in entries)
        idle = sorted((one for one in workers if not one.in_use), key=lambda one: one.last_used)
        ended = idle[:-IDLE]
        for key, entries in [*pools.items()]:
            pools[key] = [one for one in entries if one not in ended]
    if ended:  # callers of a function do not wait for it
        Thread(target=lambda_runtime.kill_workers, args=[ended], daemon=True).start()
