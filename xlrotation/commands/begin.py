"""The command ``begin``: a folder with all that a user works with, from the installed package alone."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from xlrotation.commands.arguments import folder

if TYPE_CHECKING:
    from collections.abc import Iterator

FINE = 0

PRICES = ("^GSPC", "^RUT", "^VIX", "XLK", "XLF", "XLE", "XLU", "XLV")
"""Symbols of the example table."""

_SESSIONS = 260

_JOBS = """\
# xlrotation batch examples/jobs.toml
output = "../reports"                   # beside this file
source = "sample"                       # then "yahoo", or "folder:PATH"
formats = ["json"]                      # besides the workbooks themselves; "pdf" where LibreOffice is installed

[[job]]
books = ["../workbooks/market_breadth.xlsx", "../workbooks/daily_dashboard.xlsx"]
asof = ["2026-01-16"]                   # left out: the newest session
lang = ["en", "zh"]
"""

_README = """\
xlrotation {version}

workbooks/    the report workbooks; one cell switches the language, another the date
excel/        udfs.py, the VBA module and add-in for Excel for Windows (xlrotation addin install sets them up)
examples/     formulas.txt  a formula of each function:  xlrotation eval < examples/formulas.txt
                            (PowerShell: Get-Content examples\\formulas.txt | xlrotation eval)
              jobs.toml     many exports at once:        xlrotation batch examples/jobs.toml
              prices/       a folder of your own data:   xlrotation folder check examples/prices
                            xlrotation eval --source folder:examples/prices "=PX_RET()"

Type the commands in this folder. The sample data, and the prices here, are synthetic and not market data.
To fill a workbook: xlrotation export workbooks/market_breadth.xlsx -o reports --asof 2026-01-16
To fetch market data: xlrotation refresh, then --source yahoo in each command.
"""


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", type=folder, help="a new folder, or an empty one")


def run(options: argparse.Namespace) -> int:
    """Make all of it aside, then put it into the folder; returns the exit status."""
    from xlrotation import guard
    from xlrotation.errors import RotationError
    from xlrotation.outside import sentence

    there: Path = options.folder
    try:
        if there.exists() and (not there.is_dir() or any(there.iterdir())):
            raise RotationError(f"{there} is not empty; name a new folder, so that nothing of yours is replaced")
        there.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RotationError(f"{there}: {sentence(error)}") from None
    with guard.scratch("xlrotation-begin-") as scratch:
        paths = list(_written(scratch))
        for path in paths:
            target = there / path.relative_to(scratch)
            target.parent.mkdir(parents=True, exist_ok=True)
            _copied(path, target)
            print(target)
    return FINE


def _copied(path: Path, target: Path) -> None:
    from xlrotation.files import write_whole

    write_whole(target, path.read_bytes())


def _written(there: Path) -> Iterator[Path]:
    """Write all of it into a folder; what was written, the text to be read first at last."""
    import xlrotation
    from xlrotation.fronts.excel import macros, ribbon, setup
    from xlrotation.functions.boundary.registry import functions
    from xlrotation.reports.templates import build_templates

    yield from build_templates(there / "workbooks")
    excel = there / "excel"
    excel.mkdir()
    for name, render in {**setup.FILES, "customUI14.xml": ribbon.render}.items():
        (excel / name).write_bytes(render().encode("utf-8"))
    macros.build_addin(excel)
    yield from sorted(excel.iterdir())
    examples = {
        "examples/formulas.txt": "".join(f"{spec.example}\n" for spec in functions().values()),
        "examples/jobs.toml": _JOBS,
        "examples/prices/prices.csv": _prices(),
        "README.txt": _README.format(version=xlrotation.__version__),
    }
    for name, text in examples.items():
        path = there / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
        yield path


def _prices() -> str:
    """Closes of the sample, a date column and a column for each symbol."""
    from xlrotation.market.providers import sample

    panel = sample.load()
    columns = [panel.columns[symbol] for symbol in PRICES]
    rows = zip(panel.days[-_SESSIONS:], panel.fields["close"][-_SESSIONS:, columns].tolist(), strict=True)
    lines = [
        f"{day},{','.join('' if value != value else f'{value:.4f}' for value in values)}\n" for day, values in rows
    ]
    return f"Date,{','.join(PRICES)}\n{''.join(lines)}"
