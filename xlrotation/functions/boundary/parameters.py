"""Parameter types, as a function's signature names them.

Each is an ``Annotated`` alias: the type checker sees what a function body gets, the registry sees the
:class:`~xlrotation.functions.boundary.kinds.Kind` that reads the cell. A body therefore never inspects cell values.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

from xlrotation.functions.boundary.cells import Cell
from xlrotation.functions.boundary.kinds import (
    AsOfKind,
    Basket,
    ChoiceKind,
    CountKind,
    DatesKind,
    DayKind,
    FlagKind,
    LangKind,
    MatrixKind,
    NumberKind,
    SectorKind,
    SymbolKind,
    TenorKind,
    TextKind,
    TextsKind,
    UniverseKind,
    VectorKind,
    WindowKind,
    WindowsKind,
)
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
    help="price (default): as market reports quote; total: dividends reinvested.",
    zh="price(默认):市场报道口径;total:股息再投资。",
)
_ANCHOR = ChoiceKind(
    "CLOSE",
    "OPEN",
    "POINTS",
    help="CLOSE: from the close n sessions back. OPEN: from the first session's open. POINTS: n closes, n-1 returns.",
    zh="CLOSE:自n个交易日前收盘;OPEN:自窗口首日开盘;POINTS:n个收盘价、n-1个收益。",
)

AsOf = Annotated[Market, AsOfKind()]
Symbol = Annotated[Series, SymbolKind()]
Sector = Annotated[Series | None, SectorKind()]
Universe = Annotated[Basket, UniverseKind()]
Window = Annotated[windows.Window, WindowKind()]
Windows = Annotated[tuple[windows.Window, ...], WindowsKind()]
Tenor = Annotated[int, TenorKind()]
Rate = Annotated[
    float | None,
    NumberKind(
        minimum=-0.5,
        maximum=1.0,
        help="Interest rate for discounting, 0.04 for 4 %. Blank: the chain's, else the 13-week bill (^IRX), else 0.",
        zh="贴现利率,0.04为4%;留空取期权链自带利率,否则13周国库券(^IRX),否则0。",
    ),
]
Day = Annotated[dt.date | None, DayKind()]
Number = Annotated[float, NumberKind()]
Share = Annotated[float, NumberKind(minimum=0.0, maximum=1.0)]
Positive = Annotated[float, NumberKind(minimum=0.0)]
Count = Annotated[int, CountKind(minimum=1, maximum=100_000)]
Basis = Annotated[str, _BASIS]
Anchor = Annotated[str, _ANCHOR]
Side = Annotated[str, ChoiceKind("HIGH", "LOW", help="HIGH or LOW.", zh="HIGH或LOW。")]
Header = Annotated[bool, FlagKind("TRUE (default) shows the table's head row.", "TRUE(默认)显示表头。")]
Lang = Annotated[str, LangKind()]
Text = Annotated[str, TextKind()]
Vector = Annotated[FloatArray, VectorKind()]
Paired = Annotated[FloatArray, VectorKind(trim=False)]
Matrix = Annotated[FloatArray, MatrixKind()]
Dates = Annotated[tuple[dt.date | None, ...], DatesKind()]
Texts = Annotated[tuple[str, ...], TextsKind()]
