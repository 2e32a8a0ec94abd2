"""Sentences and titles that say what the figures show: chosen by thresholds, never fixed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.image import Image

from xlrotation.errors import BadArgument
from xlrotation.functions.published.reports import Report
from xlrotation.languages import ENGLISH, Text
from xlrotation.reports.choosing import expression, in_every, quoted
from xlrotation.reports.page import PIXELS, Area, Page
from xlrotation.reports.paper import width_of

_FILLED = "0" * 5
"""What fills a place of a sentence, about: a number, a day, the name of a sector."""
_LONGER = 1.08
"""How much longer a sentence may be than with what fills its places, about: names may be long ones."""
_LETTER, _SIGN = 0.535, 1.0
"""Width of a letter of a sentence, on the average, in sizes of a wide font; of a Chinese one with its figures."""
_NOTICE_BEGINS = Text("Sample data", "how the notice on sample data begins")


_LOGO = 54
"""Pixels of the highest logo: the title and the line under it."""


def _fitted(picture: Path, width: int) -> dict[str, float]:
    """How a picture is drawn within so many pixels and the rows of the title, at their right; none is enlarged.

    Raises:
        BadArgument: It is no picture.
    """
    try:
        image = Image(picture)
    except XlsxWriterException as error:
        raise BadArgument(f"{picture}: is no picture for a logo ({error}); give a PNG or a JPEG") from None
    across, down = image.width * 96 / image.x_dpi, image.height * 96 / image.y_dpi
    scale = min(1.0, width / across, _LOGO / down)
    return {"x_scale": scale, "y_scale": scale, "x_offset": max(0.0, width - across * scale), "object_position": 3}


@dataclass(frozen=True, slots=True)
class Pick:
    """Words chosen by the figures.

    Attributes:
        cases: Tests, with keys of figures in braces, and what is said where one holds; the first that holds counts.
        otherwise: What is said where none does.
        missing: What is said where a figure is missing.
    """

    cases: Sequence[tuple[str, Text]]
    otherwise: Text
    missing: Text

    def formula(self, lang: str) -> str:
        """The words in a language."""
        made = quoted(self.otherwise.into(lang))
        for test, text in reversed(self.cases):
            made = f"IF({test},{quoted(text.into(lang))},{made})"
        return f"IFERROR({made},{quoted(self.missing.into(lang))})"


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence with figures in its places.

    Attributes:
        text: The sentence.
        parts: What fills its places: words that are chosen, or a formula with keys of figures in braces.
        missing: What is said where a figure is missing, which may be another sentence with figures; "" for nothing.
    """

    text: Text
    parts: Mapping[str, Pick | str | Callable[[str], str]] = field(default_factory=dict)
    missing: Text | Saying | None = None

    def formula(self) -> str:
        """The expression that shows it."""
        parts = {name: part.formula if isinstance(part, Pick) else part for name, part in self.parts.items()}
        if isinstance(self.missing, Saying):
            fallback = self.missing.formula()
        else:
            fallback = '""' if self.missing is None else expression(self.missing)
        return f"IFERROR({expression(self.text, **parts)},{fallback})"


@dataclass(frozen=True, slots=True)
class Headline:
    """The title of a page: what the page says, in one line, and under it the session, the source and the notice.

    Attributes:
        saying: What it says.
    """

    saying: Saying

    def write(self, page: Page, area: Area) -> int:
        """Write title, as-of session, source and, where it applies, the warning about sample data."""
        book, sheet = page.book, page.sheet
        cells = book.values.put("headline", self.saying.formula(), ("@",))
        book.values.figure("headline", Text("Title"), "@", cells.at(), self.saying.formula())
        title = {"bold": True, "font_size": book.size("title"), "font_color": book.colour("dark"), "shrink": True}
        logo = 2 if book.theme.logo else 0
        book.wide(sheet, area.row, area.column, area.span - logo, f"={cells.at()}", **title)
        page.height(area.row, 26)
        if book.theme.logo is not None:
            options = {**_fitted(book.theme.logo, PIXELS * logo), "description": book.theme.name or "logo"}
            sheet.insert_image(area.row, area.column + area.span - logo, str(book.theme.logo), options)
        day = 'TEXT({session},"yyyy-mm-dd")'
        text = Text("{title} · as of {day} · {source}")
        told = expression(text, title=expression(book.title), day=day, source="data_source")
        without = f'{expression(book.title)}&" · "&data_source'  # where there is no such session
        under = book.values.put("subtitle", f"IFERROR({told},{without})", ("@",))
        book.wide(sheet, area.row + 1, area.column, area.span, f"={under.at()}", font_color=book.colour("quiet"))
        notice = {"font_color": book.colour("alarm"), "italic": True, "font_size": book.size("source")}
        book.wide(sheet, area.row + 2, area.column, area.span, "=data_notice", **notice)
        sheet.repeat_rows(area.row, area.row + 3)
        sheet.freeze_panes(area.row + 3, 0)
        return 3


@dataclass(frozen=True, slots=True)
class Sentences:
    """The key sentences of a report, each a row over the page's width; a table beside them could not hold them."""

    report: Report

    def write(self, page: Page, area: Area) -> int:
        """Write them; one formula fills the sheet of values with them."""
        return _paragraph(page, area, self.told(page))

    def told(self, page: Page) -> list[tuple[str, float]]:
        """Expression and width of each."""
        book = page.book
        count = len(self.report.sentences)
        formula = f'REP_SUMMARY("{self.report.key}",lang,asof,FALSE)'
        cells = book.values.put("words", formula, ("@",), count + 3)
        shown = []
        for place in range(count):  # but for the title and the line on sample data, which stand above
            cell = cells.at(place + 1)
            notices = ",".join(f"LEFT({cell},{len(begun)})={quoted(begun)}" for begun in in_every(_NOTICE_BEGINS))
            shown.append(f'IFERROR(IF(OR({cell}&""="",{notices}),"",{cell}),missing)')
            number = Text("In words, {number}").of(number=place + 1)
            book.values.figure(f"words.{place + 1}", number, "@", cell, formula)
        return [(told, _width(str(s.text))) for told, s in zip(shown, self.report.sentences, strict=True)]


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences of the book's own.

    Attributes:
        key: First part of their keys.
        sayings: The sentences.
    """

    key: str
    sayings: Sequence[Saying]

    def write(self, page: Page, area: Area) -> int:
        """Write them."""
        return _paragraph(page, area, self.told(page))

    def told(self, page: Page) -> list[tuple[str, float]]:
        """Expression and width of each."""
        book = page.book
        shown = []
        for place, saying in enumerate(self.sayings):
            formula = saying.formula()
            cells = book.values.put(f"{self.key}.{place + 1}", formula, ("@",))
            number = Text("In words, {number}").of(number=place + 1)
            book.values.figure(f"{self.key}.{place + 1}", number, "@", cells.at(), formula)
            shown.append((cells.at(), _width(str(saying.text))))
        return shown


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Several groups of sentences as one."""

    groups: Sequence[Told | Sentences]

    def write(self, page: Page, area: Area) -> int:
        """Write them."""
        return _paragraph(page, area, [told for group in self.groups for told in group.told(page)])


def _place(match: re.Match[str]) -> str:
    """What stands in a place of a sentence: the longer of two words, or a figure."""
    words = match[1].partition(":")[2].lstrip("?#").split("|")
    return max(words, key=len) if len(words) > 1 else _FILLED


def _width(text: str) -> float:
    """Width of a sentence whose places are filled, about, in sizes of the font."""
    return width_of(re.sub(r"\{([^{}]*)\}", _place, text))


def _paragraph(page: Page, area: Area, sentences: Sequence[tuple[str, float]]) -> int:
    """Sentences under one another, each in rows of its own: as many as it may need, of which print shows those it does.

    Args:
        page: The page.
        area: Where they stand.
        sentences: Their expressions, and their widths, about, in sizes of the font; one that gives "" takes no row.
    """
    row = area.row
    for told, width in sentences:
        rows = page.lines(_LONGER * width, area.span)
        page.book.paragraph(page.sheet, row, area.column, rows, area.span, f"={told}")
        page.fold(row, rows, rows_used(page, area.span, told))
        row += rows
    return row - area.row


def rows_used(page: Page, span: int, told: str) -> str:
    """The expression of how many rows a sentence takes, as it is: from the number of its letters."""
    wide = f'IF(lang="{ENGLISH}",{_LETTER},{_SIGN})'
    return f"ROUNDUP(LEN({told})*{wide}/{page.ems(span)},0)"
