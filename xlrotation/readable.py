"""Results as a person reads them on a terminal: units from the registry, numbers to the right, colours."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Sequence
from typing import TextIO

from xlrotation import languages
from xlrotation.errors import CellError
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.registry import Spec, functions
from xlrotation.functions.boundary.words import WORDS
from xlrotation.terminal import shown, width

_SIGNED = frozenset({"PX", "ROT", "RS", "VAL", "EVT"})
"""Families whose returns may go either way; a volatility or a dispersion is a return without a sign."""

_HEADS = {
    "return": "signed",
    "excess": "signed",
    "from_high": "signed",
    "next_month": "signed",
    "next_quarter": "signed",
    "mean": "signed",
    "median": "signed",
    "worst": "signed",
    "best": "signed",
    "low": "signed",
    "high": "signed",
    "usual": "signed",
    "share": "share",
    "share_of_inflows": "share",
    "percentile": "share",
    "positive": "share",
    "probability": "share",
    "weight": "share",
    "volatility": "percent",
    "range_from": "points",
    "range_to": "points",
    "rs_ratio": "points",
    "rs_momentum": "points",
    "vega": "money",
    "variance_notional": "money",
    "correlation": "ratio",
}
"""How a column of a table is shown, by the key of its head."""

_UNITS = {
    "return": "percent",
    "share": "share",
    "price": "price",
    "money": "money",
    "index": "points",
    "ratio": "ratio",
    "correlation": "ratio",
    "number": "points",
    "basis points": "points",
    "percent": "points",
}
"""How a spilled result is shown, by its unit in the registry."""

_FORMS: dict[str, Callable[[float], str]] = {
    "signed": lambda value: f"{100 * value:+,.2f} %",
    "percent": lambda value: f"{100 * value:,.2f} %",
    "share": lambda value: f"{100 * value:,.1f} %",
    "price": lambda value: f"{value:,.2f}",
    "money": lambda value: f"{value:,.0f}",
    "points": lambda value: f"{value:,.2f}",
    "ratio": lambda value: f"{value:.4f}",
}
_WINDOW = re.compile(r"\d+[DWMY]|[WMQY]TD|MAX|\d{4}-\d\d-\d\d")
_CALL = re.compile(r"\s*=?\s*([A-Za-z]{2,4}(?:_[A-Za-z0-9]+)+)\s*\(")
_KEYS = {text: key for key, word in WORDS.items() for text in word.anywhere()}

_BOLD, _RED, _GREEN, _PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[0m"


def coloured(stream: TextIO) -> bool:
    """Whether colours are wanted on *stream*: it is a terminal, and nobody said NO_COLOR."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def called(formula: str) -> Spec | None:
    """The function that a formula consists of, where it is one call of ours."""
    found = _CALL.match(formula)
    spec = functions().get(found[1].upper()) if found else None
    if found is None or spec is None:
        return None
    depth, quoted = 0, False
    for place in range(found.end() - 1, len(formula)):
        character = formula[place]
        if character == '"':
            quoted = not quoted
        elif not quoted and character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return spec if not formula[place + 1 :].strip() else None
    return None


def table(rows: Range, spec: Spec | None, colours: bool = False) -> str:
    """Rows in columns that line up, numbers to the right, in the units that the registry gives them.

    Args:
        rows: The cells.
        spec: The function that gave them; None where it is not known.
        colours: Make heads bold, gains green and losses red.
    """
    headed = _headed(rows, spec)
    forms = [_form(rows, column, spec, headed) for column in range(len(rows[0]))]
    texts = [[_shown(cell, form) for cell, form in zip(row, forms, strict=True)] for row in rows]
    widths = [max(width(row[column]) for row in texts) for column in range(len(forms))]
    right = [_is_numeric(rows[headed:], column) for column in range(len(forms))]
    lines = []
    for place, (row, cells) in enumerate(zip(texts, rows, strict=True)):
        parts = []
        for column, text in enumerate(row):
            space = " " * (widths[column] - width(text))
            painted = _painted(text, cells[column], forms[column], headed and place == 0) if colours else text
            last = column == len(row) - 1
            parts.append(space + painted if right[column] else painted + ("" if last else space))
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def as_html(rows: Range, spec: Spec | None, told: str) -> str:
    """Rows under their heads as a table of HTML, numbers in their units; what is told of them stands below.

    Args:
        rows: The cells, heads first.
        spec: The function that gave them; None where it is not known.
        told: What a reader should know of them.
    """
    from html import escape

    forms = [_form(rows, column, spec, True) for column in range(len(rows[0]))]
    right = [_is_numeric(rows[1:], column) for column in range(len(forms))]

    def line(row: Sequence[Cell], tag: str) -> str:
        cells = (
            f'<{tag} style="text-align: {"right" if to_right else "left"}">{escape(text)}</{tag}>'
            for text, to_right in zip(map(_shown, row, forms), right, strict=True)
        )
        return f"<tr>{''.join(cells)}</tr>"

    body = "".join(line(row, "td") for row in rows[1:])
    below = f"<p>{escape(told)}</p>" if told else ""
    return f"<table><thead>{line(rows[0], 'th')}</thead><tbody>{body}</tbody></table>{below}"


def with_names(rows: Range, named: Callable[[str, str], str]) -> Range:
    """*rows* with a column of names before that of the symbols, where it is headed so and no column names them.

    Args:
        rows: The cells, heads first.
        named: The name of a symbol in a language, or the symbol itself where none is known.
    """
    keys = [_KEYS.get(str(head), "") for head in rows[0]]
    if "symbol" not in keys or {"name", "sector", "item"} & set(keys):
        return rows
    place = keys.index("symbol")
    lang = next(lang for lang in languages.known() if WORDS["symbol"].into(lang) == rows[0][place])
    column = [WORDS["name"].into(lang), *(named(str(row[place]), lang) for row in rows[1:])]
    return [[*row[:place], name, *row[place:]] for name, row in zip(column, rows, strict=True)]


def _headed(rows: Range, spec: Spec | None) -> bool:
    """Whether the first row are heads: texts above something else."""
    return (
        (spec is None or spec.unit == "table" or spec.table or _KEYS.get(str(rows[0][-1])) is not None)
        and len(rows) > 1
        and all(isinstance(cell, str) and cell for cell in rows[0])
        and any(not isinstance(cell, str) for row in rows[1:] for cell in row)
    )


def _form(rows: Range, column: int, spec: Spec | None, headed: bool) -> str:
    if headed:
        head = str(rows[0][column])
        if spec is not None and spec.family == "ROT" and _WINDOW.fullmatch(head):
            return "signed"
        key = _KEYS.get(head, "")
        if spec is not None and (spec.name == "PX_HISTORY" or (key == "value" and spec.family in ("MAC", "VOL"))):
            return "points"
        return _HEADS.get(key, "")
    if spec is None or spec.unit == "table":
        return ""
    if len(rows[0]) > 1 and any(isinstance(cell, str) for row in rows for cell in row):  # a table without heads
        return ("signed" if spec.family in _SIGNED else "percent") if spec.unit == "return" else ""
    return "signed" if spec.unit == "return" and spec.family in _SIGNED else _UNITS.get(spec.unit, "")


def _shown(cell: Cell, form: str) -> str:
    if isinstance(cell, float) and form:
        return _FORMS[form](cell)
    if isinstance(cell, float):
        return f"{cell:,.4f}" if abs(cell) < 100 else f"{cell:,.2f}"
    return shown(cell)  # a whole number is a count, also in a column of returns


def _is_numeric(rows: Range, column: int) -> bool:
    cells = [row[column] for row in rows if row[column] is not None and row[column] != ""]
    numeric = [isinstance(cell, int | float | CellError) and not isinstance(cell, bool) for cell in cells]
    return any(numeric) and all(n or isinstance(cell, dt.date) for n, cell in zip(numeric, cells, strict=True))


def _painted(text: str, cell: Cell, form: str, head: bool) -> str:
    if head:
        return f"{_BOLD}{text}{_PLAIN}"
    if isinstance(cell, CellError):
        return f"{_RED}{text}{_PLAIN}"
    if form == "signed" and isinstance(cell, int | float) and cell:
        return f"{_GREEN if cell > 0 else _RED}{text}{_PLAIN}"
    return text


def as_csv(rows: Sequence[Sequence[Cell]]) -> str:
    """Rows as CSV, numbers in full."""
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [cell if isinstance(cell, float) else shown(cell) for cell in row] for row in rows
    )
    return out.getvalue().rstrip("\n")
