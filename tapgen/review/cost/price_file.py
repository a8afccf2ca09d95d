"""The prices of a project: a CSV file like `prices.csv`, whose lines override those in it.

`tapgen cost --refresh` writes the lines whose source begins with `PRICE_LIST`. The others were
written by people: they stay as they are, and take precedence. A line without a price means that the
price is not known.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from tapgen.render.files import read_bytes
from tapgen.render.memory import evidence
from tapgen.review.cost.prices import Key, Price, units
from tapgen.settings.faults import Fault, Faults, Source, shown

PRICE_LIST: Final = "AWS Price List: "
"""The beginning of the source of a price from AWS's Price List."""
HEADER: Final = ("component", "unit", "region", "usd", "source", "source_date")
# A cell, in quotes or not. The matches together are the whole line.
_CELL: Final = re.compile(r'(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)')
_USD: Final = re.compile(r"\d{1,9}(\.\d{1,15})?")
_DATE: Final = re.compile(r"20\d\d-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?")
_PLACE: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-\d|global|edge .+")


class PriceFaults(Faults):
    """All faults of a price file."""

    advice = "correct the file, or delete it: `tapgen cost --refresh` writes a new one"


class Row(NamedTuple):
    """A line of the file; `usd` is None if the price is not known."""

    component: str
    unit: str
    region: str
    usd: Decimal | None
    source: str
    source_date: str

    @property
    def key(self) -> Key:
        """The component, and where it is charged."""
        return self.component, self.region

    @property
    def is_listed(self) -> bool:
        """True if it comes from the Price List, and was not written by people."""
        return self.source.startswith(PRICE_LIST)


def own_prices(path: Path) -> dict[Key, Price | None]:
    """The prices of the file by component and place; None if a price is not known.

    Raises the errors of `rows`.
    """
    evidence.rely_on([str(path.absolute())])
    return {
        row.key: None if row.usd is None else Price(row.usd, row.source, row.source_date, str(path))
        for row in rows(path)
    }


def rows(path: Path) -> tuple[Row, ...]:
    """The lines of the file; none if it does not exist.

    Raises `PriceFaults` with all faults, `TapgenError` if it cannot be read.
    """
    lines = _lines(path)
    faults: list[Fault] = []
    found: dict[Key, tuple[Row, int]] = {}

    def wrong(line: int, column: int, message: str, hint: str) -> None:
        faults.append(Fault(Source(str(path), line, column), "", message, hint))

    if lines and tuple(one.text for one in _cells(lines[0])) != HEADER:
        wrong(1, 1, "does not begin with the names of its columns", f"write {','.join(HEADER)}")
        lines = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = _cells(line)
        amiss = [*_amiss(cells)]
        for place in amiss:
            wrong(number, *place)
        if amiss:
            continue
        row = _row(cells)
        before, line_before = found.get(row.key, (row, 0))
        if line_before and before.is_listed == row.is_listed:
            twice = f"{shown(row.component)} in {row.region} already has a price in line"
            wrong(number, 1, f"{twice} {line_before}", "remove one of the two lines")
        elif not line_before or before.is_listed:
            found[row.key] = (row, number)
    if faults:
        raise PriceFaults(faults)
    return tuple(row for row, _ in found.values())


def _lines(path: Path) -> list[str]:
    content = read_bytes(path)
    if content is None:
        return []
    try:
        return [line.rstrip("\r") for line in content.decode("utf-8-sig").split("\n")]
    except UnicodeDecodeError as error:
        place = Source(str(path), content.count(b"\n", 0, error.start) + 1)
        raise PriceFaults([Fault(place, "", "is not UTF-8 text")]) from error


def text_of(each: Iterable[Row]) -> str:
    """The text of a file with these lines, sorted: the same lines always give the same text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for row in sorted(each, key=lambda one: one.key):
        usd = "" if row.usd is None else f"{row.usd.normalize():f}"
        writer.writerow([*row[:3], usd, *row[4:]])
    return text.getvalue()


# --- faults ---------------------------------------------------------------------------------------

_Amiss = tuple[int, str, str]  # column, message, hint


class _Cell(NamedTuple):
    text: str
    column: int


def _cells(line: str) -> list[_Cell]:
    """The cells of a line, each with its first column; none if quotes are not closed."""
    found = [*_CELL.finditer(line)]
    if "".join(one.group() for one in found) != line:
        return []
    return [
        _Cell(
            (quoted.replace('""', '"') if (quoted := one[1]) is not None else str(one[2])).strip(),
            one.start() + 1 + one.group().startswith(","),
        )
        for one in found
    ]


def _amiss(cells: list[_Cell]) -> Iterator[_Amiss]:
    if not cells:
        yield 1, "has quotes that do not match", 'write " within quotes as ""'
        return
    if len(cells) != len(HEADER):
        hint = f"the columns are {', '.join(HEADER)}"
        yield 1, f"has {len(cells)} cells instead of {len(HEADER)}", hint
        return
    named = dict(zip(HEADER, cells, strict=True))
    for name, cell in named.items():
        if not cell.text and name != "usd":
            yield cell.column, f"{name} is empty", _FORMS[name]
        elif cell.text and (fits := _FITTING.get(name)) and not fits.fullmatch(cell.text):
            yield cell.column, f"{name}: {shown(cell.text)} is not valid", _FORMS[name]
    component, unit = named["component"].text, named["unit"]
    known = units()
    if component in known and unit.text and unit.text != known[component]:
        other = f"unit: {shown(component)} is not counted in the unit {shown(unit.text)}"
        yield unit.column, other, f"write the price of one {known[component]}"


_FITTING: Final[Mapping[str, re.Pattern[str]]] = {
    "region": _PLACE,
    "usd": _USD,
    "source_date": _DATE,
}
_FORMS: Final[Mapping[str, str]] = {
    "component": "write the component's name, as in the table that comes with tapgen",
    "unit": "write the unit that the price is for, such as GB",
    "region": 'write a region such as eu-west-1, or "global"',
    "usd": "write US dollars with a decimal point, such as 0.045; nothing if it is not known",
    "source": "write where the price is from",
    "source_date": "write the day or the month of the price, such as 2026-11-30",
}


def _row(cells: list[_Cell]) -> Row:
    component, unit, region, usd, source, source_date = (one.text for one in cells)
    return Row(component, unit, region, Decimal(usd) if usd else None, source, source_date)
