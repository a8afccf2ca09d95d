"""Which release a rollback leads to, and what an environment was after one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tapgen.model.release import Ended, Release, StackEnd, rolling_back_to
from tapgen.model.rollback import Declared, default_release, settle
from tests.model.test_release import BEGUN


def release(
    number: int,
    command: str = "deploy",
    outcome: str | None = "succeeded",
    *,
    to: int | None = None,
    **layers: str,
) -> Release:
    begun = replace(
        BEGUN,
        release=number,
        command=command,
        source=rolling_back_to(to) if to else "",
        stacks={layer: {"stack": {"of": number}} for layer in layers},
    )
    ends = {layer: StackEnd(end) for layer, end in layers.items()}
    return Release(begun, Ended(number, "then", outcome, ends) if outcome else None)


@pytest.mark.parametrize(
    ("releases", "number"),
    [
        ([], None),
        ([release(1)], None),
        ([release(1), release(2)], 1),
        ([release(1), release(2, outcome="failed")], 1),
        ([release(1), release(2, outcome=None)], 1),
        ([release(1), release(2, outcome="failed"), release(3)], 1),
        ([release(1), release(2), release(3, outcome="broken off")], 2),
        ([release(1, outcome="failed"), release(2)], None),
        # What only acts on stacks is neither where it is from, nor anything to go back to.
        ([release(1), release(2), release(3, "recover"), release(4, "cancel")], 1),
        ([release(1), release(2, "drift --repair"), release(3)], 1),
        ([release(1), release(2, "destroy --purge-data")], 1),
        ([release(1), release(2, "destroy"), release(3)], 1),
        # The environment is from where a rollback has led to.
        ([release(1), release(2), release(3), release(4, "rollback", to=2)], 1),
        ([release(1), release(2), release(3, "rollback", to=1)], None),
        (
            [
                release(1),
                release(2),
                release(3, "rollback", to=2),
                release(4),
                release(5, "deploy --plan", to=3),
            ],
            1,
        ),
        ([release(1), release(2), release(3, "rollback", to=1), release(4)], 3),
        # What did not come to its end is tried again.
        ([release(1), release(2), release(3, "rollback", "failed", to=1)], 1),
        ([release(1), release(2), release(3), release(4, "rollback", None, to=1)], 1),
    ],
)
def test_the_release_before_the_one_that_it_is_from(
    releases: list[Release], number: int | None
) -> None:
    assert default_release(reversed(releases)) == number


def test_a_rollback_that_was_killed_is_repeated_even_where_aws_has_ended_it_well() -> None:
    killed = release(3, "rollback", to=2)
    assert killed.ended is not None
    killed = replace(killed, ended=replace(killed.ended, completed_by="arn"))
    assert default_release([killed, release(2), release(1)]) == 2
    assert default_release([release(4), killed, release(2), release(1)]) == 3


def test_no_more_is_read_than_is_needed() -> None:
    releases = iter([release(3), release(2), release(1)])
    assert default_release(releases) == 2
    assert next(releases).number == 1


def test_each_layer_is_as_its_newest_release_left_it() -> None:
    found: dict[str, Declared | None] = {}
    for one in (
        release(7, "deploy", "failed", api="Failed", data="Updated", cdn="Skipped"),
        release(6, "recover", api="RolledBack", cache="Deleted"),
        release(5, "drift --repair", api="Updated"),
        release(4, "destroy", zone="Deleted", dns="Failed"),
        release(3, outcome=None, api="Created"),
        release(2, api="Unchanged", cache="Created", data="Created", dns="Created", zone="Created"),
        release(1, cdn="Created", data="Created"),
    ):
        unended = one.number == 3
        settle(found, replace(one, ended=None) if unended else one)
    assert {layer: each and each.release for layer, each in found.items()} == {
        "api": 2,
        "cache": None,
        "cdn": 1,
        "data": 7,
        "dns": 2,
        "zone": None,
    }
    assert found["api"] == Declared(2, {"of": 2})


def test_what_a_record_does_not_say_is_left_to_whoever_reads_it() -> None:
    found: dict[str, Declared | None] = {}
    one = release(1, data="Created")
    settle(found, replace(one, begun=replace(one.begun, stacks={})))
    assert found == {"data": Declared(1, {})}
