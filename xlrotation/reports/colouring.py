"""Colours that carry a meaning: up and down as the reader has chosen, heat around zero, what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from xlrotation.languages import Text
from xlrotation.reports.kit import Book
from xlrotation.workbook.formulas.references import cell_name, column_letters

NAME = "market_colours"
"""Defined name of the cell that chooses."""

CHOICES = (
    Text("blue/orange", "entry of a list"),
    Text("green/red", "entry of a list"),
    Text("red/green", "entry of a list"),
)
"""The palettes as other languages call them: so they may be set, too."""

_PAPER = "#FFFFFF"

STEPS = (0.01, 0.03, 0.06)
"""Returns from which on a cell of a heat table is darker: the same in all windows, so that they can be compared."""


def is_chosen(book: Book, palette: str) -> str:
    """The expression, as a factor, of whether a palette is in use: the first one also where the cell names none."""
    first, *others = book.theme.market
    if palette != first:
        return f'({NAME}="{palette}")'
    return "*".join(f'({NAME}<>"{other}")' for other in others) or "1"


def signed(book: Book, sheet: Worksheet, row: int, column: int, rows: int, columns: int) -> None:
    """Letters of changes in the colours of up and down."""
    first = cell_name(row + 1, column + 1)
    for palette, pair in book.theme.market.items():
        for sign, colour in zip((">", "<"), pair, strict=True):
            test = f"=AND({is_chosen(book, palette)},ISNUMBER({first}),N({first}){sign}0)"
            _rule(book, sheet, (row, column, rows, columns), test, font_color=colour)


def heat(
    book: Book, sheet: Worksheet, row: int, column: int, rows: int, columns: int, steps: Sequence[float] = STEPS
) -> None:
    """Fills around zero, darker by steps that are the same in every column."""
    first = cell_name(row + 1, column + 1)
    for palette, pair in book.theme.market.items():
        for sign, factor, colour in zip((">=", "<="), (1, -1), pair, strict=True):
            for place in reversed(range(len(steps))):
                share = (0.18, 0.40, 0.65)[min(place, 2)]
                test = f"=AND({is_chosen(book, palette)},ISNUMBER({first}),N({first}){sign}{factor * steps[place]!r})"
                _rule(book, sheet, (row, column, rows, columns), test, stop=True, bg_color=blended(colour, share))


def quiet(book: Book, sheet: Worksheet, rows: int, columns: int) -> None:
    """Grey for what is missing."""
    _rule(book, sheet, (0, 0, rows, columns), '=IFERROR(A1&""=missing,FALSE)', font_color=book.colour("quiet"))


def spare(book: Book, sheet: Worksheet, row: int, column: int, rows: int, columns: int) -> None:
    """Rows of a table in which nothing stands look like the paper, without rule and stripe."""
    cells = f"${column_letters(column + 1)}{row + 1}:${column_letters(column + columns)}{row + 1}"
    test = f'=AND(COUNT({cells})=0,COUNTIF({cells},"?*")=0)'
    _rule(book, sheet, (row, column, rows, columns), test, bg_color=_PAPER, bottom=4, bottom_color=_PAPER)


def where_blank(book: Book, sheet: Worksheet, cell: tuple[int, int], other: tuple[int, int]) -> None:
    """Grey for a cell where another one is blank."""
    letters, digits = cell_name(1, other[1] + 1).rstrip("1"), other[0] + 1
    _rule(book, sheet, (*cell, 1, 1), f'=${letters}${digits}=""', font_color=book.colour("comparison"))


def bar(book: Book, sheet: Worksheet, row: int, column: int, rows: int) -> None:
    """A bar from 0 to 1 in each cell: a place in a range."""
    rule = {
        "type": "data_bar",
        "bar_color": blended(book.colour("subject"), 0.35),
        "bar_solid": True,
        "min_type": "num",
        "max_type": "num",
        "min_value": 0,
        "max_value": 1,
    }
    sheet.conditional_format(row, column, row + rows - 1, column, rule)


def blended(colour: str, share: float) -> str:
    """A colour thinned with white."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - part)):02X}" for part in parts)


def _rule(
    book: Book, sheet: Worksheet, area: tuple[int, int, int, int], test: str, stop: bool = False, **style: object
) -> None:
    row, column, rows, columns = area
    form = book.difference(**style)
    rule = {"type": "formula", "criteria": test, "format": form, "stop_if_true": stop}
    sheet.conditional_format(row, column, row + rows - 1, column + columns - 1, rule)
