"""Tables that several books have: returns of indices, sectors, and what a universe's breadth is called."""

from __future__ import annotations

from collections.abc import Sequence

from xlrotation.languages import Text
from xlrotation.market.symbols import display_name
from xlrotation.market.universes import SECTORS
from xlrotation.reports.backsheets import UNIVERSE_NAMES
from xlrotation.reports.blocks import Column, Line, Spill, Table
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import PERCENT

WINDOWS = ("1D", "5D", "20D", "YTD")
"""Of tables of returns."""

WINDOW_NAMES = {
    "1D": Text("1 session"),
    "5D": Text("5 sessions"),
    "20D": Text("20 sessions"),
    "3M": Text("3 months"),
    "1Y": Text("1 year"),
    "MTD": Text("Month to date"),
    "YTD": Text("Year to date"),
}
UNIVERSE_NOTE = Text(
    "Breadth is that of the universe on the Inputs sheet: the members of the S&P 500 where the data hold them (SP500), "
    "else the 50 largest companies (SP50); the labels say which."
)
MISSING_NOTE = Text(
    "Where a figure says n/a the data lack something; an export writes the reasons below, =XLR_ERRORS() tells them live."
)
_ARRAY = "{" + ",".join(f'"{window}"' for window in WINDOWS) + "}"


def windows(look: str = "") -> tuple[Column, ...]:
    """Columns of returns."""
    return tuple(Column(WINDOW_NAMES[window], window.lower(), PERCENT, 1, look) for window in WINDOWS)


class Named(Text):
    """The name of a symbol, as the catalogue of symbols has it in each language."""

    def into(self, lang: str, **values: object) -> str:
        """The name in *lang*."""
        return display_name(self.english, lang) if not values else super().into(lang, **values)


def row_name(symbol: str) -> str:
    """A symbol as part of a key."""
    return "".join(letter for letter in symbol.lower() if letter.isalnum())


def returns(key: str, title: Text, symbols: Sequence[tuple[str, Text]]) -> Table:
    """Returns by :data:`WINDOWS`, where the price stands against its 200-day average, and in its year."""
    names, called = [name for _, name in symbols], [symbol for symbol, _ in symbols]
    return Table(
        key,
        title,
        (
            Column(Text("Name"), width=4),
            Column(Text("Symbol"), "symbol"),
            *windows("signed"),
            Column(Text("Against 200-day average"), "vs_ma200", PERCENT, 2, "signed"),
            Column(Text("Rank in its year"), "year_rank", "0%", 1, "bar"),
        ),
        [row_name(symbol) for symbol in called],
        (
            Spill(2, f"PX_RET({{{key}.symbol}},{_ARRAY},asof)", len(WINDOWS)),
            Spill(6, f"PX_VS_MA({{{key}.symbol}},200,asof)"),
            Spill(7, f'PX_PCTRANK({{{key}.symbol}},"1Y",asof)'),
        ),
        {0: names, 1: called},
    )


def sectors(title: Text, sorted_by: str, key: str = "sectors") -> Table:
    """The sectors by :data:`WINDOWS` with rank and its change, and their spread below."""
    count = len(SECTORS)
    table = f'ROT_SECTOR_TABLE("{" ".join(WINDOWS)}",asof,"{sorted_by}",,FALSE,lang)'
    of = f"{{{key}.symbol}}"  # a row without a sector is left blank: a blank symbol would be the default one
    rank = f'IF({of}="","",ROT_SECTOR_RANK({of},"20D",asof))'
    rise = f'IF({of}="","",ROT_SECTOR_RANK({of},"20D",{{session.back5}})-{{{key}.rank}})'
    return Table(
        key,
        title,
        (
            Column(Text("Sector"), "name", width=5),
            Column(Text("Symbol"), "symbol"),
            *windows("heat"),
            Column(Text("Rank, 20 sessions"), "rank", "0"),
            Column(Text("Rise, 5 sessions", "in rank"), "rise", "+0;-0;0", 1, "signed"),
        ),
        [*(str(place) for place in range(1, count + 1)), "spread"],
        (
            Spill(0, table, 2 + len(WINDOWS), 0, count),
            Spill(6, rank, 1, 0, count),
            Spill(7, rise, 1, 0, count),
            Spill(2, f"ROT_SECTOR_SPREAD({_ARRAY},asof)", len(WINDOWS), count, 1),
        ),
        {0: (*(None for _ in range(count)), Text("Best minus worst sector"))},
        members=tuple((symbol, Named(symbol)) for symbol in SECTORS),
    )


_OF_UNIVERSE = Text("{what}, {universe}")


def of_universe(text: Text) -> str:
    """The formula of a label that says whose share it is."""
    return expression(_OF_UNIVERSE, what=expression(text), universe="{universe.label}")


def breadth(key: str, text: Text, formula: str, number_format: str, **more: object) -> Line:
    """A line about the members of the universe, which its label names; ``{universe}`` stands for the list."""
    longest = _OF_UNIVERSE.of(what=text, universe=UNIVERSE_NAMES["SP500"])
    return Line(key, text, formula, number_format, label=of_universe(text), longest=longest, **more)  # type: ignore[arg-type]
