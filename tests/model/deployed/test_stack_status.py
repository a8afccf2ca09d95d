from __future__ import annotations

import botocore.session
import pytest

from tapgen.model.deployed.stack_status import (
    ABSENT,
    ACTIONS,
    DEPLOYED,
    DRIFT_DETECTABLE,
    HEALTHY,
    ROLLED_BACK,
    SUCCEEDED,
    DeployAction,
    DestroyAction,
    RecoverAction,
    actions_for,
    in_progress,
    never_made,
    usable,
)

API = botocore.session.get_session().get_service_model("cloudformation")
STATUSES = API.shape_for("StackStatus").enum  # type: ignore[attr-defined]


def test_every_status_of_the_api_has_a_road_and_no_other() -> None:
    assert set(ACTIONS) == {ABSENT, *STATUSES}
    assert set(STATUSES) >= SUCCEEDED | ROLLED_BACK | DRIFT_DETECTABLE


def test_what_never_came_to_be_is_made_anew() -> None:
    assert {status for status in ACTIONS if never_made(status)} == {
        ABSENT,
        "CREATE_FAILED",
        "DELETE_COMPLETE",
        "REVIEW_IN_PROGRESS",
        "ROLLBACK_COMPLETE",
        "ROLLBACK_FAILED",
    }


@pytest.mark.parametrize("status", STATUSES)
def test_what_is_in_progress_is_waited_for(status: str) -> None:
    waits = (DeployAction.WAIT, DestroyAction.WAIT, RecoverAction.WAIT)
    assert in_progress(status) is (ACTIONS[status] == waits)
    assert in_progress(status) is any(road in waits for road in ACTIONS[status])


@pytest.mark.parametrize(
    "status", [s for s in STATUSES if actions_for(s).deploy is DeployAction.RECOVER]
)
def test_where_deploy_stops_recover_goes_on_or_says_that_nothing_can(status: str) -> None:
    assert actions_for(status).recover not in {RecoverAction.NOTHING, RecoverAction.WAIT}


def test_a_status_of_tomorrow_is_left_alone() -> None:
    assert actions_for("A_STATUS_OF_TOMORROW").recover is RecoverAction.BY_HAND
    assert actions_for("A_STATUS_OF_TOMORROW").deploy is DeployAction.RECOVER
    assert actions_for("SOMETHING_IN_PROGRESS").deploy is DeployAction.WAIT


def test_outputs_count_after_a_success_or_a_complete_rollback_of_an_update() -> None:
    assert {status for status in ACTIONS if usable(status)} == {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    }
    assert {status for status in ACTIONS if usable(status)} == HEALTHY
    assert HEALTHY >= DEPLOYED
    assert not usable("A_STATUS_OF_TOMORROW")
    assert not usable(ABSENT)
