"""Workbooks from Python: ``xlrotation.fill``, ``export`` and ``refresh_book``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from xlrotation import jobs
from xlrotation.errors import BadArgument, RotationError
from xlrotation.functions.boundary.kinds import DayKind, TextKind
from xlrotation.grid import Cell
from xlrotation.jobs import Report as Report
from xlrotation.market.dates import read_date
from xlrotation.outside import told
from xlrotation.python.arguments import read_argument
from xlrotation.python.calls import Calls
from xlrotation.python.opening import session_of

Source = Calls | str | os.PathLike[str] | None
"""What :func:`xlrotation.open` gave, or what it takes."""

_BOOKS = (".xlsx", ".xlsm")


def fill(
    book: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    values: Mapping[str, object] | None = None,
    asof: object = None,
    lang: str | None = None,
    source: Source = None,
    keep_formulas: bool = False,
    recalculate_on_open: bool = False,
    pdf: bool = False,
    office: bool = True,
) -> Report:
    """Set cells of a workbook, compute it, and write the filled copy.

    Args:
        book: The workbook, which stays as it is.
        out: The copy: a file of the same kind, or a folder that is there, where it gets the workbook's name.
        values: Cells to set, by defined name or as ``"Sheet!A1"``: numbers, texts, dates, truth values, also of numpy.
        asof: The as-of date, and the workbook's cell named ``asof`` where it has one. Nothing later is shown.
        lang: The language of words, and the workbook's cell named ``lang`` where it has one.
        source: The data: what :func:`xlrotation.open` gave, or what it takes.
        keep_formulas: Keep the formulas with their values stored, instead of values alone.
        recalculate_on_open: With formulas kept: tell the copy to recalculate when it opens.
        pdf: Also write a PDF beside it.
        office: Ask LibreOffice, where it is installed, for formulas that are not computed here.

    Returns:
        What was done: the files, the cells that show errors with their reasons, what could not be computed. Look at
        ``report.troubled``.

    Raises:
        RotationError: The data or the workbook cannot be read, a value is for no cell, the copy cannot be written.
    """
    path, target = Path(book), Path(out)
    if target.is_dir():
        target /= path.name
    if target.suffix.lower() != path.suffix.lower():
        raise BadArgument(f"{target}: a copy of {path.name} ends in {path.suffix}; the kind of a workbook stays")
    day = _date_of(asof, source)
    with told():
        return jobs.export(
            *(path, target.parent, session_of(source, asof, lang)),
            keep_formulas=keep_formulas,
            pdf=pdf,
            asof=day,
            lang=lang,
            recalculate_on_open=recalculate_on_open,
            inputs=_inputs(values),
            name=target.stem,
            office=office,
        )


def export(
    books: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    *,
    values: Mapping[str, object] | None = None,
    asof: object = None,
    lang: str | None = None,
    source: Source = None,
    keep_formulas: bool = False,
    recalculate_on_open: bool = False,
    pdf: bool = False,
    csv: bool = False,
    json: bool = False,
    office: bool = True,
) -> list[Report]:
    """Fill workbooks and write the copies into a folder, all of one state of the data, as ``xlrotation export`` does.

    A workbook that fails does not stop the others; its report says why.

    Args:
        books: A workbook, or several.
        folder: Where the copies go.
        values: As of :func:`fill`.
        asof: As there.
        lang: As there.
        source: As there.
        keep_formulas: As there.
        recalculate_on_open: As there.
        pdf: As there.
        csv: Also write every sheet and every named range as CSV.
        json: Also write the values of the named ranges as JSON.
        office: As of :func:`fill`.

    Returns:
        A report for each workbook; ``report.failed`` where it could not be done.

    Raises:
        RotationError: The data cannot be read, or an argument is of no use.
    """
    listed = [Path(books)] if isinstance(books, str | os.PathLike) else [Path(book) for book in books]
    twice = {
        path.name.casefold() for path in listed if [p.name.casefold() for p in listed].count(path.name.casefold()) > 1
    }
    if twice:
        raise BadArgument(f"several workbooks are called {min(twice)}, and their copies would be one file")
    session, day, inputs = session_of(source, asof, lang).pinned(), _date_of(asof, source), _inputs(values)
    reports = []
    for path in listed:
        try:
            with told():
                report = jobs.export(
                    *(path, Path(folder), session),
                    keep_formulas=keep_formulas,
                    pdf=pdf,
                    asof=day,
                    lang=lang,
                    recalculate_on_open=recalculate_on_open,
                    csv=csv,
                    json=json,
                    inputs=inputs,
                    office=office,
                )
        except RotationError as error:
            report = Report(book=str(path), failed=error.message)
        reports.append(report)
    return reports


def refresh_book(
    book: str | os.PathLike[str],
    *,
    values: Mapping[str, object] | None = None,
    asof: object = None,
    lang: str | None = None,
    source: Source = None,
    recalculate_on_open: bool = False,
    office: bool = True,
) -> Report:
    """Store new values beside the formulas of a workbook, in place; everything else in it stays as it is.

    Args:
        book: The workbook. It is replaced whole at the end; whatever happens before, the old one stands.
        values: As of :func:`fill`.
        asof: As there.
        lang: As there.
        source: As there.
        recalculate_on_open: Tell it to recalculate when it opens.
        office: As of :func:`fill`.

    Raises:
        RotationError: As of :func:`fill`.
    """
    session, day = session_of(source, asof, lang), _date_of(asof, source)
    with told():
        return jobs.refresh_book(Path(book), session, day, lang, recalculate_on_open, _inputs(values), office)


def _date_of(asof: object, source: Source) -> str | None:
    """The text that sets the cell named ``asof``: the date given, else the one that the data were opened at."""
    if asof is not None:
        return str(read_date(read_argument(asof, "asof", DayKind())))
    if isinstance(source, Calls) and source.session.asof is not None:
        return str(read_date(source.session.asof))
    return None


def _inputs(values: Mapping[str, object] | None) -> dict[str, Cell]:
    """Values as cells.

    Raises:
        BadArgument: One of them is no single value.
    """
    found: dict[str, Cell] = {}
    given: set[str] = set()
    for name, value in (values or {}).items():
        if not isinstance(name, str) or not name.strip():
            raise BadArgument(f"values: {name!r} is no name of a cell; give a defined name or one such as Inputs!B3")
        if name.strip().replace("$", "").lower() in given:
            raise BadArgument(f"values: {name!r} is given twice; give one value for a cell")
        given.add(name.strip().replace("$", "").lower())
        blank = value is None or (isinstance(value, str) and not value)
        cell = None if blank else read_argument(value, f"values[{name!r}]", TextKind())
        if isinstance(cell, list):
            raise BadArgument(f"values[{name!r}]: a range of cells, where one is set; give a value for each cell")
        found[name.strip()] = cell
    return found
