"""What was understood of a file of somebody's data, and what its owner declares that cannot be guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

AS_TRADED, SPLIT_ADJUSTED, ADJUSTED, UNKNOWN = "as traded", "split-adjusted", "adjusted", ""
"""What closes are: untouched, changed by splits, changed by splits and dividends, or nobody knows."""


NO_HEADS = -1
"""What a file declares that has no row of heads."""

_PLACE = re.compile(r", row (?P<row>\d+)(?:, column (?P<column>[^:]+))?:|[,:] column (?P<head>[^:]+):")
_LOST = re.compile(r"left out|; a gap\b|taken as gaps|not used|not applied|is kept out|held back")


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the owner of a file says of it; nothing by default, and then the file itself must tell.

    Attributes:
        columns: What a head means (``date``, ``symbol``, ``close`` ..., a ticker, or empty for a column to leave out),
            by the head as it stands in the file, or by its number (``#3``).
        symbol: Whose bars the file holds.
        layout: Of :attr:`FileReading.layout`, one that it is to be read as.
        dates: How its dates are written (``DD.MM.YYYY``).
        decimal: Its decimal sign.
        zone: Time zone of its stamps.
        currency: In which its prices are.
        exchange: Code of the exchange where its symbols trade.
        closes: What its closes are: :data:`AS_TRADED`, :data:`SPLIT_ADJUSTED` or :data:`ADJUSTED`.
        trusted: Whether moves beyond the bounds of its prices are real.
        left_out: Whether it is not to be read at all.
        head: The row of its heads, the first of the file being 1; 0 where that is to be found, :data:`NO_HEADS` for
            a table without heads.
        separator: What parts the cells of a text table.
        encoding: The encoding of a text table.
        sheet: The sheets of a workbook that are to be read; none for all that can be seen.
        rows_left_out: Rows that are not to be read.
        gaps: Texts that stand for a cell without a value.
        session: The day of its option quotes.
    """

    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    symbol: str = ""
    layout: str = ""
    dates: str = ""
    decimal: str = ""
    zone: str = ""
    currency: str = ""
    exchange: str = ""
    closes: str = UNKNOWN
    trusted: bool = False
    left_out: bool = False
    head: int = 0
    separator: str = ""
    encoding: str = ""
    sheet: tuple[str, ...] = ()
    rows_left_out: tuple[int, ...] = ()
    gaps: tuple[str, ...] = ()
    session: dt.date | None = None


@dataclass(slots=True)
class Refused:
    """A part of a file that was not taken: all of it, a row, a column, or a cell.

    Attributes:
        reason: Why, beginning with the file.
        row: Its row (the first of the file is 1); None for a column or the whole.
        column: The head of its column, or its number; None for a row or the whole.
        whole: Whether nothing of its table was taken.
    """

    reason: str
    row: int | None = None
    column: str | None = None
    whole: bool = False

    @classmethod
    def of(cls, reason: str, whole: bool = False) -> Refused:
        """A refusal whose reason names its place as all remarks on files do: ``prices.csv, row 3, column XLK: ...``."""
        found = _PLACE.search(reason)
        if found is None:
            return cls(reason, whole=whole)
        return cls(reason, int(found["row"]) if found["row"] else None, found["column"] or found["head"], whole)


@dataclass(slots=True)
class FileReading:
    """How one table was read: a file, or a sheet of a workbook.

    Attributes:
        file: The table as messages name it.
        layout: ``wide`` (a column a symbol), ``bars`` (one symbol), ``long`` (a row a symbol and day), ``grouped``
            (securities above fields), ``members``, ``weights``, ``chain``, ``series``; empty for one that is not
            understood.
        columns: What each head was taken for, by head; empty for one that was not used.
        symbols: The symbols it gave values of.
        first: Its first session.
        last: Its last one.
        adjustment: What its closes are, by symbol: :data:`AS_TRADED`, :data:`SPLIT_ADJUSTED`, :data:`ADJUSTED` or
            :data:`UNKNOWN`.
        found_by: How that was found, by symbol, in words.
        exchanges: Codes of the exchanges on whose sessions its rows were put.
        gaps: Cells without a number in columns that were used.
        oddities: What was read, but is told.
        refused: What was not taken.
    """

    file: str
    layout: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    symbols: tuple[str, ...] = ()
    first: dt.date | None = None
    last: dt.date | None = None
    adjustment: dict[str, str] = field(default_factory=dict)
    found_by: dict[str, str] = field(default_factory=dict)
    exchanges: tuple[str, ...] = ()
    gaps: int = 0
    oddities: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def note(self, remarks: Iterable[str]) -> None:
        """Sort what is told of the file into what was not taken and what is merely odd."""
        for remark in remarks:
            if _LOST.search(remark):
                self.refused.append(Refused.of(remark))
            else:
                self.oddities.append(remark)
