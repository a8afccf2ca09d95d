"""A document that is stale in any way is found; one that differs in ids and times only is not."""

from __future__ import annotations

import re

import pytest

from tests.documents import DOCUMENTS, VARYING, difference, files, normal, steps

PRINTED = """\
local AWS at http://127.0.0.1:45123 (process 987)

layer    dev           staging       prod          hashes     parameters
network  0123456789ab  0123456789ab  0123456789ab  identical  8 may differ
zone     payments-dev-zone  us-east-1  UPDATE_COMPLETE  2031-12-24 23:59:59
network  AWS::EC2::InternetGateway  igw-00112233445566778
    parent_zone_id: Z7IIDYQVPZTJ35 from staging.zone.HostedZoneId
account 444444444444, us-east-1, VPC 10.40.0.0/16
dev against 0a1b2c3d4e (merge base with main)
dev is as declared: 2277 comparisons.
"""
SHOWN = """\
local AWS at http://127.0.0.1:4566 (process 4242)
layer  dev  staging  prod  hashes  parameters
network  8942bde9d86c  8942bde9d86c  8942bde9d86c  identical  8 may differ
zone     payments-dev-zone  us-east-1  UPDATE_COMPLETE  2026-01-02 03:04:05
network  AWS::EC2::InternetGateway  igw-0123456789abcdef0
    parent_zone_id: Z0123456789ABCD from staging.zone.HostedZoneId
account 444444444444, us-east-1, VPC 10.40.0.0/16
dev against 3f2a1b0c9d (merge base with main)
dev is as declared: 2277 comparisons.
"""


def test_ids_times_ports_and_the_width_of_columns_may_differ() -> None:
    assert difference(SHOWN.splitlines(), PRINTED) is None


@pytest.mark.parametrize(
    ("now", "stale"),
    [
        ("2277 comparisons", "2360 comparisons"),
        ("8 may differ", "10 may differ"),
        ("444444444444", "555555555555"),
        ("10.40.0.0/16", "10.41.0.0/16"),
        ("us-east-1  UPDATE", "us-east-2  UPDATE"),
        ("UPDATE_COMPLETE", "CREATE_COMPLETE"),
        # Each hash may be another one, but not one of three that are the same.
        ("8942bde9d86c  identical", "9942bde9d86c  identical"),
        # What only looks like an id: shorter, or of letters that none has.
        ("igw-0123456789abcdef0", "igw-0123456789abcdef"),
        ("3f2a1b0c9d (merge", "3f2a1b0c9 (merge"),
        ("process 4242", "process none"),
        ("2026-01-02 03:04:05", "-"),
    ],
)
def test_anything_else_may_not(now: str, stale: str) -> None:
    assert now in SHOWN
    line = next(line for line in SHOWN.replace(now, stale).splitlines() if stale in line)
    found = difference(SHOWN.replace(now, stale).splitlines(), PRINTED)
    assert found == f"not printed here: {line}"


@pytest.mark.parametrize(
    "shown",
    [
        ["one", "two", "three"],
        ["...", "three"],
        ["one", "...", "three"],
        ["one", "...", "two", "three"],
        ["one", "..."],
        ["...", "two", "..."],
        ["...", "one", "two", "three", "..."],
        ["..."],
        ["", "one", "", "two", "three"],
    ],
)
def test_dots_stand_for_any_lines_or_for_none(shown: list[str]) -> None:
    assert difference(shown, "one\n\ntwo\nthree\n") is None


@pytest.mark.parametrize(
    "shown",
    [
        [],  # a command without an output has to be silent
        ["one"],
        ["one", "two"],
        ["two", "three"],
        ["two", "..."],
        ["...", "two"],
        ["one", "three"],
        ["...", "one", "three", "..."],
        ["two", "one", "three"],
        ["...", "three", "...", "one", "..."],
        ["one", "two", "two", "three"],
        ["one", "two", "three", "four"],
        ["one", "...", "four"],
    ],
)
def test_lines_are_neighbours_and_in_order_where_there_are_no_dots(shown: list[str]) -> None:
    assert difference(shown, "one\ntwo\nthree\n") is not None


def test_a_line_that_is_there_but_elsewhere_is_shown_with_its_neighbours() -> None:
    assert difference(["...", "one", "three", "..."], "one\ntwo\nthree\n") == (
        "printed, but not as neighbours and in this order:\none\nthree"
    )


@pytest.mark.parametrize("name", VARYING)
def test_nothing_may_differ_that_no_document_shows(name: str) -> None:
    shown = [line for path in DOCUMENTS for step in steps(path.read_text()) for line in step.shown]
    assert any(re.search(VARYING[name], line) for line in shown)


def test_equal_ids_stay_equal_within_a_line() -> None:
    assert normal("a 0123456789ab  0123456789ab ab0123456789") == "a <hash 1> <hash 1> <hash 2>"


def test_steps_are_read_with_their_exit_codes_and_lines() -> None:
    text = (
        "```console\n$ one # exit 3\n1\n$ two\n```\n```\n$ not run\n```\n```console\n$ three\n```"
    )
    assert steps(text) == [("one", 3, ["1"]), ("two", 0, []), ("three", 0, [])]


def test_a_block_may_be_a_file() -> None:
    text = "```yaml\n# file: a/b.yaml\nc: 1\n```\n\n```yaml\n# a/d.yaml\ne: 1\n```\n"
    assert files(text) == {"a/b.yaml": "# file: a/b.yaml\nc: 1\n"}
