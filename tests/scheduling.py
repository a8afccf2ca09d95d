"""Which tests run in the same worker of pytest-xdist, and in which order.

A worker gets whole files, so that what a file makes once is made once. Folders and files that share
something dearer stay together too; long tests that share nothing go alone. The longest come first,
and the quick ones fill the gaps at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from xdist.scheduler import LoadScopeScheduling

from tests.behaviour.run import Run

if TYPE_CHECKING:
    import pytest

# What shares a thing that takes seconds to make: the fixture `deployed`, the local AWS that is
# measured, and the one that enforces IAM (whose last tests remove what the others look at).
_TOGETHER: Final = {
    "tests/payments/test_concurrent_posts.py": "deployed",
    "tests/payments/layers/test_failed_creations.py": "deployed",
    "tests/payments/live/test_access_log.py": "deployed",
    "tests/payments/live/test_callers.py": "deployed",
    "tests/payments/live/test_idle.py": "deployed",
    "tests/payments/live/test_site.py": "deployed",
    "tests/deploy/observe/test_drift.py": "deployed",
    "tests/deploy/observe/test_parity.py": "deployed",
    "tests/deploy/observe/test_verify.py": "deployed",
    "tests/cli/commands/look/test_verify_command.py": "deployed",
    "tests/behaviour/": "behaviour",
    "tests/local/": "local",
    "tests/proof/": "proof",
    "tests/privileges/": "privileges",
}
_ALONE: Final = ("tests/deploy/run/test_end_to_end.py", "tests/faults/", "tests/test_docs.py")


def scheduler(config: pytest.Config, log: Any) -> Any:
    """Hands out units in the order of the collection.

    The mark `xdist_group` would say the same, but pytest-xdist 3.8 does not see it with pytest 9.2.
    """
    config.option.loadscopereorder = False  # not by the number of tests
    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = unit
    return scheduling


def unit(nodeid: str) -> str:
    """Name of the unit that a test belongs to."""
    path = nodeid.partition("::")[0]
    if path.startswith(_ALONE) or (path.startswith("tests/behaviour/") and Run.current()):
        return nodeid
    return next((name for start, name in _TOGETHER.items() if path.startswith(start)), path)


def sort(items: list[pytest.Item]) -> None:
    """The longest first, as far as their marks tell; files stay in one piece."""
    slow = {unit(item.nodeid) for item in items if item.get_closest_marker("slow")}
    shared = set(_TOGETHER.values())

    def turn(item: pytest.Item) -> int:
        name = unit(item.nodeid)
        if name not in slow:
            return 3
        return 0 if name in shared else 1 if name == item.nodeid else 2

    items.sort(key=turn)
