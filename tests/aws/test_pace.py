"""Calls at a common pace, and listings that several share."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tapgen.aws import pace
from tapgen.aws.cloudformation.listing import Listing
from tapgen.aws.pace import Pace
from tests.waiting import PATIENCE_SECONDS, wait_until


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    ticking = Clock()
    monkeypatch.setattr(pace, "time", ticking)
    return ticking


def test_a_burst_goes_at_once_and_then_each_waits_for_its_turn(clock: Clock) -> None:
    bucket = Pace(rate=10.0, burst=5)
    took = []
    for _ in range(8):
        bucket.wait(request=None)
        took.append(round(clock.now - 100.0, 6))
    assert took == [0, 0, 0, 0, 0, 0.1, 0.2, 0.3]


def test_what_was_not_used_is_saved_up_but_for_one_burst_only(clock: Clock) -> None:
    bucket = Pace(rate=10.0, burst=5)
    for _ in range(5):
        bucket.wait()
    clock.now += 1000
    begun = clock.now
    for _ in range(6):
        bucket.wait()
    assert clock.now - begun == pytest.approx(0.1)


class Pages:
    """A boto3 client with so many pages of stacks; listing waits until it is let go of."""

    def __init__(self, *pages: list[str], error: Exception | None = None) -> None:
        self.pages = pages
        self.error = error
        self.listings = 0
        self.read = 0
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)

    def get_paginator(self, _: str) -> Pages:
        return self

    def paginate(self) -> Any:
        self.listings += 1
        self.begun.release()
        assert self.go_on.acquire(timeout=PATIENCE_SECONDS)
        if self.error:
            raise self.error
        for page in self.pages:
            self.read += 1
            yield {
                "Stacks": [
                    {
                        "StackName": name.removeprefix("deleted "),
                        "StackId": name,
                        "StackStatus": "DELETE_COMPLETE" if " " in name else "CREATE_COMPLETE",
                    }
                    for name in page
                ]
            }


def test_pages_are_read_until_all_are_found() -> None:
    pages = Pages(["a", "b"], ["c"], ["d"])
    listing = Listing(pages)
    pages.go_on.release(2)
    found = listing.states(["a", "c"])
    assert {name: state.status for name, state in found.items()} == {
        "a": "CREATE_COMPLETE",
        "c": "CREATE_COMPLETE",
    }
    assert (pages.read, listing.pages) == (2, 2)
    assert listing.states(["d", "gone"])["gone"].status == "ABSENT"
    assert (pages.read, listing.pages) == (5, 3)


def test_a_deleted_stack_does_not_stand_for_another_of_its_name() -> None:
    pages = Pages(["deleted a"], ["a", "deleted a"])
    pages.go_on.release()
    (state,) = Listing(pages).states(["a"]).values()
    assert (state.status, state.stack_id) == ("CREATE_COMPLETE", "a")


def together(listing: Listing, pages: Pages, names: list[str]) -> list[Any]:
    """All but the first ask while the first's listing is under way."""
    answers: list[Any] = []

    def ask(name: str) -> None:
        try:
            answers.append(listing.states([name])[name].status)
        except OSError as error:
            answers.append(error)

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    threads[0].start()
    assert pages.begun.acquire(timeout=PATIENCE_SECONDS)
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: listing._next and len(listing._next.names) == len(names) - 1)
    pages.go_on.release(2)
    for thread in threads:
        thread.join()
    assert len(answers) == len(names)
    return answers


def test_whoever_asks_meanwhile_shares_the_next_listing() -> None:
    pages = Pages(["a", "b", "c", "d", "e"])
    assert together(Listing(pages), pages, ["a", "b", "c", "d", "e"]) == ["CREATE_COMPLETE"] * 5
    assert pages.listings == 2


def test_an_error_reaches_everybody_who_asked() -> None:
    pages = Pages(error=OSError("cut"))
    listing = Listing(pages)
    answers = together(listing, pages, ["a", "b", "c"])
    assert all(isinstance(answer, OSError) for answer in answers)
    pages.error = None
    pages.go_on.release()
    assert listing.states(["a"])["a"].status == "ABSENT"
