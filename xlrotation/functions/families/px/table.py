"""PX: a page of a market in one formula."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from xlrotation.errors import BadArgument, CellError, NoData
from xlrotation.functions.boundary.cells import Cell, Range, Table, is_blank, shown
from xlrotation.functions.boundary.kind import Kind
from xlrotation.functions.boundary.parameters import AsOf, Header, Here, Lang, SymbolRows, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Evaluator, Scope
from xlrotation.languages import ENGLISH, Text
from xlrotation.market import windows, windowwords


class _Column(NamedTuple):
    """What a word of a field asks for.

    Attributes:
        function: The worksheet function that gives the column.
        given: What stands for its number of sessions or window where the field does not say; empty where it has none.
        counts: Whether that is a number of sessions, and no window.
        more: Arguments after the as-of date.
        before: Arguments between the symbol and the window.
        head: Key of the head where the field is the word alone.
    """

    function: str
    given: str = ""
    counts: bool = False
    more: tuple[Cell, ...] = ()
    before: tuple[Cell, ...] = ()
    head: str = ""


_COLUMNS = {
    "CLOSE": _Column("PX_CLOSE", head="close"),
    "CHANGE": _Column("PX_CHANGE", "1D", head="change"),
    "RET": _Column("PX_RET", "1D", head="return"),
    "MA": _Column("PX_MA", "50", counts=True),
    "VS_MA": _Column("PX_VS_MA", "200", counts=True),
    "DRAWDOWN": _Column("PX_DRAWDOWN", "1Y", head="from_high"),
    "ZSCORE": _Column("PX_ZSCORE", "1Y", head="z_score"),
    "PCTRANK": _Column("PX_PCTRANK", "1Y", head="percentile"),
    "RANK": _Column("PX_RANK", "YTD", head="rank"),
    "STREAK": _Column("PX_STREAK", head="streak"),
    "VOL": _Column("VOL_REALIZED", "1M", head="volatility"),
    "VOLUME": _Column("PX_VOLUME", "1D", head="volume"),
    "VOLUME_RATIO": _Column("PX_VOLUME", "20D", more=("RATIO",), head="volume_ratio"),
    "BETA": _Column("RS_BETA", "1Y", before=("^GSPC",), head="beta"),
}
_WORDS = sorted(_COLUMNS, key=len, reverse=True)
_KNOWN = "CLOSE, CHANGE, MA50, VS_MA200, DRAWDOWN, ZSCORE, PCTRANK, RANK, STREAK, VOL, VOLUME, VOLUME_RATIO, BETA"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a market page.

    Attributes:
        head: As typed, or the key of a word.
        column: What gives it.
        argument: Its window or number of sessions; empty where it has none.
    """

    head: str
    column: _Column
    argument: str

    def values(self, session: Evaluator, tickers: tuple[str, ...], day: dt.date) -> list[Cell]:
        """The values of *tickers*, an error value for one that has none."""
        given = [self.argument] if self.argument else []
        symbols: Range = [[ticker] for ticker in tickers]
        found = session.call(self.column.function, symbols, *self.column.before, *given, day, *self.column.more)
        return [row[0] for row in found] if isinstance(found, list) else [found] * len(tickers)


def _field(text: str) -> Field | None:
    """The field that *text* names: a window, or a word with or without one (``VS_MA50``, ``VOL:3M``)."""
    typed = text.strip().upper()
    if typed in _COLUMNS:
        column = _COLUMNS[typed]
        return Field(column.head or typed, column, column.given)
    for word in _WORDS:
        column, rest = _COLUMNS[word], typed[len(word) :].removeprefix(":")
        if typed.startswith(word) and " " not in rest and column.given and _fits(rest, column.counts):
            return Field(typed, column, rest)
    return Field(typed, _COLUMNS["RET"], typed) if _fits(text, counts=False) else None


def _fits(text: str, counts: bool) -> bool:
    if counts:
        return re.fullmatch(r"[1-9]\d{0,4}D?", text, re.ASCII) is not None
    try:
        windows.parse_window(text)
    except BadArgument:
        return False
    return True


def _fields(text: str) -> list[Field]:
    """The fields that *text* lists: between commas, semicolons or bars, else between spaces."""
    found = []
    for part in windowwords.parts(text):
        words = part.split()
        while words:
            for count in range(len(words), 0, -1):
                if (field := _field(" ".join(words[:count]))) is not None:
                    found.append(field)
                    words = words[count:]
                    break
            else:
                raise BadArgument(f"{shown(words[0])} is no field; give {_KNOWN} or 1D, 1M, YTD")
    return found


class FieldsKind(Kind):
    """Columns of a market page: a range, or one text such as ``CLOSE 1D YTD VS_MA50``."""

    zero_is_blank = True
    spills = False
    takes = "fields"
    help = Text(
        "Columns: windows (1D YTD: returns), CLOSE, CHANGE, MA50, VS_MA200, DRAWDOWN, ZSCORE, PCTRANK, RANK, STREAK, "
        "VOL, VOLUME, VOLUME_RATIO, BETA; VOL:3M is of another window."
    )

    def read(self, cell: Cell, scope: Scope) -> tuple[Field, ...]:
        return self.read_range([[cell]], scope)

    def read_range(self, cells: Range, scope: Scope) -> tuple[Field, ...]:
        found: list[Field] = []
        for cell in (cell for row in cells for cell in row if not is_blank(cell)):
            found += _fields(cell if isinstance(cell, str) else str(windows.read_window(cell)))
        if not found:
            raise BadArgument(f"no field; give {_KNOWN} or 1D, 1M, YTD")
        return tuple(found)


Fields = Annotated[tuple[Field, ...], FieldsKind()]

_TOLD = 10
"""Reasons of a table that are told; a list that the data do not hold has one for every cell."""


@worksheet_function(unit="table", example='=PX_TABLE("SECTORS","CLOSE 1D 1M YTD VS_MA50 VOL")')
def PX_TABLE(
    here: Here,
    symbols: SymbolRows = default("SECTORS"),
    fields: Fields = default("CLOSE 1D 5D 1M YTD VS_MA50 VS_MA200 DRAWDOWN VOL"),
    asof: AsOf = default(None),
    header: Header = default(True),
    lang: Lang = default(None),
) -> Table:
    """A market page in one formula: a row per symbol with its name, a column per field.

    Each value is what the function of its field gives at the as-of date, on the sessions of the symbol's own exchange:
    PX_CLOSE, PX_CHANGE (1D), PX_RET for a window, PX_MA, PX_VS_MA, PX_DRAWDOWN (1Y), PX_ZSCORE (1Y), PX_PCTRANK (1Y),
    PX_RANK (YTD), PX_STREAK, VOL_REALIZED (1M), PX_VOLUME, its RATIO (20D), RS_BETA against the S&P 500 (1Y). What a
    symbol lacks is #N/A, and why is told: all of the row of one that the data do not hold. #N/A for all where nothing
    is there.
    """
    session = here.session()
    columns = [field.values(session, symbols.tickers, asof.asof) for field in fields]
    reasons = list(dict.fromkeys(failure.reason_in(ENGLISH) for failure in session.failures))
    if all(isinstance(cell, CellError) for column in columns for cell in column):
        raise NoData(reasons[0] if reasons else f"{symbols.name} has none of the fields at {asof.asof}")
    for remark in [*session.remarks.values(), *reasons[:_TOLD]]:
        here.tell(remark)
    if len(reasons) > _TOLD:
        here.tell(f"{len(reasons) - _TOLD} more values of the table are missing")
    rows = [
        [ticker, asof.name(ticker, lang), *values] for ticker, *values in zip(symbols.tickers, *columns, strict=True)
    ]
    return Table(("symbol", "name", *(field.head for field in fields)), rows, header, lang)
