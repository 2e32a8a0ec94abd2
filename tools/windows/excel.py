"""The program that plays Excel (``excel.c``), and the values of its calls."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wine import CLSID, Windows, as_windows, library_command

from xlrotation.errors import CellError
from xlrotation.functions.boundary.registry import functions
from xlrotation.hosts import ERROR_NUMBERS, EXCEL_COM, MARK, serial_of

MISSING = object()
"""An argument that was left out."""

NULL = object()
"""The database's null, which other programs hand over."""


@dataclass(frozen=True)
class Cells:
    """A reference to cells: a Range."""

    value: object


@dataclass(frozen=True)
class Line:
    """An array of one dimension, as a formula hands ``{1,2}`` over."""

    values: Sequence[object]


@dataclass(frozen=True)
class Whole:
    """A whole number of 16 or 32 bits, as VBA has them; a cell's number is never one."""

    number: int
    bits: int = 32


@dataclass(frozen=True)
class Failed:
    """A call that gave no answer."""

    text: str


def written(value: object) -> Iterator[str]:
    """A value as ``excel.c`` reads it, a line each."""
    if value is MISSING or value is NULL or value is None:
        yield {id(MISSING): "missing", id(NULL): "null"}.get(id(value), "empty")
    elif isinstance(value, Cells):
        yield "cells"
        yield from written(value.value)
    elif isinstance(value, Line):
        yield f"list {len(value.values)}"
        for each in value.values:
            yield from written(each)
    elif isinstance(value, list):
        yield f"array {len(value)} {len(value[0])}"
        for row in value:
            for each in row:
                yield from written(each)
    else:
        yield _written_cell(value)


def _written_cell(value: object) -> str:
    if isinstance(value, bool):
        return f"bool {value:d}"
    if isinstance(value, Whole):
        return f"{'short' if value.bits == 16 else 'long'} {value.number}"
    if isinstance(value, CellError):
        return f"error {ERROR_NUMBERS[value]}"
    if isinstance(value, dt.date):
        return f"date {serial_of(value)!r}"
    if isinstance(value, decimal.Decimal):
        return f"currency {value}"
    if isinstance(value, int | float):
        return f"double {float(value)!r}"
    text = str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"text {text}"


def _plain(text: str) -> str:
    parts = text.split("\\\\")
    return "\\".join(part.replace("\\n", "\n").replace("\\r", "\r") for part in parts)


_ERRORS = {error.value: error for error in ERROR_NUMBERS}


def _read_text(text: str) -> object:
    text = _plain(text)
    return _ERRORS[text[len(MARK) :]] if text.startswith(MARK) else text


def _read_date(text: str) -> object:
    moment = dt.datetime(1899, 12, 30) + dt.timedelta(days=float(text))
    return moment.date() if moment.time() == dt.time() else moment


_READ = {
    "empty": lambda _: None,
    "double": float,
    "long": int,
    "bool": lambda text: text == "1",
    "text": _read_text,
    "date": _read_date,
}


class Excel:
    """A running ``excel.exe``; calls as Excel's VBA makes them.

    Args:
        windows: Where it runs.
        project: The project's files, for the library of xlwings to start Python with; None asks a running server.
        more: Environment of the process that it starts.
        clsid: The running server.
    """

    def __init__(
        self, windows: Windows, project: Path | None = None, more: dict[str, str] | None = None, clsid: str = CLSID
    ) -> None:
        where: list[str | Path] = [clsid]
        if project is not None:
            library = next(windows.python.parent.glob("xlwings64-*.dll"))
            where = [library, library_command(windows, as_windows(project))]
        self.names = frozenset(functions())
        self.unplayed: set[str] = set()
        self.calls = 0
        self.process = windows.start([windows.python.with_name("excel.exe"), *where], stdin=-1, stdout=-1, more=more)

    def _asked(self, lines: Sequence[str]) -> object:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n".join(lines) + "\n")
        self.process.stdin.flush()
        return self._read()

    def _line(self) -> str:
        assert self.process.stdout
        while line := self.process.stdout.readline():
            line = line.rstrip("\r\n")
            if not line.startswith("unplayed "):
                return line
            self.unplayed.add(line.removeprefix("unplayed "))
        return "failed 0 the program that plays Excel has ended"

    def _read(self) -> object:
        kind, _, rest = self._line().partition(" ")
        if kind == "list":
            return [[self._read() for _ in range(int(rest))]]
        if kind == "array":
            rows, columns = map(int, rest.split())
            return [[self._read() for _ in range(columns)] for _ in range(rows)]
        if kind in _READ:
            return _READ[kind](rest)
        return Failed(f"{kind} {rest}")

    def call(self, name: str, *arguments: object) -> object:
        """What a function gives for arguments as they are; a table of one cell is that cell."""
        self.calls += 1
        lines = [f"call {name} {len(arguments)}", *(line for each in arguments for line in written(each))]
        return self._asked(lines)

    def macro(self, code: str) -> object:
        """Run a line of Python, as the macros do."""
        return self._asked([f"macro {code}"])

    def restart(self) -> object:
        """Press *Restart UDF Server*: the library ends the process that it started."""
        return self._asked(["restart"])

    def __call__(self, name: str, arguments: Sequence[object]) -> object:
        """A call of a formula, whose arguments are references to cells; for the headless evaluation."""
        missing = [MISSING] * (len(functions()[name].parameters) - len(arguments))
        return self.call(name, *map(Cells, arguments), *missing)

    def close(self) -> None:
        """End it; a process that the library started goes with this Windows."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(60)


def same(found: object, expected: object) -> bool:
    """Whether no cell could tell two values apart: numbers to ten digits, blank and empty text alike."""
    if isinstance(found, list) and len(found) == len(found[0]) == 1:
        found = found[0][0]
    if isinstance(expected, list) and len(expected) == len(expected[0]) == 1:
        expected = expected[0][0]
    if isinstance(found, list) and isinstance(expected, list):
        return [len(row) for row in found] == [len(row) for row in expected] and all(
            _same_cell(a, b)
            for left, right in zip(found, expected, strict=True)
            for a, b in zip(left, right, strict=True)
        )
    return _same_cell(found, expected)


def _same_cell(found: object, expected: object) -> bool:
    if isinstance(expected, float) and math.isnan(expected):
        expected = CellError.NA
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        return (
            isinstance(found, int | float)
            and not isinstance(found, bool)
            and math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)
        )
    if isinstance(expected, str):
        expected = EXCEL_COM.write_cell(expected)
    return (found or None) == (expected or None) if not isinstance(expected, bool) else found is expected
