"""Network interfaces that functions leave behind, deleted before the stack of their network."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from tapgen.aws.polling import intervals, until
from tapgen.aws.resources.interfaces import HOLDERS, delete, of_functions
from tapgen.deploy.target.run import Run
from tapgen.model.stack import Stack

# "It can take up to 20 minutes" (Lambda developer guide, on releasing an interface); people report
# forty. After that, something else uses it.
_SECONDS: Final = 45 * 60.0
_MOST_SECONDS: Final = 30.0


def release_interfaces(run: Run, stack: Stack) -> None:
    """Delete the network interfaces that the environment's functions left in the stack's network.

    Waits for those that Lambda still uses. Raises `TapgenError` if Lambda does not release them,
    and `StoppedError` after Ctrl-C.
    """
    if HOLDERS.keys().isdisjoint(one["Type"] for one in stack.template.resources.values()):
        return
    held: dict[str, set[str]] = defaultdict(set)
    for kind, physical_id in run.cloudformation(stack).resources(stack.name).values():
        if kind in HOLDERS:
            held[HOLDERS[kind]].add(physical_id)
    region = run.target.region_of(stack)
    waited: set[str] = set()

    def released() -> bool | None:
        run.begin()
        left = []
        for one in of_functions(region, f"{stack.prefix}-", held):
            if one.available and delete(region, one):
                run.note(stack, f"deleted {one.identifier}, network interface of {one.function}")
            else:
                left.append(one.identifier)
        if waited.isdisjoint(left) and left:
            run.note(stack, f"waiting until Lambda releases {', '.join(left)}")
            waited.update(left)
        return None if left else True

    until(
        released,
        what=f"the use of network interfaces in {stack.name}",
        seconds=_SECONDS,
        pauses=intervals(first=0.5, most=_MOST_SECONDS),
        sleep=run.sleep,
    )
