"""The audit workbook: the text with its figures marked, the table with live formulas, the summary, what was left."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import xlsxwriter

from xlrotation.audits import page
from xlrotation.functions.auditing import conventions, told
from xlrotation.functions.auditing.audit import Audit
from xlrotation.functions.auditing.reading import IN_PERCENT
from xlrotation.functions.auditing.verdicts import Judged, Verdict
from xlrotation.functions.boundary.words import word
from xlrotation.languages import Text

TABLE, TEXT, SUMMARY = Text("Audit"), Text("Text"), Text("Summary")
_CHOSEN = Text("Another formula may be typed over the one in column I: value and difference follow.")
_COLOURS = {
    Verdict.AGREES: "#D7EFDC",
    Verdict.CONVENTION: "#D9E6F7",
    Verdict.DIFFERS: "#F7D2CF",
    Verdict.AMBIGUOUS: "#FBECC8",
    Verdict.NEEDS_DATA: "#E8E8EA",
    Verdict.NOT_CHECKABLE: "#F1F1F2",
}
_WIDTHS = (6, 16, 44, 12, 14, 12, 18, 34, 18, 60, 40)
_LONGEST = 30_000
"""Characters of a cell."""


def scale_of(one: Judged) -> float:
    """What the value of the formula is multiplied by to stand in the printed unit."""
    reading = one.reading
    points = one.bound.figure.unit == "bp"
    if one.convention == conventions.PRINTED:
        return 100.0 if points else 1.0
    if reading is None or reading.what not in IN_PERCENT:
        return 1.0
    return 1e4 if points else 100.0


def written(found: Audit, lang: str) -> bytes:
    """The workbook's bytes."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "use_future_functions": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": page.TITLE.into(lang), "created": dt.datetime(2026, 1, 1)})
        styles = _styles(book)
        _summary(book, found, lang, styles)
        _table(book, found, lang, styles)
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


def _table(book: Any, found: Audit, lang: str, styles: dict[object, Any]) -> None:
    """The table: the value is a live formula in column E, scaled to the printed unit; the formula itself beside it."""
    sheet = book.add_worksheet(TABLE.into(lang))
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    heads = [word(key, lang) for key in told.HEADS]
    heads[8:9] = [f"{word('formula', lang)} = ", word("formula", lang)]
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, styles["head"])
    sheet.freeze_panes(1, 2)
    for line, (row, one) in enumerate(zip(told.rows(found, lang), found.measured, strict=True), 1):
        _row(sheet, line, row, one, styles)
    for verdict in Verdict:
        criteria = {"type": "cell", "criteria": "==", "value": f'"{word(verdict, lang)}"', "format": styles[verdict]}
        sheet.conditional_format(1, 6, max(1, len(found.measured)), 6, criteria)
    sheet.autofilter(0, 0, max(1, len(found.measured)), len(heads) - 1)


def _row(sheet: Any, line: int, row: list[Any], one: Judged, styles: dict[object, Any]) -> None:
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
    if formula and isinstance(computed, int | float):
        scale = scale_of(one)
        value = computed / scale
        sheet.write_formula(line, 8, f"={formula}", styles["code"], value)
        sheet.write_formula(line, 4, f"=I{line + 1}*{scale:g}", styles["number"], computed)
        if isinstance(published, int | float):
            sheet.write_formula(line, 5, f"=E{line + 1}-D{line + 1}", styles["number"], difference)


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
