"""Names that AWS blocks for a while after the resource was deleted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from tapgen.deploy.target.run import Run
from tapgen.model.deployed.events import ResourceEvent
from tapgen.model.stack import Stack

# "You must wait 60 seconds after deleting a queue before you can create another with the same name"
# (Amazon SQS API reference, CreateQueue).
BLOCKED_SECONDS: Final = {"AWS::SQS::Queue": 60.0}
# In the local AWS a minute takes a second.
LOCAL_SHARE: Final = 1 / 60


def deleted_lately(run: Run, stack: Stack, stack_id: str | None) -> tuple[ResourceEvent, ...]:
    """The events of the stack's last operation, if it has a resource whose name stays blocked."""
    types = {body["Type"] for body in stack.template.resources.values()}
    if not stack_id or BLOCKED_SECONDS.keys().isdisjoint(types):
        return ()
    return tuple(run.cloudformation(stack).operation(stack_id))


def wait_for_names(run: Run, stack: Stack, events: Iterable[ResourceEvent]) -> None:
    """Wait until the names of the resources that these events deleted may be used again.

    The local clock may differ from that of AWS, so the wait is never longer than a name is blocked.
    Raises `StoppedError` after Ctrl-C.
    """
    share = LOCAL_SHARE if run.target.account.connection.local else 1.0
    now = datetime.now(UTC)
    seconds = 0.0
    for event in events:
        blocked = BLOCKED_SECONDS.get(event.resource_type, 0.0) * share
        if event.status == "DELETE_COMPLETE" and event.at:
            left = blocked - (now - event.at).total_seconds()
            seconds = max(seconds, min(blocked, left))
    if seconds <= 0:
        return
    run.note(stack, f"AWS blocks the name of a deleted queue: waiting {seconds:.0f} s")
    run.sleep(seconds)
