"""The prices of a project: read with the place of each fault, written in one order."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tapgen.errors import TapgenError
from tapgen.render.memory import evidence
from tapgen.review.cost.price_file import HEADER, PriceFaults, Row, own_prices, rows, text_of
from tapgen.review.cost.prices import Price

HEAD = ",".join(HEADER)
NAT = "NAT gateway hour,NAT gateway-hour,us-east-1,0.04,our agreement,2026-11-30"
LISTED = "NAT gateway hour,NAT gateway-hour,us-east-1,0.05,AWS Price List: x,2026-10-01"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prices.csv"


def write(file: Path, *lines: str) -> None:
    file.write_text("\n".join([HEAD, *lines, ""]))


def faults(file: Path) -> list[str]:
    with pytest.raises(PriceFaults) as found:
        rows(file)
    assert "tapgen cost --refresh" in found.value.hint
    return [one.removeprefix(f"{file}:") for one in found.value.message.splitlines()]


def test_a_line_has_a_price_with_its_source_and_its_file(file: Path) -> None:
    write(file, NAT, "Ours,GB,global,,nobody,2026-11")
    key = ("NAT gateway hour", "us-east-1")
    assert own_prices(file) == {
        key: Price(Decimal("0.04"), "our agreement", "2026-11-30", str(file)),
        ("Ours", "global"): None,
    }
    assert str(file) in evidence.loaded()


def test_without_a_file_there_are_no_prices(file: Path) -> None:
    assert own_prices(file) == {}


def test_what_spreadsheets_write_is_read(file: Path) -> None:
    line = '"X, ""the"" unit", GB ,edge Europe, 1 ,"a, b",2026-11'
    file.write_bytes(f"\ufeff{HEAD}\r\n{line}\r\n\r\n".encode())
    assert rows(file) == (Row('X, "the" unit', "GB", "edge Europe", Decimal(1), "a, b", "2026-11"),)


def test_the_same_lines_give_the_same_bytes_and_are_read_again(file: Path) -> None:
    some = [
        Row("b", "GB", "us-east-1", Decimal("0.0000133334"), "x, y", "2026-11"),
        Row("a", "GB", "us-east-1", None, 'by "hand"', "2026-11-30"),
        Row("b", "GB", "eu-west-1", Decimal(100), "z", "2026-11"),
    ]
    file.write_text(text_of(some))
    assert file.read_text().splitlines() == [
        HEAD,
        'a,GB,us-east-1,,"by ""hand""",2026-11-30',
        "b,GB,eu-west-1,100,z,2026-11",
        'b,GB,us-east-1,0.0000133334,"x, y",2026-11',
    ]
    assert text_of(rows(file)) == text_of(reversed(some)) == file.read_text()


def test_a_line_of_people_wins_over_that_of_the_price_list(file: Path) -> None:
    for lines in ([NAT, LISTED], [LISTED, NAT]):
        write(file, *lines)
        (row,) = rows(file)
        assert (row.source, row.is_listed) == ("our agreement", False)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (NAT.replace("0.04", "0,04"), "2:1: has 7 cells instead of 6; the columns are "),
        (NAT.replace("0.04", '"0,04"'), '2:45: usd: "0,04" is not valid; write US dollars '),
        (NAT.replace("0.04", "$0.04"), '2:45: usd: "$0.04" is not valid'),
        (NAT.replace("0.04", "-1"), '2:45: usd: "-1" is not valid'),
        (NAT.replace("0.04", "1e-5"), '2:45: usd: "1e-5" is not valid'),
        (NAT.replace("0.04", "NaN"), '2:45: usd: "NaN" is not valid'),
        (NAT.replace("us-east-1", "Ireland"), '2:35: region: "Ireland" is not valid; write a reg'),
        (NAT.replace("us-east-1", ""), "2:35: region is empty; write a region such as eu-west-1"),
        (NAT.replace("2026-11-30", "30.11.2026"), '2:64: source_date: "30.11.2026" is not valid'),
        (NAT.replace("our agreement", ""), "2:50: source is empty; write where the price is from"),
        (NAT.replace("NAT gateway hour,", ","), "2:1: component is empty; write the component"),
        (
            NAT.replace("NAT gateway-hour", "hour"),
            '2:18: unit: "NAT gateway hour" is not counted in the unit "hour"; write the',
        ),
        (NAT.replace("our", 'our "best"'), '2:1: has quotes that do not match; write "'),
        (f'"{NAT}', '2:1: has quotes that do not match; write " within quotes as ""'),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_would_do(file: Path, line: str, told: str) -> None:
    write(file, line)
    (found,) = faults(file)
    assert found.startswith(told)


def test_the_first_fault_is_the_place_of_the_error(file: Path) -> None:
    write(file, NAT, "A,GB,here,x,s,2026", "Ours,GB,global,1,,2026-13")
    with pytest.raises(PriceFaults) as raised:
        rows(file)
    assert raised.value.place == (str(file), 3, 6)


def test_all_faults_are_told_at_once(file: Path) -> None:
    write(file, NAT, "", NAT, "A,GB,here,x,s,2026", "Ours,GB,global,1,,2026-13")
    assert [one.partition(";")[0] for one in faults(file)] == [
        '4:1: "NAT gateway hour" in us-east-1 already has a price in line 2',
        '5:6: region: "here" is not valid',
        '5:11: usd: "x" is not valid',
        '5:15: source_date: "2026" is not valid',
        "6:18: source is empty",
        '6:19: source_date: "2026-13" is not valid',
    ]


@pytest.mark.parametrize("text", ["", "a,b\nc,d\n", HEAD.replace(",", ";") + "\n1;2\n"])
def test_a_file_that_is_another_is_told_once(file: Path, text: str) -> None:
    file.write_text(text)
    assert faults(file) == [f"1:1: does not begin with the names of its columns; write {HEAD}"]


def test_what_is_no_text_is_told_with_its_line(file: Path) -> None:
    file.write_bytes(f"{HEAD}\n{NAT}\n".encode() + b"\xff\xfe\n")
    assert faults(file) == ["3:1: is not UTF-8 text"]


def test_what_cannot_be_read_is_told(file: Path) -> None:
    file.mkdir()
    with pytest.raises(TapgenError, match=r"prices\.csv"):
        rows(file)
