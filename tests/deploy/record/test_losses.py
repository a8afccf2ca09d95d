"""What going back does not bring back, in words."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from tapgen.deploy.record.losses import losses_since
from tapgen.model.changes.change import Change
from tapgen.model.release import Ended, Release, StackEnd
from tests.model.test_release import BEGUN

TABLE = "AWS::DynamoDB::Table"


def release(number: int, command: str, stacks: dict[str, Any], **ends: str) -> Release:
    begun = replace(BEGUN, release=number, command=command, stacks=stacks)
    ended = Ended(number, "then", "succeeded", {name: StackEnd(end) for name, end in ends.items()})
    return Release(begun, ended)


def changes(*each: Change) -> dict[str, Any]:
    return {"kind": "Planned", "changes": [asdict(one) for one in each]}


def test_what_was_replaced_removed_or_deleted_is_told_in_its_order() -> None:
    releases = [
        release(
            5,
            "deploy",
            {
                "data": changes(
                    Change("Modify", "Orders", TABLE, "True"),
                    Change("Remove", "Old", TABLE),
                    Change("Modify", "Sized", TABLE, "False"),
                    Change("Modify", "Maybe", TABLE, "Conditional"),
                    Change("Add", "New", TABLE),
                ),
                "zone": {"kind": "Pending"},
                "api": changes(Change("Remove", "Job", "AWS::SQS::Queue")),
            },
            data="Updated",
            zone="Updated",
            api="Failed",
        ),
        release(6, "destroy", {"data": {}, "other": {}}, data="Deleted", other="Deleted"),
        release(7, "destroy --purge-data", {}, data="Deleted", zone="Deleted"),
        Release(BEGUN),
    ]
    assert [*losses_since(releases, ["data", "zone", "api"])] == [
        f"release 5 replaced data.Orders ({TABLE}): its content is not restored",
        f"release 5 removed data.Old ({TABLE}): its content is not restored",
        f"release 5 may have replaced data.Maybe ({TABLE}): its content is not restored",
        "release 6 deleted data: created again, taking over only what was retained",
        "release 7 deleted data, zone with all data: created again, but empty",
    ]
