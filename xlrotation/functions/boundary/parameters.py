"""Parameter types, as a function's signature names them.

Each is an ``Annotated`` alias: the type checker sees what a function body gets, the registry sees the
:class:`~xlrotation.functions.boundary.kinds.Kind` that reads the cell. A body therefore never inspects cell values.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

from xlrotation import languages
from xlrotation.functions.boundary.cells import Cell
from xlrotation.functions.boundary.kinds import (
    AsOfKind,
    Basket,
    ChoiceKind,
    CountKind,
    DatesKind,
    DayKind,
    FlagKind,
    HereKind,
    LangKind,
    MatrixKind,
    NumberKind,
    SectorKind,
    SpanKind,
    SymbolKind,
    SymbolsKind,
    TenorKind,
    TextKind,
    TextsKind,
    UniverseKind,
    VectorKind,
    WindowKind,
    WindowsKind,
)
from xlrotation.functions.boundary.reporttext import ReportKind
from xlrotation.functions.boundary.scope import Scope
from xlrotation.functions.boundary.symbolrows import SymbolRowsKind
from xlrotation.market import windows
from xlrotation.market.market import Market, Series
from xlrotation.market.panel import FloatArray


@dataclass(frozen=True, slots=True)
class Default:
    """The cell value that stands for an omitted argument."""

    cell: Cell
    required: bool = False


def required() -> Any:
    """Declare an argument that has no sensible default: the user's own numbers."""
    return Default(None, required=True)


def default(cell: Cell) -> Any:
    """Declare the cell value that stands for an omitted argument; None leaves it blank."""
    return Default(cell)


_BASIS = ChoiceKind(
    "price",
    "total",
    help=languages.Text("price (default): as market reports quote; total: dividends reinvested."),
)
_ANCHOR = ChoiceKind(
    "CLOSE",
    "OPEN",
    "POINTS",
    help=languages.Text(
        "CLOSE: from the close n sessions back. OPEN: from the first session's open. POINTS: n closes, n-1 returns."
    ),
)

Here = Annotated[Scope, HereKind()]
"""A parameter by which a function is handed its scope; it is no argument of the worksheet function."""

AsOf = Annotated[Market, AsOfKind()]
Symbol = Annotated[Series, SymbolKind()]
Sector = Annotated[Series | None, SectorKind()]
Symbols = Annotated[Basket, SymbolsKind()]
SymbolRows = Annotated[Basket, SymbolRowsKind()]
Universe = Annotated[Basket, UniverseKind()]
Window = Annotated[windows.Window, WindowKind()]
Windows = Annotated[tuple[windows.Window, ...], WindowsKind()]
Tenor = Annotated[int, TenorKind()]
Rate = Annotated[
    float | None,
    NumberKind(
        minimum=-0.5,
        maximum=1.0,
        help=languages.Text(
            "Interest rate for discounting, 0.04 for 4 %. Blank: the chain's, else the 13-week bill (^IRX), else 0."
        ),
    ),
]
Fallback = Annotated[
    bool | None,
    FlagKind(
        languages.Text(
            "TRUE: a volatility index may stand in where the chain gives no value. FALSE: never. Blank: only where the "
            "data hold no chain of the symbol at all."
        )
    ),
]
Rule = Annotated[
    str | None,
    ChoiceKind(
        *("VIX", "DSPX"),
        help=languages.Text(
            "Expiries of MODELFREE: VIX (closest ones within a week) or DSPX (monthly). Blank: VIX for an index, "
            "DSPX for a stock."
        ),
    ),
]
Day = Annotated[dt.date | None, DayKind()]
Number = Annotated[float, NumberKind()]
Share = Annotated[float, NumberKind(minimum=0.0, maximum=1.0)]
Positive = Annotated[float, NumberKind(minimum=0.0)]
Count = Annotated[int, CountKind(minimum=1, maximum=100_000)]
Sessions = Annotated[int, SpanKind()]
Weeks = Annotated[int, SpanKind(windows.Unit.WEEKS)]
Basis = Annotated[str, _BASIS]
Anchor = Annotated[str, _ANCHOR]
Side = Annotated[str, ChoiceKind("HIGH", "LOW", help=languages.Text("HIGH or LOW."))]
Header = Annotated[bool, FlagKind(languages.Text("TRUE (default) shows the table's head row."))]
Dated = Annotated[
    bool,
    FlagKind(
        languages.Text("TRUE (default): the column of dates comes first. FALSE: values alone, for CORREL and the like.")
    ),
]
Lang = Annotated[str, LangKind()]
Text = Annotated[str, TextKind()]
Vector = Annotated[FloatArray, VectorKind()]
Paired = Annotated[FloatArray, VectorKind(trim=False)]
Matrix = Annotated[FloatArray, MatrixKind()]
Dates = Annotated[tuple[dt.date | None, ...], DatesKind()]
Texts = Annotated[tuple[str, ...], TextsKind()]
Report = Annotated[tuple[str, ...], ReportKind()]
