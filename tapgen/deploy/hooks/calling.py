"""Calling a hook: in its own thread, up to its time limit."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.flow.events import Hooked
from tapgen.deploy.hooks.hook import Called, Hook, HookSubject, hooks_of
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.parts.places import place_in
from tapgen.model.parts.running import aside
from tapgen.model.stack import Stack

# How often the waiting thread checks whether Ctrl-C was pressed a second time.
_LOOK_SECONDS: Final = 0.1


def call_hooks(
    run: Run,
    stack: Stack,
    when: str,
    outputs: Mapping[str, str],
    others: Callable[[str], Mapping[str, str]],
) -> None:
    """Call the hooks of the stack's layer, one after the other.

    Raises `TapgenError` if one fails, with the place in its code, or if it takes too long, and
    `StoppedError` if the run is interrupted.
    """
    target = run.target
    for hook in hooks_of(target, stack.layer, when):
        subject = HookSubject(
            environment=stack.environment,
            layer=stack.layer,
            account_id=stack.account_id,
            region=stack.region,
            stack=stack.name,
            client=lambda service, region=stack.region: target.account.client(service, region),
            others=others,
            note=lambda text: run.note(stack, text),
            stopped=lambda: run.state.stopping,
            outputs=outputs,
        )
        _call(run, hook, when, subject)


def _call(run: Run, hook: Hook, when: str, subject: HookSubject) -> None:
    run.begin()
    layer, name = subject.layer, f"the hook {hook.name} {when} {subject.layer}"
    run.tell(Hooked(layer, hook.name, when, "begins", hook.seconds))
    ended: SimpleQueue[BaseException | None] = SimpleQueue()

    function = hook.called(when)
    assert function is not None  # noqa: S101 - `hooks_of` returns only such hooks

    def work() -> None:
        try:
            with aside:
                function(subject)
        except BaseException as error:  # noqa: BLE001 - raised in the waiting thread
            ended.put(error)
        else:
            ended.put(None)

    started = time.monotonic()
    Thread(target=work, name=f"tapgen-hook-{hook.name}", daemon=True).start()
    error = _waited(run, ended, started + hook.seconds, name)
    state = "failed" if error else "ended"
    run.tell(Hooked(layer, hook.name, when, state, time.monotonic() - started))
    if error:
        raise _explained(name, error, function)


def _waited(
    run: Run, ended: SimpleQueue[BaseException | None], end: float, name: str
) -> BaseException | None:
    while (left := end - time.monotonic()) > 0:
        try:
            return ended.get(timeout=min(left, _LOOK_SECONDS))
        except Empty:
            if run.state.cancelling:
                raise StoppedError("the run was interrupted") from None
    return TapgenError(
        f"{name} did not finish in time",
        "Work that it has started may continue until tapgen ends. Increase the hook's `seconds`, "
        "or make it do less.",
    )


def _explained(name: str, error: BaseException, function: Called) -> TapgenError:
    """The error of a hook, with the place in its code; a refusal stays a refusal."""
    if not error.__traceback__:  # the error of `_waited`, which was never raised
        assert isinstance(error, TapgenError)  # noqa: S101 - it is one
        return error
    where = place_in(error, function)
    if isinstance(error, TapgenError):
        kind = RefusedError if isinstance(error, RefusedError) else TapgenError
        return kind(f"{name}: {error.message} ({where})", error.hint)
    what = traceback.format_exception_only(error)[-1].strip()
    return TapgenError(f"{name} failed: {what} ({where})", "Fix the hook, or the cause.")
