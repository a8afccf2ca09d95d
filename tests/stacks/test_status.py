from __future__ import annotations

import botocore.session
import pytest

from tapgen.stacks.status import (
    ABSENT,
    ROADS,
    SUCCEEDED,
    Razing,
    Rescue,
    Road,
    in_progress,
    roads,
    usable,
)

API = botocore.session.get_session().get_service_model("cloudformation")
STATUSES = API.shape_for("StackStatus").enum  # type: ignore[attr-defined]


def test_every_status_of_the_api_has_a_road_and_no_other() -> None:
    assert set(ROADS) == {ABSENT, *STATUSES}
    assert set(STATUSES) >= SUCCEEDED


@pytest.mark.parametrize("status", STATUSES)
def test_what_is_in_progress_is_waited_for(status: str) -> None:
    waits = (Road.WAIT, Razing.WAIT, Rescue.WAIT)
    assert in_progress(status) is (ROADS[status] == waits)
    assert in_progress(status) is any(road in waits for road in ROADS[status])


@pytest.mark.parametrize("status", [s for s in STATUSES if roads(s).deploy is Road.RECOVER])
def test_where_deploy_stops_recover_goes_on_or_says_that_nothing_can(status: str) -> None:
    assert roads(status).recover not in {Rescue.NOTHING, Rescue.WAIT}


def test_a_status_of_tomorrow_is_left_alone() -> None:
    assert roads("A_STATUS_OF_TOMORROW").recover is Rescue.BY_HAND
    assert roads("A_STATUS_OF_TOMORROW").deploy is Road.RECOVER
    assert roads("SOMETHING_IN_PROGRESS").deploy is Road.WAIT


def test_outputs_count_after_a_success_or_a_complete_rollback_of_an_update() -> None:
    assert {status for status in ROADS if usable(status)} == {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    }
    assert not usable("A_STATUS_OF_TOMORROW")
    assert not usable(ABSENT)
