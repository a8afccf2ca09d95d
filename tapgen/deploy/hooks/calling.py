"""Calling a hook: in a thread of its own, for as long as it may take."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.flow.events import Hooked
from tapgen.deploy.hooks.hook import Hook, HookSubject, hooks_of
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.stack import Stack

# How often whoever waits looks whether Ctrl-C was pressed for the second time.
_LOOK_SECONDS: Final = 0.1


def call_hooks(
    run: Run,
    stack: Stack,
    when: str,
    outputs: Mapping[str, str],
    others: Callable[[str], Mapping[str, str]],
) -> None:
    """Call the hooks of the stack's layer, one after the other.

    Raises `TapgenError` with the place in the hook's code where one fails or takes too long, and
    `StoppedError` where the run is broken off.
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

    def work() -> None:
        function = hook.called(when)
        assert function is not None  # noqa: S101 - `hooks_of` gives no other
        try:
            function(subject)
        except BaseException as error:  # noqa: BLE001 - told in the thread that waits
            ended.put(error)
        else:
            ended.put(None)

    started = time.monotonic()
    Thread(target=work, name=f"tapgen-hook-{hook.name}", daemon=True).start()
    error = _waited(run, ended, started + hook.seconds, name)
    state = "failed" if error else "ended"
    run.tell(Hooked(layer, hook.name, when, state, time.monotonic() - started))
    if error:
        raise _explained(name, error)


def _waited(
    run: Run, ended: SimpleQueue[BaseException | None], end: float, name: str
) -> BaseException | None:
    while (left := end - time.monotonic()) > 0:
        try:
            return ended.get(timeout=min(left, _LOOK_SECONDS))
        except Empty:
            if run.state.cancelling:
                raise StoppedError("the run was broken off") from None
    return TapgenError(
        f"{name} was not done in time",
        "What it has begun may go on until tapgen ends. Give the hook more `seconds`, or let it "
        "do less.",
    )


def _explained(name: str, error: BaseException) -> TapgenError:
    """What a hook raised, with the place in its code; what it refuses stays refused."""
    if not error.__traceback__:  # it took too long
        assert isinstance(error, TapgenError)  # noqa: S101 - nothing else was raised by nobody
        return error
    way = traceback.extract_tb(error.__traceback__)
    place = [one for one in way[1:] if _is_own(one.filename)][-1:] or way[-1:]
    where = f"{_spelled(place[0].filename)}:{place[0].lineno}"
    if isinstance(error, TapgenError):
        kind = RefusedError if isinstance(error, RefusedError) else TapgenError
        return kind(f"{name}: {error.message} ({where})", error.hint)
    what = traceback.format_exception_only(error)[-1].strip()
    return TapgenError(f"{name} failed: {what} ({where})", "Mend the hook, or what it met.")


def _spelled(file: str) -> str:
    """The path as people would write it: relative where that is possible."""
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _is_own(file: str) -> bool:
    """Whether a place is in the project's code, and not in a library."""
    return "site-packages" not in file and "/lib/python" not in file
