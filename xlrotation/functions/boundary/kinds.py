"""How each type of parameter reads a cell.

A kind that stands for one value spills over a range by itself; one that takes a range whole says so with
``spills = False``. :mod:`xlrotation.functions.boundary.parameters` names the kinds as types.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np

from xlrotation import languages
from xlrotation.errors import BadArgument
from xlrotation.functions.boundary.baskets import Basket as Basket
from xlrotation.functions.boundary.baskets import told
from xlrotation.functions.boundary.cells import Cell, Range, is_blank, shown
from xlrotation.functions.boundary.kind import Kind
from xlrotation.functions.boundary.reading import is_column, line, number, numbers, spells_number, vector
from xlrotation.functions.boundary.scope import Scope
from xlrotation.languages import NO_TEXT, Text
from xlrotation.market import windows
from xlrotation.market.dates import FIRST_SERIAL, read_date
from xlrotation.market.market import Market, Series
from xlrotation.market.panel import FloatArray


class AsOfKind(Kind):
    """The market as it was known at a date."""

    gaps = True
    zero_is_blank = True
    serials_from = 0
    takes = "date"
    help = Text("Date that the answer is known at: the session on or before it. Blank: the newest session in the data.")

    def read(self, cell: Cell, scope: Scope) -> Market:
        return scope.market

    def blank(self, scope: Scope) -> Market:
        return scope.market

    def is_gap(self, cell: object) -> bool:
        """Some programs hand a blank date over as 0."""
        return is_blank(cell) or (cell == 0 and not isinstance(cell, bool))


class SymbolKind(Kind):
    """The closes of a symbol, or a column of the user's own numbers."""

    gaps = True
    zero_is_blank = True
    takes = "symbol or column of numbers"
    help = Text(
        "Ticker (XLK, ^VIX), alias (SPX) or name (Technology, 科技); or a column of your own numbers, oldest first."
    )

    def read(self, cell: Cell, scope: Scope) -> Series:
        if isinstance(cell, str):
            return scope.market.series(cell)
        raise BadArgument(f"{shown(cell)} is no symbol; give a ticker such as XLK, or a column of numbers")

    def zeros_are_blank(self, cells: Range) -> bool:
        return not is_column(cells)  # a 0 of the user's own numbers is one

    def takes_whole(self, cells: Range) -> bool:
        return is_column(cells)

    def read_range(self, cells: Range, scope: Scope) -> Series:
        return Series("the column", None, own=vector(cells, tell=None if scope is None else scope.tell))


class SectorKind(SymbolKind):
    """The closes of one of the sectors of the home exchange's list."""

    takes = "sector"
    help = Text("Sector of the home exchange's list, by ticker (XLK) or name (Technology, 科技). Blank: all of them.")

    def read(self, cell: Cell, scope: Scope) -> Series:
        series = super().read(cell, scope)
        if series.name not in scope.market.members("SECTORS"):
            raise BadArgument(f"{shown(cell)} is no sector; give one such as XLK or 科技, or use PX_RET for any symbol")
        return series


class SymbolsKind(Kind):
    """Symbols: a range of them, a single one, or those of a member list."""

    zero_is_blank = True
    spills = False
    takes = "universe, symbol or range of symbols"
    help = Text("List by name (SECTORS, MAG7, SP500, SP500:Technology, SP500-MAG7), a symbol, or a range of symbols.")

    def read(self, cell: Cell, scope: Scope) -> Basket:
        return self.read_range([[cell]], scope)

    def read_range(self, cells: Range, scope: Scope) -> Basket:
        texts = [cell for row in cells for cell in row if not is_blank(cell)]
        for cell in texts:
            if not isinstance(cell, str):
                raise BadArgument(f"{shown(cell)} is no symbol; give a universe such as SECTORS, or a range of symbols")
        if len(texts) == 1 and (found := scope.market.universe(str(texts[0]))):
            return told(Basket(*found), scope)
        if not texts:
            raise BadArgument("a range without a symbol; give a universe such as SECTORS, or a range of symbols")
        tickers = dict.fromkeys(self.ticker(str(text), scope.market) for text in texts)
        return Basket("the range", tuple(tickers))

    def ticker(self, text: str, market: Market) -> str:
        """The ticker that *text* means."""
        return market.ticker(text)


class UniverseKind(SymbolsKind):
    """A member list by name, or a range of symbols; the name of an index or a fund is no list of one member."""

    one_is_range = True
    takes = "universe or range of symbols"
    help = Text("List by name (SECTORS, MAG7, SP50, SP500), SP500:Technology, SP500-MAG7, or a range of symbols.")

    def read(self, cell: Cell, scope: Scope) -> Basket:
        if isinstance(cell, str) and cell:
            return told(Basket(*scope.market.universe_meant(cell)), scope)
        return self.read_range([[cell]], scope)


class WindowKind(Kind):
    """How far back to look."""

    gaps = True
    zero_is_blank = True
    serials_from = FIRST_SERIAL
    takes = "window"
    help = Text("20D or 20 = sessions; 2W 3M 1Y = calendar; WTD MTD QTD YTD; MAX; or a date to start from.")

    def read(self, cell: Cell, scope: Scope) -> windows.Window:
        return windows.parse_window(cell) if isinstance(cell, str) else windows.read_window(cell)


class WindowsKind(Kind):
    """Several windows: a range, or a text such as ``1D 5D 20D``."""

    zero_is_blank = True
    serials_from = FIRST_SERIAL
    spills = False
    takes = "windows"
    help = Text("Windows, as a range or as one text such as 1D 5D 20D 3M YTD.")

    def read(self, cell: Cell, scope: Scope) -> tuple[windows.Window, ...]:
        return windows.parse_windows(cell) if isinstance(cell, str) else (windows.read_window(cell),)

    def read_range(self, cells: Range, scope: Scope) -> tuple[windows.Window, ...]:
        found = [windows.read_window(cell) for row in cells for cell in row if not is_blank(cell)]
        if not found:
            raise BadArgument("a range without a window; give windows such as 5D, 3M, YTD")
        return tuple(found)


class TenorKind(Kind):
    """A constant maturity, read as calendar days."""

    gaps = True
    zero_is_blank = True
    takes = "tenor"
    help = Text("Constant maturity: 1M 3M 6M 9M 1Y, 2W, or a number of calendar days (1M is 30).")

    def read(self, cell: Cell, scope: Scope) -> int:
        return windows.read_tenor(cell)


class DayKind(Kind):
    """A date."""

    gaps = True
    zero_is_blank = True
    serials_from = 0
    takes = "date"

    def read(self, cell: Cell, scope: Scope) -> dt.date:
        return read_date(cell)


class NumberKind(Kind):
    """A number."""

    takes = "number"

    def __init__(
        self,
        minimum: float | None = None,
        maximum: float | None = None,
        help: Text = NO_TEXT,  # noqa: A002
    ) -> None:
        self.minimum, self.maximum = minimum, maximum
        self.zero_is_blank = minimum is not None and minimum > 0
        self.help = help

    def read(self, cell: Cell, scope: Scope) -> float:
        value = number(cell)
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            raise BadArgument(f"{value:g} is out of bounds; give a number {self._bounds()}{self._meant(value)}")
        return value

    def _meant(self, value: float) -> str:
        """What a number in percent was meant to be, where the bounds are those of decimals."""
        fits = self.maximum is not None and self.maximum <= 1 and (self.minimum or 0) <= value / 100 <= self.maximum
        return f"; did you mean {value / 100:g}?" if fits and abs(value) > 1 else ""

    def _bounds(self) -> str:
        if self.maximum is None:
            return f"of at least {self.minimum:g}"
        if self.minimum is None:
            return f"of at most {self.maximum:g}"
        return f"from {self.minimum:g} to {self.maximum:g}"


class CountKind(NumberKind):
    """A whole number."""

    gaps = True
    takes = "whole number"

    def read(self, cell: Cell, scope: Scope) -> int:
        value = super().read(cell, scope)
        if value != int(value):
            raise BadArgument(f"{value:g} is no whole number; give one {self._bounds()}")
        return int(value)


class SpanKind(CountKind):
    """A number of sessions (or weeks), which may be written as a window of them: 50, 50D."""

    takes = "number of sessions"

    def __init__(self, unit: windows.Unit = windows.Unit.SESSIONS) -> None:
        super().__init__(minimum=1, maximum=100_000)
        self.unit = unit

    def read(self, cell: Cell, scope: Scope) -> int:
        if isinstance(cell, str) and not spells_number(cell):
            window = windows.parse_window(cell)
            what = "sessions" if self.unit is windows.Unit.SESSIONS else "weeks"
            if window.unit is not self.unit:
                raise BadArgument(f"{shown(cell)} is no number of {what}; give one such as 50 or 50{self.unit.value}")
            return super().read(window.count, scope)
        return super().read(cell, scope)


class ChoiceKind(Kind):
    """One of a few words, in any case."""

    zero_is_blank = True
    takes = "choice"

    def __init__(self, *choices: str, also: Mapping[str, str] | None = None, help: Text = NO_TEXT) -> None:  # noqa: A002
        self._choices, self._spelled = choices, frozenset(choices)
        self._read = {choice.upper(): choice for choice in choices} | dict(also or {})
        self.help = help

    @property
    def choices(self) -> tuple[str, ...]:
        return self._choices

    def read(self, cell: Cell, scope: Scope) -> str:
        if type(cell) is str and cell in self._spelled:
            return cell
        found = self._read.get(cell.strip().upper()) if isinstance(cell, str) else None
        if found is None:
            raise BadArgument(f"{shown(cell)} is none of the choices; give {' or '.join(self._choices)}")
        return found


class LangKind(ChoiceKind):
    """The language of words; the choices are the languages that there are."""

    def __init__(self) -> None:
        known = languages.alternatives(languages.known())
        super().__init__(help=Text("Language of words: {known}. Blank: as in the settings.").of(known=known))

    @property
    def choices(self) -> tuple[str, ...]:
        return languages.known()

    def read(self, cell: Cell, scope: Scope) -> str:
        if not isinstance(cell, str):
            raise BadArgument(f"{shown(cell)} is no language; give {languages.alternatives(languages.known())}")
        return languages.spoken(cell)

    def blank(self, scope: Scope) -> str:
        return scope.lang


class FlagKind(Kind):
    """TRUE or FALSE."""

    takes = "TRUE or FALSE"

    def __init__(self, help: Text = NO_TEXT) -> None:  # noqa: A002
        self.help = help

    def read(self, cell: Cell, scope: Scope) -> bool:
        if isinstance(cell, int | float):
            return bool(cell)
        found = {"TRUE": True, "FALSE": False, "YES": True, "NO": False}.get(str(cell).strip().upper())
        if found is None or not isinstance(cell, str):
            raise BadArgument(f"{shown(cell)} is neither TRUE nor FALSE")
        return found


class TextKind(Kind):
    """A text."""

    zero_is_blank = True
    takes = "text"

    def read(self, cell: Cell, scope: Scope) -> str:
        if isinstance(cell, str):
            return cell
        raise BadArgument(f"{shown(cell)} is no text")


class VectorKind(Kind):
    """A row or column of numbers; blanks and errors are gaps, and so is a text, which is told.

    Args:
        trim: Leave out blanks at the end, so that a range may be longer than its numbers. Columns that belong together
            row by row are not trimmed.
    """

    spills = False
    takes = "column of numbers"

    def __init__(self, trim: bool = True) -> None:
        self.trim = trim

    def read(self, cell: Cell, scope: Scope) -> FloatArray:
        return np.array([number(cell)])

    def read_range(self, cells: Range, scope: Scope) -> FloatArray:
        return vector(cells, self.trim, None if scope is None else scope.tell)


class MatrixKind(Kind):
    """A rectangle of numbers; blanks and errors are gaps, and so is a text, which is told."""

    spills = False
    takes = "range of numbers"

    def read(self, cell: Cell, scope: Scope) -> FloatArray:
        return np.array([[number(cell)]])

    def read_range(self, cells: Range, scope: Scope) -> FloatArray:
        return np.array(numbers(cells, None if scope is None else scope.tell))


class DatesKind(Kind):
    """A row or column of dates; blanks are kept in their places."""

    zero_is_blank = True
    serials_from = 0
    spills = False
    takes = "column of dates"

    def read(self, cell: Cell, scope: Scope) -> tuple[dt.date | None, ...]:
        return (read_date(cell),)

    def read_range(self, cells: Range, scope: Scope) -> tuple[dt.date | None, ...]:
        return tuple(None if is_blank(cell) else read_date(cell) for cell in line(cells))


class TextsKind(Kind):
    """A row or column of names; numbers count as their text."""

    zero_is_blank = True
    spills = False
    takes = "column of names"

    def read(self, cell: Cell, scope: Scope) -> tuple[str, ...]:
        return (str(cell),)

    def read_range(self, cells: Range, scope: Scope) -> tuple[str, ...]:
        return tuple("" if is_blank(cell) else str(cell) for cell in line(cells))


class HereKind(Kind):
    """The session itself; not an argument of the worksheet function."""
