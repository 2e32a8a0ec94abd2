"""What a reader would find wrong with printed pages, measured on the PDF: its words and its pictures."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import lxml.html
import openpyxl

from xlrotation.workbook.output.page.charts import as_shown

DOTS = 144
"""Of an inch, in the pictures."""
_PER_POINT = DOTS / 72
_HEAD, _FOOT = 36.0, 40.0
"""Points at the ends of a page that header and footer take."""
_PAPER = 250
"""From here on a dot is paper."""
_BLANK = 0.5
"""Share of a page that may be blank at its end."""
_HIGHEST = 300.0
"""Points that a drawing is high at most; it begins under a rule."""
_DRAWN = 150
"""Dots of lines, bars and markers that a drawing has at least; bands are paler, axes and their words grey."""
_CONTRAST = 24
"""Difference from what is behind it from which a dot belongs to a letter."""


class Word(NamedTuple):
    """A word of a page and its box, in points from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class Sheet(NamedTuple):
    """A printed page: its words and its picture."""

    words: list[Word]
    picture: Any


def printed(pdf: Path, folder: Path) -> list[Sheet]:
    """The pages of a PDF."""
    from PIL import Image

    told = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], check=True, capture_output=True, timeout=120)
    pages = [
        [
            Word(w.text or "", *(float(w.get(end)) for end in ("xmin", "ymin", "xmax", "ymax")))
            for w in page.xpath(".//word")
        ]
        for page in lxml.html.fromstring(told.stdout.decode()).xpath("//page")
    ]
    stem = folder / f"page-of-{pdf.stem}"
    subprocess.run(["pdftoppm", "-r", str(DOTS), "-png", str(pdf), str(stem)], check=True, timeout=300)
    pictures = []
    for path in sorted(folder.glob(f"{stem.name}-*.png")):
        with Image.open(path) as image:
            pictures.append(image.convert("RGB"))
    return [Sheet(words, picture) for words, picture in zip(pages, pictures, strict=True)]


def faults(sheets: list[Sheet]) -> Iterator[str]:
    """Each fault in words, with its page."""
    for number, sheet in enumerate(sheets, 1):
        for fault in (*_errors(sheet), *_hidden(sheet), *_cut(sheet), *_undrawn(sheet), *_blank(sheet)):
            yield f"page {number}: {fault}"


def _errors(sheet: Sheet) -> Iterator[str]:
    for word in sheet.words:
        if re.search(r"##|#(N/A|VALUE|NAME|REF|DIV|NUM|NULL)|Err:5", word.text):
            yield f"shows {word.text}"


def _hidden(sheet: Sheet) -> Iterator[str]:
    """Words that stand on one another: a text too long for its cells goes on beneath its neighbour."""
    for n, one in enumerate(sheet.words):
        for other in sheet.words[n + 1 :]:
            across = min(one.right, other.right) - max(one.left, other.left)
            down = min(one.bottom, other.bottom) - max(one.top, other.top)
            if across > 2 and down > 0.6 * min(one.bottom - one.top, other.bottom - other.top):
                yield f"{one.text!r} and {other.text!r} stand on one another"


def _cut(sheet: Sheet) -> Iterator[str]:
    """Words of which a part is not to be seen, though the page has it: they go beyond what their cells show."""
    width, height = (side / _PER_POINT for side in sheet.picture.size)
    for word in sheet.words:
        if not (0 <= word.left < word.right <= width and 0 <= word.top < word.bottom <= height):
            yield f"{word.text!r} leaves the paper"
        elif sum(map(str.isalnum, word.text)) >= 2 and not all(_has_ink(sheet, part) for part in _parts(word)):
            yield f"{word.text!r} is cut"


def _parts(word: Word) -> Iterator[tuple[float, float, float, float]]:
    """Left and right end, upper and lower half of the letters of a word."""
    left, top, right, bottom = word[1:]
    end = min(1.2 * (bottom - top), (right - left) / 2)
    high = bottom - top
    top, bottom = top + 0.15 * high, bottom - 0.2 * high  # room above and below the letters
    middle = (top + bottom) / 2
    yield left, top, left + end, bottom
    yield right - end, top, right, bottom
    yield left, top, right, middle
    yield left, middle, right, bottom


def _has_ink(sheet: Sheet, part: tuple[float, float, float, float]) -> bool:
    box = tuple(round(end * _PER_POINT) for end in part)
    low, high = sheet.picture.crop(box).convert("L").getextrema()
    return high - low >= _CONTRAST


def _undrawn(sheet: Sheet) -> Iterator[str]:
    """Drawings, which stand above a line that says whence they are, without a line, a bar or a marker."""
    height = sheet.picture.size[1] / _PER_POINT
    for word in drawings(sheet, height):
        box = (word.left, max(0.0, word.top - _HIGHEST), word.left + 230, word.top - 2)
        part = sheet.picture.crop(tuple(round(end * _PER_POINT) for end in box))
        if _strong(part) < _DRAWN:
            yield f"the drawing above {word.text!r} at {word.top:.0f} points is empty"


def _strong(part: Any) -> int:
    """Dots of strong colours below the lowest rule across a part of a page."""
    width, height = part.size
    dots, found = part.load(), 0
    for y in reversed(range(height)):
        colours = (dots[x, y] for x in range(width))
        strong = sum(max(colour) - min(colour) > 90 or max(colour) < 90 for colour in colours)
        if strong > 0.7 * width:
            break
        found += strong
    return found


def drawings(sheet: Sheet, height: float | None = None) -> list[Word]:
    """The first words of the lines under drawings."""
    height = height or sheet.picture.size[1] / _PER_POINT
    return [w for w in sheet.words if re.match("Source:|来源", w.text) and w.bottom < height - _FOOT]


def _blank(sheet: Sheet) -> Iterator[str]:
    """More than half of a page without anything, at its end."""
    width, height = sheet.picture.size
    first, last = round(_HEAD * _PER_POINT), height - round(_FOOT * _PER_POINT)
    body = sheet.picture.crop((0, first, width, last)).convert("L").point(lambda dot: 255 if dot < _PAPER else 0)
    box = body.getbbox()
    blank = 1.0 if box is None else 1 - box[3] / (last - first)
    if blank > _BLANK:
        yield f"{blank:.0%} of it is blank"


def lost(book: Path, pdf: Path) -> Iterator[str]:
    """Texts and numbers of the first sheet of a filled workbook that its pages do not show whole, or not as often."""
    told = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], check=True, capture_output=True, timeout=120)
    letters = _bare(told.stdout.decode())  # in the order in which they were drawn: a cell after the other
    held = Counter(_held(book))
    for text, times in held.items():
        if letters.count(_bare(text)) < times:
            yield f"{text!r} is not on the pages" + (f" {times} times" if times > 1 else "")


def _held(book: Path) -> Iterator[str]:
    """What the cells of the first sheet show, each line of a text by itself."""
    sheet = openpyxl.load_workbook(book, data_only=True).worksheets[0]
    for row in sheet.iter_rows():
        for cell in () if sheet.row_dimensions[row[0].row].hidden else row:
            if isinstance(cell.value, str):
                yield from filter(_bare, cell.value.splitlines())
            elif isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
                near = {as_shown(cell.value * (1 + off), cell.number_format) for off in (-1e-12, 1e-12)}
                if len(near) == 1:  # programs round a half in ways of their own
                    yield near.pop()


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)
