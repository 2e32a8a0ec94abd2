"""The rows and cells of a sheet's XML, as texts.

Spreadsheets and libraries write sheets in one plain form: rows of cells, each with its attributes, a formula, a value
and nothing else. Such a sheet is taken apart by one expression. Any other is read as the tree of its elements, which
gives the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from xlrotation.workbook.package.elements import COLUMNS, TAGS, joined

Attributes = Mapping[str, str]


Row = tuple[str | None, Attributes]
"""The number of a row as it is written, if it is, and its attributes."""


class Cells(NamedTuple):
    """Cells that stand one after another, a list for each thing that they have.

    Attributes:
        rows: Their rows; 0 where a reference has none.
        columns: Their columns; 0 where a reference has none.
        attributes: Those of the cells.
        of_formulas: Attributes of their formulas, None without one.
        formulas: The formulas.
        texts: The values; empty where there is an element for one, but no text.
        inlines: The texts that stand in the cells themselves.
    """

    rows: list[int]
    columns: list[int]
    attributes: list[Attributes]
    of_formulas: list[Attributes | None]
    formulas: list[str | None]
    texts: list[str | None]
    inlines: list[str | None]


_PIECE = re.compile(
    r'((?:<row[^<>/]*(?:/>|></row>))*)(?:<row(?: r="([0-9]{1,7})")?([^<>/]*)>)?'
    r'<c r="([A-Z]{1,3})([0-9]{1,7})"([^<>/]*)(?:/>|>'
    r"(?:<f([^<>/]*)(?: ?/>|>([^<]*)</f>))?"
    r"(?:<v(?:>([^<]*)</v>|( ?/)>))?"
    r'(?:<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?'
    r"</c>)(</row>)?"
)
"""A cell; before the first of a row stand rows without cells and the beginning of its own, behind the last its end."""

_GROUPS = _PIECE.groups + 1
_EMPTY_ROWS = re.compile(r'<row(?: r="([0-9]{1,7})")?([^<>/]*)(?:/>|></row>)')
_ATTRIBUTE = re.compile(r' (?:([A-Za-z_][\w.]*):)?([A-Za-z_][\w.]*)="([^"<>&\x00-\x1f]*)"', re.ASCII)
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));|&")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_HEAD = re.compile(
    rb"""<(?:\?xml version=["']1\.0["'](?: encoding=["'][Uu][Tt][Ff]-8["'])?(?: standalone=["']\w+["'])? ?\?>|[^?!])"""
)
_OPEN, _CLOSE, _ROW_END = b"<sheetData>", b"</sheetData>", b"</row>"
_CONTROLS = bytes(number for number in range(32) if number not in b"\t\n")
_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_CHUNK = 2**18
"""Bytes that are taken apart at once, so that a large sheet does not lie in memory as the texts of all its cells."""


class Unusual(Exception):
    """The sheet is not in the plain form; its tree is to be read."""


class _Known(dict[str, Attributes]):
    """Attributes by their text; many cells have the same."""

    def __init__(self, prefixes: Iterable[str | None]) -> None:
        super().__init__()
        self._prefixes = {None, "xml", *prefixes}

    def __missing__(self, text: str) -> Attributes:
        found: dict[str, str] = {}
        end = 0
        names: set[str] = {"r", "xmlns"}
        for match in _ATTRIBUTE.finditer(text):
            prefix, name, value = match.groups()
            whole = name if prefix is None else f":{name}"  # two prefixes may stand for one namespace
            if match.start() != end or whole in names or prefix not in self._prefixes:
                raise Unusual
            names.add(whole)
            if prefix is None:
                found[name] = value
            end = match.end()
        if text[end:].strip(" "):
            raise Unusual
        if len(self) < 10_000:
            self[text] = found
        return found


def plain_parts(data: bytes) -> tuple[bytes, int, int]:
    """A sheet without its rows, and where they begin and end.

    Raises:
        Unusual: They may hold what is not plain, be it comments, other kinds of text, or an encoding but UTF-8.
    """
    start = data.find(_OPEN)
    end = data.rfind(_CLOSE)
    plain = 0 < start < end and _HEAD.match(data) is not None and b"<!" not in data and b"]]>" not in data
    if not plain or data.find(b"<?", 1) >= 0 or data.count(_OPEN) != 1 or data.count(_CLOSE) != 1:
        raise Unusual
    start += len(_OPEN)
    return data[:start] + data[end:], start, end


def plain_cells(data: bytes, start: int, end: int, prefixes: Iterable[str | None]) -> Iterator[tuple[list[Row], Cells]]:
    """The rows and cells between two places of a sheet in the plain form, many at a time.

    Args:
        data: The sheet.
        start: Where its rows begin.
        end: Where they end.
        prefixes: Of the namespaces that are declared.

    Raises:
        Unusual: It is not in that form, which may be found after some rows.
    """
    known = _Known(prefixes)
    while start < end:
        cut = data.find(_ROW_END, min(start + _CHUNK, end), end)
        cut = end if cut < 0 else cut + len(_ROW_END)
        chunk = data[start:cut]
        if len(chunk.translate(None, _CONTROLS)) != len(chunk) or any(one in chunk for one in _NONCHARACTERS):
            raise Unusual  # what XML may not hold, or the end of a line that it reads as another
        try:
            yield _taken_apart(chunk.decode("utf-8"), known)
        except UnicodeDecodeError:
            raise Unusual from None
        start = cut


def _taken_apart(text: str, known: _Known) -> tuple[list[Row], Cells]:
    parts = _PIECE.split(text)
    last = parts.pop()
    empty, numbers, begins, letters, digits, attributes, of_formulas, formulas, texts, blank, inlines, ends = (
        parts[group::_GROUPS] for group in range(1, _GROUPS)
    )
    inside = [begun is None for begun in begins]
    goes_on = [ended is None for ended in ends]
    if any(parts[::_GROUPS]) or [False, *goes_on] != [*inside, False] or _EMPTY_ROWS.sub("", last):
        raise Unusual
    rows: list[Row] = []
    for before, number, begun in zip(empty, numbers, begins, strict=True):
        if before:
            if begun is None:
                raise Unusual
            rows += [(one, known[given]) for one, given in _EMPTY_ROWS.findall(before)]
        if begun is not None:
            rows.append((number, known[begun]))
    rows += [(one, known[given]) for one, given in _EMPTY_ROWS.findall(last)]
    if any(blank):
        texts = ["" if none else value for none, value in zip(blank, texts, strict=True)]
    if "&" in text:
        formulas, texts, inlines = ([_plain(value) for value in values] for values in (formulas, texts, inlines))
    return rows, Cells(
        list(map(int, digits)),
        list(map(COLUMNS.__getitem__, letters)),
        list(map(known.__getitem__, attributes)),
        [None if given is None else known[given] for given in of_formulas],
        formulas,
        texts,
        inlines,
    )


def _plain(text: str | None) -> str | None:
    """A text without the marks that stand for characters."""
    return text if text is None or "&" not in text else _ENTITY.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return _NAMED[match[1]]
    number = int(match[2]) if match[2] else int(match[3], 16) if match[3] else 0
    if not (number in (0x9, 0xA, 0xD) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD) and not (
        0x10000 <= number <= 0x10FFFF
    ):
        raise Unusual
    return chr(number)


def tree_cells(row: Any, number: int) -> Cells:
    """The cells of the element of a row.

    Args:
        row: The element.
        number: Of the row, for cells that do not say where they stand.
    """
    tags, columns = TAGS, COLUMNS
    cells = []
    column = 0
    for cell in row:
        if tags[cell.tag] != "c":
            continue
        at = number
        if reference := cell.get("r"):
            letters = reference.rstrip("0123456789")
            digits = reference[len(letters) :]
            column = columns[letters]
            at = int(digits) if 0 < len(digits) < 8 else 0
        else:
            column += 1
        of_formula: Attributes | None = None
        formula = value = inline = None
        for child in cell:
            tag = tags[child.tag]
            if tag == "v":
                value, inline = child.text or "", None
            elif tag == "f":
                of_formula, formula = child.attrib, child.text
            elif tag == "is":
                inline = joined(child)
        cells.append((at, column, cell.attrib, of_formula, formula, value, inline))
    return Cells(*map(list, zip(*cells, strict=True))) if cells else Cells([], [], [], [], [], [], [])
