"""What the command line reads and how it prints: arguments, values, tables."""

from __future__ import annotations

import argparse
import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from xlrotation.addresses import is_address, without_keys
from xlrotation.errors import BadArgument
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.hosts import JSON, TERMINAL
from xlrotation.languages import spoken

if TYPE_CHECKING:
    from _typeshed import SupportsWrite


def open_streams() -> None:
    """Make standard streams of what whoever started this has closed; what is printed to them goes nowhere.

    Otherwise the next file that is opened takes the number of one, and ``print`` takes no error stream for the output.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= _LAST_STREAM:
        os.set_inheritable(number, True)
    os.close(number)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8"))


_LAST_STREAM = 2


class Parser(argparse.ArgumentParser):
    """A parser that does not hide that its help cannot be written, and shows no key of an address."""

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        if message and (stream := file or sys.stderr) is not None:
            stream.write(without_keys(message))


def folder(text: str) -> Path:
    """The folder that *text* names.

    Raises:
        argparse.ArgumentTypeError: It is an address.
    """
    if is_address(text):
        raise argparse.ArgumentTypeError(f"{without_keys(text)} is an address, not a folder; batch writes to addresses")
    return Path(text)


def add_exchange(parser: argparse.ArgumentParser) -> None:
    """Declare ``--exchange``, which counts for the whole process."""
    text = "the home exchange, such as XETR: its closing bell is meant by an as-of date (default: New York)"
    parser.add_argument("--exchange", metavar="CODE", help=text)


def language(text: str) -> str:
    """The code of the language that *text* names.

    Raises:
        argparse.ArgumentTypeError: It is not spoken.
    """
    try:
        return spoken(text)
    except BadArgument as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def plain(value: Cell | Range) -> object:
    """A value for JSON; an error is its name."""
    return JSON.write(value)


def shown(value: Cell) -> str:
    """A value as a cell shows it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.10g}"
    return str(TERMINAL.write_cell(value))


def as_table(rows: Range) -> str:
    """Rows in columns that line up."""
    cells = [
        [f"{cell:.6f}" if isinstance(cell, float) and math.isfinite(cell) else shown(cell) for cell in row]
        for row in rows
    ]
    widths = [max(width(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = [
        "  ".join(text + " " * (wide - width(text)) for text, wide in zip(row, widths, strict=True)) for row in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if ord(character) >= 0x2E80 else 1 for character in text)
