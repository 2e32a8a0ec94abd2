"""The command ``eval``: the values of formulas, and what it says of one that has none."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from xlrotation.addresses import without_keys
from xlrotation.commands.arguments import add_data
from xlrotation.errors import CellError, RotationError

if TYPE_CHECKING:
    from xlrotation.functions.boundary.cells import Cell, Range
    from xlrotation.functions.boundary.session import Session

FINE, PROBLEMS, CANNOT_READ = 0, 1, 2


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_data(parser)
    text = "such as '=RS_STREAK()'; several, or none or - for one on each line of the standard input"
    parser.add_argument("formulas", nargs="*", metavar="FORMULA", help=text)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--raw", action="store_true", help="tables with plain numbers, for programs")
    form.add_argument("--csv", action="store_true", help="print CSV, numbers in full")


def run(options: argparse.Namespace) -> int:
    """Print the values of the formulas; what is wrong, and what it may mean, goes to the error stream."""
    formulas = list(_formulas(options.formulas))
    if not formulas:
        raise RotationError("no formula; give one such as '=RS_STREAK()', or one on each line of the standard input")
    if options.json and (options.csv or options.raw):
        raise RotationError("--json goes with neither --csv nor --raw; give one of them")
    session = _loaded(options, formulas)
    if len(formulas) == 1:
        results: list[Cell | Range] = [_value(formulas[0], session)]
        worst = FINE
    else:
        results, worst = _values(formulas, session)
    if options.json:
        import json

        from xlrotation.terminal import plain

        found = [plain(result) for result in results]
        print(json.dumps(found[0] if len(formulas) == 1 else found, ensure_ascii=False))
    else:
        print(_shown_all(formulas, results, options, session))
    failures = list(session.failures)
    for told in dict.fromkeys(f"{f.function}({f.arguments}) gave {f.error}: {f.reason}" for f in failures):
        print(without_keys(told), file=sys.stderr)
    for remark in session.remarks:
        print(remark, file=sys.stderr)
    if worst != FINE:
        return worst
    return PROBLEMS if failures or any(isinstance(result, CellError) for result in results) else FINE


def _loaded(options: argparse.Namespace, formulas: list[str]) -> Session:
    """A session, and the modules that a formula needs. They stay, so the collector of memory need not look at them."""
    resting = gc.isenabled()
    gc.disable()
    try:
        from xlrotation.commands.opening import open_session
        from xlrotation.workbook.evaluation import onecall

        if not all(map(onecall.is_plain, formulas)):
            from xlrotation.workbook.evaluation import oneformula  # noqa: F401

        session = open_session(options).pinned()
        gc.freeze()
    finally:
        if resting:
            gc.enable()
    return session


def _formulas(given: list[str]) -> Iterator[str]:
    """The formulas given, with those of the standard input in the place of ``-``, or where none is given."""
    for formula in given or ["-"]:
        if formula != "-":
            yield formula
        elif given or not sys.stdin.isatty():
            yield from filter(None, (line.strip("\ufeff \t\r\n") for line in sys.stdin))


def _value(formula: str, session: Session) -> Cell | Range:
    from xlrotation.workbook.evaluation import onecall

    if (found := onecall.called(formula, session)) is not None:
        return found[0]
    from xlrotation.workbook.evaluation.oneformula import evaluate_formula

    try:
        return evaluate_formula(formula, session)
    except RotationError as error:
        from xlrotation.functions.boundary import advice

        if hint := advice.about_formula(formula, session):
            raise RotationError(f"{error.message}; {hint}") from None
        raise


def _values(formulas: list[str], session: Session) -> tuple[list[Cell | Range], int]:
    """Values of several formulas on one state of the data; one that cannot be read does not keep the others back."""
    results: list[Cell | Range] = []
    worst = FINE
    for formula in formulas:
        try:
            results.append(_value(formula, session))
        except RotationError as error:
            print(without_keys(f"{formula}: {error.message}"), file=sys.stderr)
            results.append(CellError.NAME)
            worst = CANNOT_READ
    return results, worst


def _shown_all(formulas: list[str], results: list[Cell | Range], options: argparse.Namespace, session: Session) -> str:
    texts = [_shown(formula, result, options, session) for formula, result in zip(formulas, results, strict=True)]
    if len(texts) == 1:
        return texts[0]
    if all(not isinstance(result, list) for result in results) and not options.csv:
        return "\n".join(texts)
    return "\n\n".join(texts)


def _shown(formula: str, result: Cell | Range, options: argparse.Namespace, session: Session) -> str:
    from xlrotation.terminal import as_table, shown

    if not isinstance(result, list) and not options.csv:
        return shown(result)
    from xlrotation import readable

    rows = result if isinstance(result, list) else [[result]]
    if options.csv:
        return readable.as_csv(rows)
    if options.raw:
        return as_table(rows)
    return readable.table(
        readable.with_names(rows, lambda ticker, lang: session.market().name(ticker, lang)),
        readable.called(formula),
        readable.coloured(sys.stdout),
    )
