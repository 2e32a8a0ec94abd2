"""Where the argument of a call comes from."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from xlrotation.errors import CELL_ERRORS, CellError
from xlrotation.workbook import references
from xlrotation.workbook.engine import Cell, Engine, Place, Table
from xlrotation.workbook.scratch import Scratch

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_TEXT = re.compile(r'"((?:[^"]|"")*)"')


class Reader(Protocol):
    """Gives an argument; what it reads may have to be computed by the engine before."""

    def read(self) -> Cell | Table:
        """The argument as the engine has it now."""


class Fixed:
    """A constant."""

    def __init__(self, value: Cell) -> None:
        self._value = value

    def read(self) -> Cell | Table:
        """The constant."""
        return self._value


class Cells:
    """A cell, or a range."""

    def __init__(self, engine: Engine, sheet: int, area: references.Area) -> None:
        self._engine, self._sheet, self._area = engine, sheet, area

    def read(self) -> Cell | Table:
        """The value, or the values as rows."""
        area = self._area
        if area.is_cell:
            return self._engine.value(self._sheet, area.row, area.column)
        return self._engine.values(self._sheet, area)


class Result:
    """The result of a call inside the argument that is the whole of it."""

    def __init__(self, result: Callable[[], Cell | Table]) -> None:
        self._result = result

    def read(self) -> Cell | Table:
        """The result."""
        return self._result()


class Expression:
    """Anything else: a formula of its own in scratch space."""

    def __init__(self, engine: Engine, scratch: Scratch, formula: Callable[[], str]) -> None:
        self._engine, self._scratch, self._formula = engine, scratch, formula
        self._written = ""
        self.place: Place | None = None

    def refresh(self) -> None:
        """Write the formula with the results of the calls inside it as they are now."""
        now = self._formula()
        if self.place is None:
            self.place = self._scratch.expression(now)
        elif now != self._written:
            self._engine.set_formula(*self.place, now)
        self._written = now

    def give_room(self) -> bool:
        """Move where the result has no room; returns whether that was needed."""
        assert self.place is not None
        if not self._scratch.is_blocked(self.place):
            return False
        self.place = self._scratch.moved(self.place, self._written)
        return True

    def read(self) -> Cell | Table:
        """The result, a table where it fills several cells."""
        assert self.place is not None
        return self._scratch.result(self.place)


class Pointed:
    """What INDIRECT points to: the engine computes the address, blank cells stay blank."""

    def __init__(self, engine: Engine, address: Expression, home: int) -> None:
        self._engine, self._home = engine, home
        self.address = address

    def read(self) -> Cell | Table:
        """The value, or the values as rows."""
        text = self.address.read()
        if isinstance(text, CellError):
            return text
        reader = area_reader(self._engine, str(text), self._home)
        if reader is None and isinstance(text, str):  # a defined name, with the sheet that was put before it
            reader = area_reader(self._engine, text.rpartition("!")[2], self._home)
        return CellError.REF if reader is None else reader.read()


def area_reader(engine: Engine, text: str, sheet: int) -> Reader | None:
    """What reads a reference or the name of one, seen from *sheet*; None where *text* is neither."""
    area = references.parse_area(text)
    if area is None and (definition := engine.definition(text, sheet)):
        area = references.parse_area(definition)
    if area is None:
        return None
    home = sheet if area.sheet is None else engine.sheet(area.sheet)
    return Fixed(CellError.REF) if home is None else Cells(engine, home, area)


def plain_reader(engine: Engine, text: str, sheet: int) -> Reader | None:
    """What reads an argument without computing anything: blank, a constant, a reference; None where it is more."""
    if not text:
        return Fixed(None)
    if _NUMBER.fullmatch(text):
        return Fixed(float(text))
    if match := _TEXT.fullmatch(text):
        return Fixed(match[1].replace('""', '"'))
    upper = text.upper()
    if upper in ("TRUE", "FALSE"):
        return Fixed(upper == "TRUE")
    if upper in CELL_ERRORS:
        return Fixed(CELL_ERRORS[upper])
    return area_reader(engine, text, sheet)
