"""Several environments at the same time: what is wrong with any of them is told in one error."""

from __future__ import annotations

import threading

import pytest

from tapgen.deploy.flow.parallel import collect, map_all, raise_failures
from tapgen.errors import RefusedError, TapgenError
from tests.waiting import PATIENCE_SECONDS

MEMBERS = {"dev": 1, "qa": 2, "prod": 3}


def test_each_is_worked_on_at_the_same_time_and_told_in_order() -> None:
    together = threading.Barrier(3, timeout=PATIENCE_SECONDS)

    def work(number: int) -> int:
        together.wait()
        return number * 10

    assert list(map_all(MEMBERS, work).items()) == [("dev", 10), ("qa", 20), ("prod", 30)]


def fails(number: int) -> int:
    if number == 1:
        return number
    raise TapgenError(f"no {number}", "Ask.")


def test_every_failure_is_told_each_hint_once() -> None:
    with pytest.raises(TapgenError) as told:
        map_all(MEMBERS, fails)
    assert told.value.message == "2 environments cannot continue:\n  qa: no 2\n  prod: no 3"
    assert told.value.hint == "Ask. Nothing was started in any environment."
    assert told.value.exit_code == 1


def test_a_single_failure_is_told_in_one_line_with_what_closes_it() -> None:
    failure = TapgenError("no")
    with pytest.raises(TapgenError) as told:
        raise_failures({"dev": 1, "qa": failure}, "The others go on.")
    assert (told.value.message, told.value.hint) == ("qa: no", "The others go on.")
    assert raise_failures({"dev": 1}) == {"dev": 1}


def test_where_one_refuses_all_are_refused() -> None:
    with pytest.raises(RefusedError, match=r"qa: no\n  prod: not I"):
        raise_failures({"qa": TapgenError("no"), "prod": RefusedError("not I")})


def test_failures_can_be_kept_beside_the_rest() -> None:
    found = collect(MEMBERS, fails)
    assert found["dev"] == 1
    assert [str(found[name]) for name in ("qa", "prod")] == ["no 2", "no 3"]


def test_what_nobody_expects_is_raised_as_it_is() -> None:
    def broken(_: int) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        collect(MEMBERS, broken)
