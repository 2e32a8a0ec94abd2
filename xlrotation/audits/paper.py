"""The audit workbook: the text with its figures marked, the table with live formulas, the summary, what was left."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import xlsxwriter

from xlrotation.audits import live, page
from xlrotation.functions.auditing import told
from xlrotation.functions.auditing.audit import Audit
from xlrotation.functions.auditing.verdicts import Judged, Verdict
from xlrotation.functions.boundary.words import word
from xlrotation.languages import Text

TABLE, TEXT, SUMMARY = Text("Audit"), Text("Text"), Text("Summary")
READINGS = Text("Readings")
CHOICE = Text("Choice")
_CHOSEN = Text(
    "Choose another reading by its number in column L, or type another formula into column I: value, difference and "
    "verdict follow."
)
_COLOURS = {
    Verdict.AGREES: "#D7EFDC",
    Verdict.CONVENTION: "#D9E6F7",
    Verdict.DIFFERS: "#F7D2CF",
    Verdict.AMBIGUOUS: "#FBECC8",
    Verdict.NEEDS_DATA: "#E8E8EA",
    Verdict.NOT_CHECKABLE: "#F1F1F2",
}
_WIDTHS = (6, 16, 44, 12, 14, 12, 18, 34, 18, 60, 40, 8)
_BEHIND = "M:S"
"""Columns of what the verdicts are computed from."""
_LONGEST = 30_000
"""Characters of a cell."""


def written(found: Audit, lang: str) -> bytes:
    """The workbook's bytes."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "use_future_functions": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": page.TITLE.into(lang), "created": dt.datetime(2026, 1, 1)})
        styles = _styles(book)
        _summary(book, found, lang, styles)
        offered = [live.choices(one, lang) for one in found.measured]
        _table(book, found, lang, styles, offered)
        _readings(book, lang, styles, offered)
        _text(book, found, lang, styles)
    return buffer.getvalue()


def _styles(book: Any) -> dict[object, Any]:
    styles: dict[object, Any] = {
        "title": book.add_format({"bold": True, "font_size": 16}),
        "head": book.add_format({"bold": True, "bg_color": "#1D2F4F", "font_color": "#FFFFFF", "text_wrap": True}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "code": book.add_format({"font_name": "Consolas", "font_size": 9, "valign": "top"}),
        "number": book.add_format({"num_format": "#,##0.00##", "valign": "top"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
        "bold": book.add_format({"bold": True}),
    }
    for verdict, colour in _COLOURS.items():
        styles[verdict] = book.add_format({"bg_color": colour})
        styles[verdict, "bold"] = book.add_format({"bold": True, "underline": 1, "font_color": _INKS[verdict]})
    return styles


_INKS = {
    Verdict.AGREES: "#1E7B34",
    Verdict.CONVENTION: "#1F5AA6",
    Verdict.DIFFERS: "#B3261E",
    Verdict.AMBIGUOUS: "#A06A00",
    Verdict.NEEDS_DATA: "#5F6368",
    Verdict.NOT_CHECKABLE: "#8A8D91",
}


def _summary(book: Any, found: Audit, lang: str, styles: dict[object, Any]) -> None:
    sheet = book.add_worksheet(SUMMARY.into(lang))
    sheet.set_column(0, 0, 110)
    lines: list[tuple[str, object]] = [
        (page.TITLE.into(lang), "title"),
        *((line, "wrap") for line in told.summary(found, lang)),
        (_CHOSEN.into(lang), "wrap"),
    ]
    for title, items in (
        (page.NOT_UNDERSTOOD, page.not_understood(found)),
        (page.ARITHMETIC, page.arithmetic(found, lang)),
    ):
        if items:
            lines += [("", "wrap"), (title.into(lang), "bold"), *((item, "wrap") for item in items)]
    for row, (line, style) in enumerate(lines):
        sheet.write_string(row, 0, line, styles[style])


Offered = tuple[list[live.Choice], int]


def _table(book: Any, found: Audit, lang: str, styles: dict[object, Any], offered: list[Offered]) -> None:
    """The table: a live formula in column I, its value in the printed unit in E, difference and verdict from those."""
    sheet = book.add_worksheet(TABLE.into(lang))
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_column(_BEHIND, 12, None, {"level": 1, "hidden": True})
    heads = [word(key, lang) for key in told.HEADS]
    heads[8:9] = [f"{word('formula', lang)} = ", word("formula", lang)]
    heads.append(CHOICE.into(lang))
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, styles["head"])
    sheet.freeze_panes(1, 2)
    place = 2  # of a figure's first reading on its sheet
    rows = zip(told.rows(found, lang), found.measured, offered, strict=True)
    for line, (row, one, choices) in enumerate(rows, 1):
        _row(sheet, line, row, styles)
        if choices[0] and one.computed is not None:
            _live(sheet, line, one, styles, choices, f"{READINGS.into(lang)}", place, lang)
        place += len(choices[0])
    for verdict in Verdict:
        criteria = {"type": "cell", "criteria": "==", "value": f'"{word(verdict, lang)}"', "format": styles[verdict]}
        sheet.conditional_format(1, 6, max(1, len(found.measured)), 6, criteria)
    sheet.autofilter(0, 0, max(1, len(found.measured)), len(heads) - 1)


def _row(sheet: Any, line: int, row: list[Any], styles: dict[object, Any]) -> None:
    """What is known of a figure, as values."""
    number, figure, reading, published, computed, difference, verdict, convention, formula, note = row
    sheet.write_number(line, 0, number)
    for column, text in ((1, figure), (2, reading), (6, verdict), (7, convention), (10, note)):
        sheet.write_string(line, column, str(text)[:_LONGEST], styles["wrap"])
    for column, value in ((3, published), (4, computed), (5, difference)):
        if isinstance(value, int | float):
            sheet.write_number(line, column, value, styles["number"])
        elif isinstance(value, dt.date):
            sheet.write_datetime(line, column, dt.datetime.combine(value, dt.time()), styles["date"])
        elif value:
            sheet.write_string(line, column, str(value), styles["wrap"])
    if formula:
        sheet.write_string(line, 9, formula, styles["code"])


def _live(
    sheet: Any,
    line: int,
    one: Judged,
    styles: dict[object, Any],
    offered: Offered,
    readings: str,
    place: int,
    lang: str,
) -> None:
    """The formulas of a row, with the values that they have."""
    choices, chosen = offered
    row, scale, computed = line + 1, choices[chosen - 1].scale, one.computed
    day = isinstance(computed, dt.date)
    value = (computed - _FIRST).days if isinstance(computed, dt.date) else float(computed or 0) / scale
    form = styles["date"] if day else styles["number"]
    sheet.write_formula(line, 8, live.choosing(choices, f"L{row}"), styles["date"] if day else styles["code"], value)
    sheet.write_formula(line, 4, f"=I{row}*Q{row}", form, value * scale)
    sheet.write_number(line, 11, chosen)
    sheet.write_number(line, 16, scale)
    if len(choices) > 1:
        area = f"'{readings}'!${{}}${place}:${{}}${place + len(choices) - 1}"
        pick = f"=INDEX({area},L{row})"
        numbers = {"validate": "list", "source": [str(number) for number in range(1, len(choices) + 1)]}
        sheet.data_validation(line, 11, line, 11, numbers)
        sheet.write_formula(line, 2, pick.format("C", "C"), styles["wrap"], choices[chosen - 1].told)
        sheet.write_formula(line, 9, pick.format("D", "D"), styles["code"], choices[chosen - 1].formula[1:])
        sheet.write_formula(line, 16, pick.format("E", "E"), None, scale)
        if one.convention:
            name = one.convention.into(lang).replace('"', '""')
            sheet.write_formula(line, 7, f'=IF(L{row}={chosen},"{name}","")', styles["wrap"], name)
    bounds = live.bounds_of(one)
    if bounds is None:
        return
    for column, bound in ((13, bounds.low), (14, bounds.high), (18, computed)):
        if isinstance(bound, dt.date):
            sheet.write_datetime(line, column, dt.datetime.combine(bound, dt.time()), styles["date"])
        elif bound is not None:
            sheet.write_number(line, column, bound)
    sheet.write_string(line, 12, bounds.relation)
    sheet.write_number(line, 15, bounds.slack)
    sheet.write_number(line, 17, int(bounds.unsigned))
    if not day and isinstance(one.bound.figure.value, float) and one.bound.figure.relation != "range":
        sheet.write_formula(line, 5, f"=E{row}-D{row}", styles["number"], one.difference)
    last = chosen if one.verdict is Verdict.CONVENTION and one.formula != _first_formula(one) else 0
    sheet.write_formula(line, 6, live.verdict(one, row, lang, last), styles["wrap"], word(one.verdict, lang))


_FIRST = dt.date(1899, 12, 30)
"""The day before the first of a workbook's calendar."""


def _first_formula(one: Judged) -> str:
    return one.bound.readings[0].formula if one.bound.readings else ""


def _readings(book: Any, lang: str, styles: dict[object, Any], offered: list[Offered]) -> None:
    """Every formula that a figure may be read by, a row each; the table picks from here by number."""
    sheet = book.add_worksheet(READINGS.into(lang))
    for column, width in enumerate((6, 8, 60, 80, 8)):
        sheet.set_column(column, column, width)
    heads = (word("id", lang), CHOICE.into(lang), word("reading", lang), word("formula", lang), "x")
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, styles["head"])
    sheet.freeze_panes(1, 0)
    line = 1
    for number, (choices, _) in enumerate(offered, 1):
        for place, choice in enumerate(choices, 1):
            sheet.write_number(line, 0, number)
            sheet.write_number(line, 1, place)
            sheet.write_string(line, 2, choice.told[:_LONGEST], styles["wrap"])
            sheet.write_string(line, 3, choice.formula[1:], styles["code"])
            sheet.write_number(line, 4, choice.scale)
            line += 1


def _text(book: Any, found: Audit, lang: str, styles: dict[object, Any]) -> None:
    """The text, a line a row, its figures in the ink of their verdicts with their numbers behind them."""
    sheet = book.add_worksheet(TEXT.into(lang))
    sheet.set_column(0, 0, 120)
    figures = list(enumerate(found.measured, 1))
    start = 0
    for row, line in enumerate(found.text.split("\n")):
        inside = [(n, one) for n, one in figures if start <= one.bound.figure.start < start + len(line)]
        _line(sheet, row, line, start, inside, styles)
        start += len(line) + 1


def _line(
    sheet: Any, row: int, line: str, start: int, inside: list[tuple[int, Judged]], styles: dict[object, Any]
) -> None:
    line = _clean(line)
    if not inside or len(line) > _LONGEST:
        sheet.write_string(row, 0, line[:_LONGEST], styles["wrap"])
        return
    parts: list[Any] = []
    place = 0
    for number, one in inside:
        first, last = one.bound.figure.start - start, min(len(line), one.bound.figure.end - start)
        if first < place:
            continue
        if line[place:first]:
            parts.append(line[place:first])
        parts += [styles[one.verdict, "bold"], f"{line[first:last]}[{number}]"]
        place = last
    if line[place:]:
        parts.append(line[place:])
    if len(parts) > 2 and sum(len(part) for part in parts if isinstance(part, str)) <= 32_000:
        sheet.write_rich_string(row, 0, *parts, styles["wrap"])
    else:
        sheet.write_string(row, 0, "".join(part for part in parts if isinstance(part, str))[:_LONGEST], styles["wrap"])


def _clean(line: str) -> str:
    """A line without the characters that a workbook cannot hold."""
    return "".join(character if character >= " " or character == "\t" else " " for character in line)
