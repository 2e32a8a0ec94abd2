"""Tables of members: those of one list, and the user's own lists with the terms of their members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import cast

from xlrotation.market import ownlists
from xlrotation.market.lastcell import CUT_OFF
from xlrotation.market.providers.folder import headers, moments, tables
from xlrotation.market.providers.folder.found import Found
from xlrotation.market.providers.folder.rows import BadFile, Value
from xlrotation.market.providers.folder.tables import FileTable


def members(table: FileTable, head: int, meanings: Sequence[str | None], found: Found, name: str) -> None:
    """Take the members of the list *name*, with their names and sectors.

    Raises:
        BadFile: They stand in another file already.
    """
    column = meanings.index("symbol")
    cells = [row[column] if column < len(row) else None for row in table.rows[head + 1 :]]
    tickers = tuple(dict.fromkeys(headers.symbol(tables.text_of(cell)) for cell in cells if not tables.blank(cell)))
    if name in found.members:
        raise BadFile(f"{table.name}: the members of {name} stand in another file already")
    found.members[name] = tickers
    for meaning, kept in (("name", found.names), ("sector", found.sectors)):
        if meaning not in meanings:
            continue
        at = meanings.index(meaning)
        for row in table.rows[head + 1 :]:
            if max(at, column) < len(row) and not tables.blank(row[column]) and not tables.blank(row[at]):
                kept.setdefault(headers.symbol(tables.text_of(row[column])), str(row[at]).strip())
    found.files[name] = table.name


def own_lists(table: FileTable, head: int, found: Found) -> None:
    """Take the lists of a table of lists, as :mod:`xlrotation.market.ownlists` reads them."""
    heads = table.rows[head]
    columns = ownlists.understood(heads)
    assert columns is not None
    dated = {columns[meaning] for meaning in ("from", "to") if meaning in columns}

    def cells(row: Sequence[Value]) -> list[object]:
        return [
            cell if place in dated else None if tables.blank(cell) else tables.text_of(cell)
            for place, cell in enumerate(row)
        ]

    def day(cell: object, where: str) -> dt.date | None:
        return moments.day(cast(Value, cell), where)

    rows = [(line, cells(row)) for line, row in enumerate(table.rows[head + 1 :], head + 2)]
    lists = ownlists.read(table.name, heads, rows, day, headers.symbol)
    if lists.terms and any(CUT_OFF in remark for remark in table.remarks):
        # The doubted cell is emptied: a term without a day begins before everything or never ends, a member is lost.
        line, place = next((line, len(row) - 1) for line, row in reversed(rows) if row)
        if place in {columns[meaning] for meaning in columns if meaning not in ("name", "sector")}:
            lists = ownlists.Lists(remarks=[f"{table.name}, row {line}: is cut off; the lists are left out"])
    found.remarks += lists.remarks
    for name, terms in lists.terms.items():
        if name in found.members:
            found.remarks.append(f"left out {table.name}: the members of {name} stand in another file already")
            continue
        found.members[name], found.terms[name] = terms.everyone, terms
        found.files[name] = table.name
    found.names |= {ticker: name for ticker, name in lists.names.items() if ticker not in found.names}
    found.sectors |= {ticker: sector for ticker, sector in lists.sectors.items() if ticker not in found.sectors}
