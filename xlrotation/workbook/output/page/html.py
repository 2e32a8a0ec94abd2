"""A filled workbook as one HTML page.

The page needs nothing else: no script, no font, no picture from elsewhere, and a policy that forbids them. Every text
of the workbook is escaped.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from xlrotation import files, guard
from xlrotation.errors import BadWorkbook, RotationError
from xlrotation.workbook.evaluation.evaluate import formats_held
from xlrotation.workbook.output.page import colours, drawing
from xlrotation.workbook.output.page.layout import Block, blocks
from xlrotation.workbook.output.page.sheets import Cell, Look, Page, height_of, read_page, width_of
from xlrotation.workbook.output.printing import printed_copy, report_pages
from xlrotation.workbook.package.parts import Package

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1f3044; --line: #d0d0d0; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 13px/1.4 Calibri, Carlito, "Segoe UI", "Noto Sans",
  "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
main { max-width: 900px; margin: 0 auto; padding: 16px; }
h1 { font-size: 21px; margin: 0 0 2px; } h2 { font-size: 15px; margin: 14px 0 4px; border-bottom: 2px solid #0072b2; }
p { margin: 2px 0; } figure { margin: 8px 0; } figcaption { font-weight: bold; }
figure svg { width: 100%; height: auto; } figure text { font-family: inherit; }
.beside { display: flex; flex-wrap: wrap; gap: 0 16px; align-items: flex-start; }
.beside > * { min-width: min(100%, 220px); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; margin: 4px 0; }
td, th { padding: 1px 5px; border-bottom: 1px dotted var(--line); font-weight: normal; vertical-align: middle; }
td.n, th.n { white-space: nowrap; }
td.u { border-bottom: 0; } td[rowspan] { vertical-align: top; }
td svg { width: 100%; min-width: 60px; height: 18px; display: block; }
footer { margin-top: 16px; font-size: 11px; }
@media print { main { max-width: none; padding: 0; } .beside > * { break-inside: avoid; } }
"""
_NIGHT = "--paper: {paper}; --ink: {ink}; --line: {line};"


def write_html(workbook: Path, lang: str, target: Path | None = None) -> Path:
    """Write ``NAME.html`` beside a filled workbook: the pages of its report, or the sheet that it opens on.

    Args:
        workbook: The filled copy.
        lang: The language of its words.
        target: Another file.

    Raises:
        BadWorkbook: It cannot be read.
        RotationError: matplotlib is not installed, or the file cannot be written.
    """
    target = target or workbook.with_suffix(".html")
    try:
        with guard.scratch("xlrotation-page-") as scratch:  # rows that print closes up stay away here, too
            made = page_of(printed_copy(workbook, scratch / workbook.name), lang)
        files.write_whole(target, made.encode("utf-8", "replace"))
    except OSError as error:
        raise RotationError(f"{target}: cannot be written ({error.strerror or error})") from None
    return target


def page_of(workbook: Path, lang: str) -> str:
    """The page as text; see :func:`write_html`."""
    package = Package(workbook)
    try:
        held = formats_held(workbook)  # reads it with care, and refuses what is none
        book = _opened(workbook)
        opens = [book.active.title] if book.active is not None else book.sheetnames[:1]
        names = [name for name in report_pages(workbook) if book[name].sheet_state == "visible"] or opens
        pages = [read_page(package, book, name, held) for name in names]
    finally:
        package.close()
    made = _Writer()
    body = "".join(f"<section>{made.section(page)}</section>" for page in pages)
    title = next((cell.text for page in pages for cell in page.cells.values()), workbook.stem)
    return (
        f'<!doctype html>\n<html lang="{escape(lang)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}{made.colours()}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _opened(workbook: Path) -> Any:
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of openpyxl, on what it does not keep: nothing is saved with it
            return openpyxl.load_workbook(workbook, data_only=True)
    except Exception as error:  # it has no kind of its own for a workbook that it cannot read
        raise BadWorkbook(f"{workbook}: cannot be shown as a page ({error}); save it in a spreadsheet") from None


class _Writer:
    """Writes sections, and keeps count of the looks and colours that they use."""

    def __init__(self) -> None:
        self._looks: dict[Look, str] = {}
        self._used: set[str] = set()
        self._drawn = 0

    def section(self, page: Page) -> str:
        """A sheet."""
        whole = blocks(page)
        return "" if whole is None else self._block(page, whole)

    def colours(self) -> str:
        """The style sheet of looks, and of colours by day and by night."""
        day = [f"--c{colour[1:]}: {colour};" for colour in sorted(self._used)]
        night = [f"--c{c[1:]}: {colours.dark(c, least=colours.VISIBLE)};" for c in sorted(self._used)]
        dark = {"paper": colours.turned(colours.PAPER), "ink": colours.dark("#1f3044"), "line": "#3c4650"}
        rules = [(f".{name}", _declared(look, False), _declared(look, True)) for look, name in self._looks.items()]
        by_day = "".join(f"{name} {{ {light} }}\n" for name, light, _ in rules if light)
        by_night = "".join(f"{name} {{ {deep} }}\n" for name, light, deep in rules if deep and deep != light)
        root = f":root {{ {' '.join(day)} }}\n"
        turned = f":root {{ {_NIGHT.format(**dark)} {' '.join(night)} }}\n"
        return f"{root}{by_day}@media screen and (prefers-color-scheme: dark) {{\n{turned}{by_night}}}\n"

    def _block(self, page: Page, block: Block) -> str:
        if block.chart is not None:
            return self._figure(page, block)
        if not block.parts:
            return self._leaf(page, block)
        if not block.beside:
            return f"<div>{''.join(self._block(page, part) for part in block.parts)}</div>"
        parts = []
        for part in block.parts:
            width = width_of(page, part.area.column, part.area.last_column)
            parts.append(f'<div style="flex: {width:.0f} 1 {min(width, 320):.0f}px">{self._block(page, part)}</div>')
        return f'<div class="beside">{"".join(parts)}</div>'

    def _figure(self, page: Page, block: Block) -> str:
        chart, area = block.chart, block.area
        assert chart is not None, "a chart's block"
        width = chart.width or width_of(page, area.column, area.last_column)
        height = chart.height or height_of(page, area.row, area.last_row)
        self._drawn += 1
        text, used = drawing.svg(chart, max(160.0, width), max(100.0, height), f"g{self._drawn}")
        self._used |= used
        caption = f"<figcaption>{escape(chart.title)}</figcaption>" if chart.title else ""
        return f"<figure>{caption}{text}</figure>"

    def _leaf(self, page: Page, block: Block) -> str:
        area = block.area
        made: list[str] = []
        rows: list[int] = []
        told = area.row  # up to here a text over several rows has been said
        within = area.row  # up to here a cell of a table goes on
        for row in range(area.row, area.last_row + 1):
            if row < told:
                continue
            cells = [
                (c, page.cells[row, c]) for c in range(area.column, area.last_column + 1) if (row, c) in page.cells
            ]
            if row < within:
                rows.append(row)
                continue
            within = max((row + cell.rows for _, cell in cells if len(cells) > 1), default=row)
            if len(cells) == 1 and not rows and _is_text(cells[0][1], area.column == area.last_column):
                made.append(self._text(cells[0][1]))
                told = row + cells[0][1].rows
            elif len(cells) == 1 and _is_text(cells[0][1], area.column == area.last_column):
                made += [self._table(page, block, rows), self._text(cells[0][1])]
                rows = []
                told = row + cells[0][1].rows
            else:
                rows.append(row)
        return "".join((*made, self._table(page, block, rows) if rows else ""))

    def _text(self, cell: Cell) -> str:
        tag = "h1" if "Title" in cell.look.style else "h2" if "Heading" in cell.look.style else "p"
        kind = f' class="{self._class(cell.look)}"' if tag == "p" else ""
        return f"<{tag}{kind}>{_lines(cell.text)}</{tag}>"

    def _table(self, page: Page, block: Block, rows: list[int]) -> str:
        area = block.area
        taken: set[tuple[int, int]] = set()
        columns = [c for c in range(area.column, area.last_column + 1) if page.widths.get(c, 1)]
        all_width = max(1.0, width_of(page, columns[0], columns[-1]))
        heads: list[str] = []
        body: list[str] = []
        for row in rows:
            if not page.heights.get(row, 1):
                continue
            cells = "".join(
                self._cell(page, row, column, columns[-1], taken) for column in columns if (row, column) not in taken
            )
            own = [page.cells[row, column] for column in columns if (row, column) in page.cells]
            is_head = not body and bool(own) and all(_is_head(cell) for cell in own)
            (heads if is_head else body).append(f"<tr>{cells}</tr>")
        shares = "".join(f'<col style="width: {100 * width_of(page, c, c) / all_width:.1f}%">' for c in columns)
        head = f"<thead>{''.join(heads)}</thead>" if heads else ""
        rows_html = f"<tbody>{''.join(body)}</tbody>"
        return f'<div class="scroll"><table><colgroup>{shares}</colgroup>{head}{rows_html}</table></div>'

    def _cell(self, page: Page, row: int, column: int, last: int, taken: set[tuple[int, int]]) -> str:
        cell = page.cells.get((row, column))
        if cell is None:
            return "<td></td>"
        cell = self._over(page, row, column, last, cell)
        taken.update((row + r, column + c) for r in range(cell.rows) for c in range(cell.columns))
        tag = "th" if _is_head(cell) else "td"
        scope = ' scope="col"' if tag == "th" else ""
        spans = (f' rowspan="{cell.rows}"' if cell.rows > 1 else "") + (
            f' colspan="{cell.columns}"' if cell.columns > 1 else ""
        )
        names = f"{self._class(cell.look)}{' n' if cell.number else ''}"
        # a cell beside one that goes on has no rule below it
        others = (page.cells.get((row, other)) for other in range(column + 1, last + 1))
        if any(other is not None and other.rows > cell.rows for other in others):
            names += " u"
        inside = _lines(cell.text)
        if cell.spark is not None:
            self._drawn += 1
            kind, values, colour, newest = cell.spark
            text, used = drawing.sparkline(values, kind, colour, newest, f"g{self._drawn}")
            self._used |= used
            inside += text
        return f'<{tag}{scope}{spans} class="{names}"{_bar(cell.look)}>{inside}</{tag}>'

    @staticmethod
    def _over(page: Page, row: int, column: int, last: int, cell: Cell) -> Cell:
        """A text that runs over the empty cells beside it, as a sheet shows it."""
        if cell.number or cell.wraps or cell.columns > 1 or cell.look.side != "left" or cell.spark is not None:
            return cell
        room = column
        while (
            room < last
            and (row, room + 1) not in page.cells
            and len(cell.text) * cell.look.size * 0.75 > width_of(page, column, room)
        ):
            room += 1
        return replace(cell, columns=room - column + 1)

    def _class(self, look: Look) -> str:
        if look.bar is not None:
            self._used.add(look.bar[1])
        plain = Look(*(getattr(look, name) for name in Look.__slots__[:-1]))
        return self._looks.setdefault(plain, f"k{len(self._looks)}")


def _is_head(cell: Cell) -> bool:
    return "Head" in cell.look.style.split() or (cell.look.bold and bool(cell.look.fill))


def _is_text(cell: Cell, alone: bool) -> bool:
    """Whether a cell that stands alone in its row is a text of the page and no row of a table."""
    named = any(word in cell.look.style for word in ("Title", "Heading"))
    return named or (not cell.number and cell.spark is None and (cell.columns > 1 or alone or len(cell.text) > 60))


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())


def _bar(look: Look) -> str:
    if look.bar is None:
        return ""
    share, colour = look.bar
    end = f"{100 * share:.1f}%"
    return f' style="background-image: linear-gradient(to right, var(--c{colour[1:]}) {end}, transparent {end})"'


def _declared(look: Look, night: bool) -> str:
    """The declarations of a look."""
    behind = look.fill or colours.PAPER
    ink = look.ink or "#1f3044"
    made: Iterator[tuple[bool, str]] = iter(
        (
            (bool(look.ink) or bool(look.fill), f"color: {colours.dark(ink, behind) if night else ink}"),
            (look.fill not in ("", colours.PAPER), f"background-color: {colours.turned(behind) if night else behind}"),
            (look.bold, "font-weight: bold"),
            (look.italic, "font-style: italic"),
            (look.size != 10, f"font-size: {look.size * 1.3:.0f}px"),
            (True, f"text-align: {look.side}"),
            (look.mono, "font-family: Consolas, monospace"),
        )
    )
    return "; ".join(text for holds, text in made if holds)
