"""When an operation should be done, by the events that there are."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.model.deployed.events import ResourceEvent
from tapgen.model.deployed.progress import projected

STACK = "stack-id"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def event(status: str, after: float | None, name: str = "Network") -> ResourceEvent:
    """An event so many seconds after the operation began; `name` "" is the stack itself."""
    at = None if after is None else NOON + timedelta(seconds=after)
    return ResourceEvent(f"{name}-{status}", name, name or STACK, "type", status, at=at)


BEGUN = event("CREATE_IN_PROGRESS", 0.0, "")


@pytest.mark.parametrize(
    ("events", "resources", "seconds"),
    [
        ([], 4, None),
        ([BEGUN], 4, None),
        ([BEGUN, event("CREATE_IN_PROGRESS", 1.0)], 4, None),
        ([BEGUN, event("CREATE_COMPLETE", 2.0)], 4, 10.0),
        ([BEGUN, event("UPDATE_COMPLETE", 2.0)], 1, 4.0),
        ([BEGUN, event("DELETE_SKIPPED", 2.0)], 1, 4.0),
        # The same resource twice, as where one is replaced, is one.
        ([BEGUN, event("UPDATE_COMPLETE", 1.0), event("DELETE_COMPLETE", 2.0)], 4, 10.0),
        # More resources than there should be.
        ([BEGUN, event("CREATE_COMPLETE", 1.0, "A"), event("CREATE_COMPLETE", 2.0, "B")], 1, 3.0),
        ([BEGUN, event("CREATE_COMPLETE", 9.0, ""), event("CREATE_COMPLETE", 2.0)], 4, 10.0),
        # No times, or none that tells anything.
        ([BEGUN, event("CREATE_COMPLETE", None)], 4, None),
        ([event("CREATE_COMPLETE", None)], 4, None),
        ([BEGUN, event("CREATE_COMPLETE", 0.0)], 4, None),
        ([BEGUN, event("CREATE_COMPLETE", -1.0)], 4, None),
        # It goes back: what is done then is something else.
        ([BEGUN, event("CREATE_COMPLETE", 2.0), event("CREATE_FAILED", 3.0, "B")], 4, None),
        (
            [BEGUN, event("CREATE_COMPLETE", 2.0), event("ROLLBACK_IN_PROGRESS", 3.0, "")],
            4,
            None,
        ),
    ],
)
def test_the_end_is_projected_from_what_is_done(
    events: list[ResourceEvent], resources: int, seconds: float | None
) -> None:
    assert projected(events, resources, STACK) == seconds


@given(
    seconds=st.floats(0.1, 4000),
    resources=st.integers(1, 500),
    done=st.floats(0, 1),
    skew=st.integers(-(10**6), 10**6),
)
def test_what_goes_on_evenly_is_foreseen_whatever_the_clock_shows(
    seconds: float, resources: int, done: float, skew: int
) -> None:
    each = seconds / (resources + 1)
    ends = max(1, round(done * resources))
    events = [event("CREATE_IN_PROGRESS", skew, "")]
    events += [event("CREATE_COMPLETE", skew + n * each, f"R{n}") for n in range(1, ends + 1)]
    found = projected(events, resources, STACK)
    assert found == pytest.approx(seconds, rel=0.01)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_COMPLETE"]),
            st.none() | st.floats(-1e6, 1e6),
            st.sampled_from(["", "A", "B", "C"]),
        )
    ),
    st.integers(1, 500),
)
def test_whatever_is_told_it_is_a_time_or_nothing(
    told: list[tuple[str, float | None, str]], resources: int
) -> None:
    found = projected([event(*each) for each in told], resources, STACK)
    assert found is None or (found > 0 and math.isfinite(found))
