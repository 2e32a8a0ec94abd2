"""The command ``explain``: which data a number is made of, and whether they alone give it again."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from xlrotation.commands.arguments import add_data

if TYPE_CHECKING:
    from xlrotation.functions.boundary.cells import Range
    from xlrotation.functions.explaining.explanation import Explanation
    from xlrotation.walking import Walk

FINE, PROBLEMS = 0, 1
_BOOKS = (".xlsx", ".xlsm")


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_data(parser)
    parser.add_argument("what", metavar="FORMULA|BOOK", help="a formula such as '=RS_STREAK()', or a workbook")
    text = "of a workbook: the cell, as Sheet!B7 or by its defined name"
    parser.add_argument("cell", nargs="?", metavar="CELL", help=text)
    text = "at most so many rows of data (default 60); the first and the last of each column, and how many lie between"
    parser.add_argument("--rows", type=int, default=60, metavar="N", help=text)


def run(options: argparse.Namespace) -> int:
    """Print the explanation; the exit status says whether it holds."""
    from xlrotation.commands.opening import open_session
    from xlrotation.errors import BadArgument

    if not 1 <= options.rows <= 100_000:
        raise BadArgument(f"--rows {options.rows}: give 1 to 100000")
    is_book = Path(options.what).suffix.lower() in _BOOKS and not options.what.startswith("=")
    if is_book != (options.cell is not None):
        if is_book:
            raise BadArgument(f"which cell of {options.what}? give it as Sheet!B7 or by its defined name")
        raise BadArgument(f"{options.what!r} is no workbook (.xlsx, .xlsm); a formula is given alone, in quotes")
    session = open_session(options)
    if not is_book:
        from xlrotation.functions.explaining.explanation import explain

        found = explain(session, options.what, options.rows)
        _print(options.json, session.lang, found, None)
        return _status(found)
    from xlrotation.walking import walk

    way = walk(Path(options.what), options.cell, session, options.rows, options.asof)
    _print(options.json, session.lang, way.explanation, way)
    return PROBLEMS if way.problems else _status(way.explanation)


def _status(found: Explanation) -> int:
    from xlrotation.errors import CellError

    return FINE if found.holds and not isinstance(found.value, CellError) else PROBLEMS


def _print(as_json: bool, lang: str, found: Explanation, way: Walk | None) -> None:
    from xlrotation.functions.boundary.words import word
    from xlrotation.functions.explaining import told
    from xlrotation.terminal import as_table, plain

    if as_json:
        content = told.as_dict(found, lang)
        if way is not None:
            content["cells"] = [
                {
                    "sheet": step.sheet,
                    "cell": step.cell,
                    "formula": step.formula,
                    "value": plain(step.value),
                    "depth": step.depth,
                }
                for step in way.steps
            ]
            content["all_cells"] = way.whole
            content["problems"] = way.problems
        print(json.dumps(content, ensure_ascii=False, default=plain))
        return
    if way is not None:
        steps: Range = [[word("cell", lang), word("value", lang), word("formula", lang)]]
        steps += [
            ["  " * min(step.depth, 10) + f"{step.sheet}!{step.cell}", step.value, step.formula] for step in way.steps
        ]
        print(as_table(steps))
        if not way.whole:
            print(told.more_cells(len(way.steps), lang))
        for problem in way.problems:
            print(problem)
        print()
    rows: Range = [[word(key, lang) for key in told.HEADS], *told.rows(found, lang)]  # type: ignore[list-item]
    print(as_table(rows))
