"""What is declared of a file, put into its table before anybody looks what it is."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Sequence

from xlrotation.market.dates import from_serial
from xlrotation.market.filereadings import NO_HEADS, Declaration
from xlrotation.market.providers.folder import calendars, grouped, headers, optiontables, quoteheads, tables
from xlrotation.market.providers.folder.dateforms import SERIALS, date_reader
from xlrotation.market.providers.folder.declared import FILE, MEANINGS
from xlrotation.market.providers.folder.headers import Head
from xlrotation.market.providers.folder.rows import BadFile, Made, Rows, Value
from xlrotation.market.providers.folder.tables import FileTable
from xlrotation.market.symbols import fold

_NUMBERED = re.compile(r"#(\d+)")
_SERIES_HEAD = "observation_date"
_OPTIONS = ("expiration", "strike", "type", "bid", "ask", "contract", "spot", "rate", "open_interest")
_KINDS: dict[str, tuple[str, ...]] = {
    "members": ("symbol", "name", "sector"),
    "weights": ("date", "symbol", "weight"),
    "long": ("date", "symbol", *headers.PRICES),
    "bars": ("date", *headers.PRICES),
    "wide": ("date",),
    "series": ("date",),
}
"""What the heads of each layout can mean; a head that means something else there is one of a column of its own."""


def head_of(declared: Declaration, rows: Rows, name: str, otherwise: Callable[[Rows], int]) -> int:
    """The row of heads of a table of which something is declared, counted from 0.

    Raises:
        BadFile: A column that is declared is in none.
    """
    if declared.head == NO_HEADS:
        return 0
    if declared.head:
        if declared.head > len(rows):
            raise BadFile(f"{name}: {FILE} says that row {declared.head} holds the heads, and it has {len(rows)} rows")
        return declared.head - 1
    wanted = [head for head in declared.columns if not _NUMBERED.fullmatch(head)]
    if not wanted:
        return otherwise(rows)
    for place, row in enumerate(rows[:20]):
        if {fold(head) for head in wanted} <= {fold(str(cell)) for cell in row if not tables.blank(cell)}:
            return place
    head = otherwise(rows)
    held = [str(cell).strip() for cell in rows[head] if not tables.blank(cell)] if rows else []
    lost = next((each for each in wanted if fold(each) not in set(map(fold, held))), wanted[0])
    near = difflib.get_close_matches(lost, held, n=1, cutoff=0.5)
    shown = f"; did you mean {near[0]}?" if near else f"; its heads are {', '.join(held[:12])}"
    raise BadFile(f"{name}, row {head + 1}: {FILE} names the column {lost!r}, which it does not have{shown}")


def apply(table: FileTable, otherwise: Callable[[Rows], int]) -> FileTable:
    """*table* with heads that mean what is declared, and dates with the year first.

    Args:
        table: A table with a declaration.
        otherwise: Finds the row of heads where none is declared.

    Raises:
        BadFile: The declaration does not fit the table.
    """
    declared = table.declared
    if not (declared.columns or declared.head or declared.layout or declared.rows_left_out or declared.gaps):
        quotes = optiontables.head_row(table.rows) if declared.dates else None
        if quotes is None:
            return table
    dropped = set(declared.rows_left_out)
    rows: Made = [[] if line in dropped else list(row) for line, row in enumerate(table.rows, 1)]
    if declared.head == NO_HEADS:
        rows.insert(0, [f"column {place + 1}" for place in range(max(map(len, rows), default=0))])
    head = head_of(declared, rows, table.name, otherwise)
    if declared.columns or declared.head or declared.layout:
        _rename(rows, head, declared, table.name)
        # what stands above may say whose prices they are
        if declared.head or (otherwise(rows) != head and grouped.two_heads(rows) is None):
            rows[:head] = [[] for _ in range(head)]
    if declared.gaps:
        is_gap = _gap_reader(declared.gaps)
        for row in rows[head + 1 :]:
            row[:] = [None if is_gap(cell) else cell for cell in row]
    if declared.dates and (quotes := optiontables.head_row(rows)) is not None:
        _rewrite_dates(rows, quotes, declared.dates)
    return FileTable(table.name, table.stem, rows, table.remarks, declared)


_ROWS = re.compile(r"\b(?:row|rows) \d+(?:(?:, | to | and )\d+\b)*")


def without_heads(message: str) -> str:
    """A message on a table without heads with the rows of the file: the heads that were put above it are none."""
    return _ROWS.sub(lambda rows: re.sub(r"\d+", lambda number: str(int(number[0]) - 1), rows[0]), message)


def _gap_reader(words: Sequence[str]) -> Callable[[Value], bool]:
    """Whether a cell is one of *words*; a number is one as a number, however it is written."""
    texts = {fold(word) for word in words}
    numbers = {found for word in words if (found := _number(word)) is not None}

    def is_gap(cell: Value) -> bool:
        if isinstance(cell, str):
            return fold(cell) in texts or (bool(numbers) and _number(cell) in numbers)
        return isinstance(cell, float) and cell in numbers

    return is_gap


def _number(text: str) -> float | None:
    try:
        return tables.number(text, "")
    except BadFile:
        return None


def _rename(rows: Made, head: int, declared: Declaration, name: str) -> None:
    """Give the heads the meaning that is declared, and empty the columns that are left out."""
    meant = {fold(each): meaning for each, meaning in declared.columns.items()}
    kinds = _KINDS.get(declared.layout)
    width = max((len(row) for row in rows[head:]), default=0)
    rows[head] += [None] * (width - len(rows[head]))
    for each in meant:
        if (numbered := _NUMBERED.fullmatch(each)) and not 0 < int(numbered[1]) <= width:
            raise BadFile(f"{name}, row {head + 1}: {FILE} names the column {each}, and it has {width}")
    heads = rows[head]
    quotes = declared.layout == "chain" or quoteheads.are_of_quotes([*heads, *declared.columns.values()])
    for column, cell in enumerate(heads):
        text = "" if tables.blank(cell) else str(cell).strip()
        said = meant.get(f"#{column + 1}", meant.get(fold(text)) if text else None)
        if said == "":
            for row in rows[head:]:
                if column < len(row):
                    row[column] = None
        elif said is not None:
            heads[column] = said if quotes and said == "volume" else _head(text or f"column {column + 1}", said)
        elif kinds is not None and text and (meaning := headers.meaning(cell)) and meaning not in kinds:
            heads[column] = Head(text, None)
    if declared.layout == "series":
        at = next((column for column, cell in enumerate(heads) if headers.meaning(cell) == "date"), None)
        if at is None:
            raise BadFile(f"{name}, row {head + 1}: {FILE} says that it holds series, and no head names their dates")
        heads[at] = Head(_SERIES_HEAD, "date")


def _head(text: str, said: str) -> Value:
    if said in _OPTIONS:
        return said
    return Head(text, said) if said in MEANINGS else Head(said, None)


def _no_date(_text: str) -> str | None:
    return None


def _rewrite_dates(rows: Made, head: int, form: str) -> None:
    """Write the dates of quotes with the year first; one that is written otherwise becomes a text that is none."""
    read = functools.lru_cache(maxsize=65536)(date_reader(form)) if form not in SERIALS else _no_date
    columns = [
        column for column, cell in enumerate(rows[head]) if not tables.blank(cell) and optiontables.is_date(cell)
    ]
    for row in rows[head + 1 :]:
        for column in columns:
            cell = row[column] if column < len(row) else None
            if form in SERIALS and calendars.is_serial(cell):
                row[column] = from_serial(float(str(cell)) + SERIALS[form])
            elif isinstance(cell, str) and cell.strip():
                row[column] = read(cell) or f"{cell} (not {form})"
