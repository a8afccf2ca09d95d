from __future__ import annotations

import pytest

from tapgen.cli.views.markdown import code, row, table


def test_what_divides_cells_stays_in_its_cell() -> None:
    assert row("a|b", "c") == "| a\\|b | c |"


def test_a_table_has_a_heading_whatever_is_in_it() -> None:
    assert table(["a", "b"], []) == "| a | b |\n| --- | --- |"
    assert table(["a"], [["1"], ["2"]]).splitlines()[2:] == ["| 1 |", "| 2 |"]


@pytest.mark.parametrize(
    ("text", "expected"), [("a", "`a`"), ("a`b", "``a`b``"), ("``", "``` `` ```")]
)
def test_code_may_hold_backticks(text: str, expected: str) -> None:
    assert code(text) == expected
