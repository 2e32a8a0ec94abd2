"""Every worksheet function with a live example, grouped by family; built from the registry."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from xlrotation.functions.boundary.registry import FAMILIES, UNITS, Spec, functions
from xlrotation.languages import ENGLISH, Text, known
from xlrotation.reports.audit import Check
from xlrotation.reports.choosing import expression
from xlrotation.reports.definition import Definition
from xlrotation.reports.page import Area, Page
from xlrotation.reports.paper import lines_of
from xlrotation.reports.standard import MISSING_NOTE
from xlrotation.reports.words import Headline, Saying

TITLE = Text("Function reference")
_NAME, _GIVES, _VALUE = (0, 5), (5, 5), (10, 2)
"""First column and width of each column of the table; examples stand below the names."""
_LETTERS = 40
"""Letters of a line of an example, in the font of code."""
_WORDS, _LONGER = 14, {"ROT_INTERPRET": 24}
"""Chinese letters of a value in words, or twice as many of another script; of one that is longer than others."""
_TOP, _CODE, _ABOVE, _BELOW = 12.75, 10.5, 3.0, 1.5
"""Points of a row with a name, of a line of an example, and of what stands free above and below."""
_HEADS = 18 + 12.75
"""Points of a heading with the heads below it."""
_LINES = 13.0, 11.625
"""Points of a line in Chinese, and in English."""
_ROWS = 3
"""Rows of a function."""
_TOGETHER = 2
"""Functions of a family that stand below its heading, and that begin a sheet of paper at least."""


@dataclass(frozen=True, slots=True)
class Functions:
    """Some functions of a family: name and example, what each gives, and its value.

    Attributes:
        family: The family.
        specs: The functions.
        first: Whether they are its first.
        last: Whether they are its last.
    """

    family: str
    specs: tuple[Spec, ...]
    first: bool = True
    last: bool = True

    def write(self, page: Page, area: Area) -> int:
        """Write three rows a function, the first of them free; heads above those that begin a family or a sheet of paper."""
        page.joined = not self.last
        if self.first or page.opens:
            self._heads(page, area)
            return 2 + self._rows(page, area.row + 2)
        page.opening = _HEADS
        return self._rows(page, area.row)

    def _heads(self, page: Page, area: Area) -> None:
        title = Text("{family}: {title}") if self.first else Text("{family}: {title}, continued")
        page.heading(area, title.of(family=self.family, title=FAMILIES[self.family]))
        heads = (Text("Function and example"), Text("Gives"), Text("Value of the example"))
        for head, (column, width) in zip(heads, (_NAME, _GIVES, _VALUE), strict=True):
            align = "right" if (column, width) == _VALUE else "left"
            page.book.head(page.sheet, area.row + 1, column, head, align, width)

    def _rows(self, page: Page, first: int) -> int:
        book, sheet = page.book, page.sheet
        rule = {"bottom": 4, "bottom_color": book.colour("rule")}
        top = {"valign": "top", "text_wrap": True}
        name = book.style(bold=True, font_color=book.colour("subject"), valign="top")
        code = {"font_name": book.theme.fonts["code"], "font_size": book.size("source"), "font_color": book.colour("quiet")}  # fmt: skip
        example = book.style(**code, **rule, **top)
        for place, spec in enumerate(self.specs):
            row = first + _ROWS * place + 1
            lines = broken(spec.example)
            sheet.merge_range(row, _NAME[0], row, _NAME[0] + _NAME[1] - 1, spec.name, name)
            sheet.merge_range(row + 1, _NAME[0], row + 1, _NAME[0] + _NAME[1] - 1, "", example)
            sheet.write_string(row + 1, _NAME[0], "\n".join(lines), example)
            summary = Text(spec.summary)
            _high(page, row, _GIVES, f"={expression(summary)}", {"indent": 1, "align": "left", **rule, **top})
            self._value(page, row, spec, {"align": "right", **rule, **top})
            words = max(_LINES[lang == ENGLISH] * lines_of(summary.into(lang), page.ems(_GIVES[1])) for lang in known())
            if spec.unit == "text" and not spec.table:
                longest = "\u4e2d" * _LONGER.get(spec.name, _WORDS)
                words = max(words, _LINES[False] * lines_of(longest, page.ems(_VALUE[1])))
            page.space(row - 1, _ABOVE)
            page.height(row, _TOP)
            page.height(row + 1, _BELOW + max(_CODE * sum(map(_wrapped, lines)), words - _TOP))
        return _ROWS * len(self.specs)

    def _value(self, page: Page, row: int, spec: Spec, style: dict[str, object]) -> None:
        call = spec.example.removeprefix("=")
        number_format = "@" if spec.table else UNITS[spec.unit][1]
        formula = call
        if spec.table:
            shape = expression(Text("{rows} x {columns} table"), rows=f"ROWS({call})", columns=f"COLUMNS({call})")
            formula = f"IFERROR({shape},{call})"
        key = f"example.{spec.name.lower()}"
        cell = page.book.values.put(key, formula, (number_format,)).at()
        page.book.values.figure(key, Text("{name}, example").of(name=spec.name), number_format, cell, formula)
        _high(
            page, row, _VALUE, f'=IFERROR(IF({cell}&""="","",{cell}),missing)', {"num_format": number_format, **style}
        )


def _high(page: Page, row: int, columns: tuple[int, int], formula: str, style: dict[str, object]) -> None:
    """A formula over two rows."""
    first, width = columns
    form = page.book.style(**style)
    page.sheet.merge_range(row, first, row + 1, first + width - 1, "", form)
    page.sheet.write_formula(row, first, formula, form, "")


def broken(example: str) -> list[str]:
    """The lines of an example, each broken after a comma, a semicolon or a parenthesis, and within no text.

    A text that is a formula itself may be broken as well: spaces between its parts mean nothing.
    """
    lines, places, first = [], dict(_places(example)), 0
    while len(example) - first > _LETTERS:
        near = [place for place in places if first < place <= first + _LETTERS]
        far = [place for place in places if first + _LETTERS < place < len(example)]
        if not near and not far:
            break
        long = [place for place in near if place > first + _LETTERS // 3]
        # between arguments rather than within an array
        place = min(long or near, key=lambda place: (places[place], -place)) if near else far[0]
        lines.append(example[first:place])
        first = place
    return [*lines, example[first:]]


def _places(example: str) -> Iterator[tuple[int, int]]:
    """Where an example may be broken, and how deep within parentheses that is."""
    depth, first = 0, 0
    for part in re.findall(r'"(?:[^"]|"")*"|[^"]+', example):  # texts, and what stands between them
        for place, letter in enumerate(part, first + 1):
            if not part.startswith('"'):
                depth += (letter in "({") - (letter in ")}")
                if letter in ",;(":
                    yield place, depth
            elif part.startswith('"=') and letter in ",)" and example[place] not in ',)"':
                yield place, depth + 9
        first += len(part)


def _wrapped(line: str) -> int:
    """Lines that a program makes of one, at the spaces of its texts."""
    return max(1, len(textwrap.wrap(line, _LETTERS)))


def _families() -> Iterator[Functions]:
    """The first functions of each family below its heading, and none alone on a sheet of paper."""
    for family, group in itertools.groupby(functions().values(), key=lambda spec: spec.family):
        specs = tuple(group)
        ends = [0, *range(_TOGETHER, len(specs) - _TOGETHER + 1), len(specs)]
        for first, last in itertools.pairwise(ends):
            yield Functions(family, specs[first:last], not first, last == len(specs))


_COMPLETE = Text("Functions of the library, and functions listed here")

BOOK = Definition(
    key="function_reference",
    title=TITLE,
    asof=dt.date(2026, 2, 13),
    front=(Headline(Saying(TITLE)), *_families()),
    checks=(Check(_COMPLETE, 'ROWS(XLR_FUNCTIONS("",FALSE))', 'COUNTIF(Values!A4:A600,"example.*")', "0", 0.0),),
    breadth=False,
    notes=(
        Text("Each example is live: it shows what the function gives on the data in use. XLR_HELP(name) has the arguments, defaults, definition and source of a function."),
        Text("Every argument has a default but those on your own numbers; a blank cell means the default."),
        Text("A range where one value is expected computes each cell and spills; tables spill below and to the right."),
        MISSING_NOTE,
    ),
)  # fmt: skip
