"""Errors that are known: those that a plan expects, and those that somebody accepted."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlrotation.errors import CELL_ERRORS

NOT_COMPUTED = "not computed"
"""What a formula that could not be computed shows, in the place of an error value."""

_TEXT = re.compile(r"\s*(?:(?P<sheet>'(?:[^']|'')+'|[^!#]+)!)?(?P<cells>[$A-Za-z0-9:*]+)?(?:\s+|^)?(?P<error>#.+)?\s*")
_CORNER = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9][0-9]{0,6})?")
_ENDLESS = 1 << 30
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Shown:
    """An error as a report lists it.

    Attributes:
        sheet: Its sheet.
        cell: Its cell.
        error: The error value, or :data:`NOT_COMPUTED`.
        reason: Why.
    """

    sheet: str
    cell: str
    error: str
    reason: str

    @property
    def place(self) -> str:
        """Sheet and cell."""
        return f"{self.sheet}!{self.cell}"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same error on another day: the numbers and the further words of its reason do not count."""
        return (self.sheet, self.cell, self.error, _NUMBER.sub("#", self.reason.partition("; ")[0]))


def shown(report: Mapping[str, Any]) -> list[Shown]:
    """The errors of a report, as plain data has it, each once.

    Raises:
        KeyError, TypeError, AttributeError: It is none.
    """
    listed = [*report["errors"], *report["problems"]]
    found = [Shown(item["sheet"], item["cell"], item.get("error", NOT_COMPUTED), item["reason"]) for item in listed]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Expectation:
    """Errors that a plan expects.

    Attributes:
        text: As the plan says it.
        sheet: A pattern of the sheet's name.
        box: First column, first row, last column, last row; None: every cell.
        error: The error value; empty: any.
    """

    text: str
    sheet: str = "*"
    box: tuple[int, int, int, int] | None = None
    error: str = ""

    def holds(self, item: Shown) -> bool:
        """Whether *item* is expected."""
        if self.error and self.error != item.error:
            return False
        if not fnmatch.fnmatchcase(item.sheet.casefold(), self.sheet.casefold()):
            return False
        if self.box is None:
            return True
        column, row = _place(item.cell)
        left, top, right, bottom = self.box
        return left <= column <= right and top <= row <= bottom


def expectation(text: str) -> Expectation:
    """What an entry of ``expected`` says: ``Sheet!B2``, ``Sheet!B2:F9 #N/A``, ``Sheet!*``, ``#N/A``.

    Raises:
        ValueError: It says nothing.
    """
    found = _TEXT.fullmatch(text)
    error = (found["error"] or "").strip() if found else ""
    if found is None or not (found["sheet"] or found["cells"] or error):
        raise ValueError(f"{text!r} is no cell; write it as Sheet!B2, Sheet!B2:F9 #N/A, Sheet!* or #N/A")
    if error and error not in CELL_ERRORS:
        raise ValueError(f"{text!r}: {error} is no error value such as #N/A")
    if found["sheet"] and not found["cells"]:
        raise ValueError(f"{text!r} names no cells; write {found['sheet']}!* for all of them")
    sheet = found["sheet"] or "*"
    if sheet.startswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    cells = found["cells"] or "*"
    return Expectation(text, sheet.strip(), None if cells == "*" else _box(cells, text), error)


def _box(cells: str, text: str) -> tuple[int, int, int, int]:
    first, colon, last = cells.partition(":")
    corners = [_CORNER.fullmatch(corner) for corner in (first, last if colon else first)]
    if any(corner is None or not (corner[1] or corner[2]) for corner in corners):
        raise ValueError(f"{text!r}: {cells} is no cell or range such as B2:F9")
    letters, rows = zip(*[(corner[1], corner[2]) for corner in corners if corner], strict=True)
    if bool(letters[0]) != bool(letters[1]) or bool(rows[0]) != bool(rows[1]):
        raise ValueError(f"{text!r}: {cells} is no cell or range such as B2:F9")
    if not colon and not (letters[0] and rows[0]):
        raise ValueError(f"{text!r}: {cells} is no cell or range such as B2:F9")
    columns = sorted(map(_column, letters)) if letters[0] else [1, _ENDLESS]
    lines = sorted(map(int, rows)) if rows[0] else [1, _ENDLESS]
    return columns[0], lines[0], columns[1], lines[1]


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _place(cell: str) -> tuple[int, int]:
    found = _CORNER.fullmatch(cell)
    if found is None or not found[1] or not found[2]:
        return 0, 0
    return _column(found[1]), int(found[2])


@dataclass(frozen=True, slots=True)
class Sorted:
    """The errors of a report, and what was expected of them.

    Attributes:
        new: Those that nobody expects.
        known: Those that somebody does.
        met: The expectations of the plan that one of them meets, as the plan says them.
        gone: What was accepted and is not there any more, in words.
    """

    new: tuple[Shown, ...] = ()
    known: tuple[Shown, ...] = ()
    met: frozenset[str] = frozenset()
    gone: tuple[str, ...] = ()


def sort(
    errors: Iterable[Shown], expected: Sequence[Expectation], accepted: Iterable[tuple[str, str, str, str]] = ()
) -> Sorted:
    """Part *errors* into those that are known and those that are new."""
    remembered = set(accepted)
    new: list[Shown] = []
    known: list[Shown] = []
    met: set[str] = set()
    seen: set[tuple[str, str, str, str]] = set()
    for item in errors:
        holding = [each.text for each in expected if each.holds(item)]
        met.update(holding)
        seen.add(item.key)
        (known if holding or item.key in remembered else new).append(item)
    gone = [f"{sheet}!{cell} {error}" for sheet, cell, error, _ in sorted(remembered - seen)]
    return Sorted(tuple(new), tuple(known), frozenset(met), tuple(gone))
