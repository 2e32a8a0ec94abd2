"""The strip of indices of the morning page, and below it what else of markets the data hold."""

from __future__ import annotations

from xlrotation.languages import Text
from xlrotation.reports.blocks import Column, Spill, Table
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import PERCENT, POINTS
from xlrotation.reports.standard import WINDOWS, row_name, windows

INDICES = {
    "^GSPC": Text("S&P 500"),
    "^IXIC": Text("Nasdaq Composite"),
    "^DJI": Text("Dow Jones"),
    "^RUT": Text("Russell 2000"),
    "RSP": Text("S&P 500, equal weight"),
}
OPTIONAL = {
    "TLT": Text("Long Treasuries"),
    "HYG": Text("High-yield bonds"),
    "DX-Y.NYB": Text("Dollar index"),
    "UUP": Text("Dollar fund"),
    "GLD": Text("Gold"),
    "CL=F": Text("Oil"),
    "USO": Text("Oil fund"),
    "BTC-USD": Text("Bitcoin"),
    "IBIT": Text("Bitcoin fund"),
    "EFA": Text("Developed markets abroad"),
    "EEM": Text("Emerging markets"),
}
_SLOTS = 6
_ARRAY = "{" + ",".join(f'"{window}"' for window in WINDOWS) + "}"


def _names() -> list[str | Text]:
    """Names of the rows; of the optional ones, formulas that give the next that the data hold."""
    chosen = ",".join(expression(text) for text in OPTIONAL.values())
    slots = [f'=IF({{strip.slot{k}}}="","",CHOOSE({{strip.slot{k}}},{chosen}))' for k in range(1, _SLOTS + 1)]
    return [*INDICES.values(), *slots]


def _symbols() -> list[str | Text]:
    chosen = ",".join(f'"{symbol}"' for symbol in OPTIONAL)
    slots = [f'=IF({{strip.slot{k}}}="","",CHOOSE({{strip.slot{k}}},{chosen}))' for k in range(1, _SLOTS + 1)]
    return [*INDICES, *slots]


def slot_values() -> list[tuple[str, str]]:
    """The number of the k-th optional symbol that the data hold, by key; blank where there are fewer."""
    symbols = ";".join(f'"{symbol}"' for symbol in OPTIONAL)
    numbers = ";".join(str(place) for place in range(1, len(OPTIONAL) + 1))
    held = f'IF(ISNUMBER(PX_CLOSE({{{symbols}}},asof)),{{{numbers}}},"")'
    made = [("strip.held", held)]
    made += [(f"strip.slot{k}", f'IFERROR(SMALL({{strip.held}},{k}),"")') for k in range(1, _SLOTS + 1)]
    return made


def strip() -> Table:
    """Level, returns, distance to the 200-day average and place in the year's range, a row an index."""
    keys = [*map(row_name, INDICES), *(f"more{k}" for k in range(1, _SLOTS + 1))]
    symbol = "{strip.symbol}"

    def of(formula: str) -> str:
        return f'IF({symbol}="","",{formula})'

    return Table(
        "strip",
        Text("Indices and markets"),
        (
            Column(Text("Name"), width=3),
            Column(Text("Symbol"), "symbol"),
            Column(Text("Level"), "level", POINTS, 2),
            *windows("signed"),
            Column(Text("200-day average"), "vs_ma200", PERCENT, 1, "signed"),
            Column(Text("Year's range"), "place", "0%", 1, "bar"),
        ),
        keys,
        (
            Spill(2, of(f"PX_CLOSE({symbol},asof)")),
            Spill(3, of(f"PX_RET({symbol},{_ARRAY},asof)"), len(WINDOWS)),
            Spill(7, of(f"PX_VS_MA({symbol},200,asof)")),
            Spill(8, of(f'VOL_RANK({symbol},"1Y",asof)')),
        ),
        {0: _names(), 1: _symbols()},
        used=f"{len(INDICES)}+COUNT({','.join(f'{{strip.slot{k}}}' for k in range(1, _SLOTS + 1))})",
    )
