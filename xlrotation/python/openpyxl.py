"""For those who work with openpyxl: ``xlrotation.openpyxl``.

openpyxl keeps of a workbook what it understands. What it does not, :func:`load` tells before it is lost; ``fill`` and
``refresh_book`` of the package itself lose nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import os
import time
import warnings
import weakref
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlrotation import guard, jobs
from xlrotation.errors import BadArgument, BadWorkbook, CellError, take_errors
from xlrotation.grid import Cell
from xlrotation.hosts import HostProfile, known_as
from xlrotation.jobs import Report
from xlrotation.market.condition import few
from xlrotation.outside import told
from xlrotation.python.books import Source, _date_of, _inputs
from xlrotation.python.failures import Remark
from xlrotation.python.losses import losses as _losses
from xlrotation.python.opening import session_of
from xlrotation.workbook.formulas.calls import has_call, mentions
from xlrotation.workbook.formulas.references import cell_name, parse_area
from xlrotation.workbook.output.warnings import rules_that_call

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

    from xlrotation.workbook.evaluation.outcome import Evaluation

__all__ = ["fill", "load", "losses"]

_TOLD: weakref.WeakKeyDictionary[Any, tuple[str, ...]] = weakref.WeakKeyDictionary()
"""What was told of the workbooks that :func:`load` loaded."""


def losses(
    path: str | os.PathLike[str], *, keep_vba: bool = False, rich_text: bool = False, data_only: bool = False
) -> list[str]:
    """What openpyxl would lose of a file by loading and saving it, in words; empty where nothing.

    Args:
        path: The workbook.
        keep_vba: As ``openpyxl.load_workbook`` is told.
        rich_text: As there.
        data_only: As there.

    Raises:
        BadWorkbook: It cannot be read.
    """
    return _losses(Path(path), keep_vba, rich_text, data_only)


def load(
    path: str | os.PathLike[str], *, keep_vba: bool | None = None, rich_text: bool = True, **options: Any
) -> Workbook:
    """Load a workbook with openpyxl, and warn of all that is lost when it is saved over the file.

    Args:
        path: The workbook.
        keep_vba: Keep macros; None: where the name ends in ``.xlsm``.
        rich_text: Keep formats of single words within a cell.
        **options: Others of ``openpyxl.load_workbook``.

    Raises:
        BadWorkbook: It cannot be read.
    """
    import openpyxl

    keep = Path(path).suffix.lower() == ".xlsm" if keep_vba is None else keep_vba
    lost = losses(path, keep_vba=keep, rich_text=rich_text, data_only=bool(options.get("data_only")))
    try:
        with told():
            workbook = openpyxl.load_workbook(path, keep_vba=keep, rich_text=rich_text, **options)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadWorkbook(f"{path}: openpyxl cannot read it ({error})") from error
    for what in lost:
        warnings.warn(f"{Path(path).name}: openpyxl does not keep: {what}", Remark, stacklevel=2)
    take_errors()
    _TOLD[workbook] = tuple(lost)
    return workbook


def fill(
    workbook: Workbook,
    source: Source = None,
    *,
    values: Mapping[str, object] | None = None,
    asof: object = None,
    lang: str | None = None,
    office: bool = False,
) -> Report:
    """Compute our formulas in an open workbook and put their values in their places; nothing is saved.

    A formula that gives a table or several answers spills into the cells beside and below it, which must be empty.
    Formulas that do not call our functions stay as they are, for the spreadsheet program to compute.

    Args:
        workbook: The workbook, as openpyxl has it.
        source: The data: what :func:`xlrotation.open` gave, or what it takes.
        values: Cells to set before, by defined name or as ``"Sheet!A1"``.
        asof: The as-of date, and the workbook's cell named ``asof`` where it has one.
        lang: The language of words, and the workbook's cell named ``lang`` where it has one.
        office: Ask LibreOffice, where it is installed, for formulas that are not computed here.

    Returns:
        What was done, with the reasons of errors and what openpyxl does not keep. Look at ``report.troubled``.

    Raises:
        BadArgument: The workbook has no formulas to compute, or a value is for no cell.
        RotationError: The data or the workbook cannot be read. Nothing in it is changed then.
    """
    _check(workbook)
    began = time.monotonic()
    inputs, day = _inputs(values), _date_of(asof, source)
    session = session_of(source, asof, lang)
    with told(), guard.scratch("xlrotation-openpyxl-") as folder:
        copy = folder / "workbook.xlsx"
        _save_cells(workbook, copy)
        evaluation, report, _ = jobs.evaluated(
            Path("the workbook"), copy, session, day, lang, inputs, office, spill=True
        )
        report.warnings += rules_that_call(evaluation)
    changes = _Changes(workbook, report, evaluation.host)
    for sheet, places in evaluation.inputs.items():
        for place in places:
            changes.put(sheet, place, evaluation.values[sheet][place], None)
    for (sheet, cell), calls in evaluation.calls.items():
        area = parse_area(cell)
        assert area is not None
        first = area.row, area.column
        last = evaluation.anchors.get(sheet, {}).get(first, first)
        given = calls[0][2] if len(calls) == 1 else None
        changes.spill(sheet, first, last, evaluation.values[sheet], given, evaluation.cut.get((sheet, cell)))
    for sheet, first in _without_a_call(workbook, session.names, evaluation):
        last = evaluation.anchors.get(sheet, {}).get(first, first)
        whole = evaluation.cut.get((sheet, cell_name(*first)))
        changes.spill(sheet, first, last, evaluation.values[sheet], None, whole)
    _leave_to_others(
        report, workbook, session.names, {(cell.parent.title, cell.coordinate) for cell, _ in changes.cells}
    )
    changes.make()
    report.warnings += [*_not_numbers(workbook), *_warned(workbook)]
    report.seconds = round(time.monotonic() - began, 3)
    return report


def _without_a_call(
    workbook: Any, names: Collection[str], evaluation: Evaluation
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Formulas with a call of ours that was not needed, such as that of the other branch of an ``IF``."""
    ours = mentions(names)
    failed = {(problem.sheet, problem.cell) for problem in evaluation.problems}
    for sheet in workbook.worksheets:
        values = evaluation.values.get(sheet.title, {})
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f" or (place := (sheet.title, cell.coordinate)) in evaluation.calls:
                    continue
                text = str(getattr(cell.value, "text", cell.value))
                first = cell.row, cell.column
                if first not in values or place in failed or not ours.search(text):
                    continue
                if has_call(text.removeprefix("="), names):
                    yield sheet.title, first


def _not_numbers(workbook: Any) -> list[str]:
    """Cells with NaN or an infinite number, which openpyxl writes, and our formulas read, as blank ones."""
    found = [
        f"{sheet.title}!{cell.coordinate}"
        for sheet in workbook.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, float) and not math.isfinite(cell.value)
    ]
    if not found:
        return []
    return [
        f"{', '.join(few(found, 5))}: NaN or infinite; openpyxl writes a blank cell there, and so our formulas read it"
    ]


def _save_cells(workbook: Any, path: Path) -> None:
    """Save a workbook without its pictures and charts, which take no part; openpyxl can save pictures only once."""
    drawn = [(sheet, sheet._images, sheet._charts) for sheet in workbook.worksheets]
    try:
        for sheet, _, _ in drawn:
            sheet._images, sheet._charts = [], []
        workbook.save(path)
    finally:
        for sheet, images, charts in drawn:
            sheet._images, sheet._charts = images, charts


def _check(workbook: Workbook) -> None:
    if not hasattr(workbook, "worksheets") or not hasattr(workbook, "save"):
        raise BadArgument(f"a {type(workbook).__name__} is no workbook of openpyxl; give what load_workbook gave")
    if getattr(workbook, "read_only", False) or getattr(workbook, "write_only", False):
        raise BadArgument("the workbook is open for reading or for writing alone; load it without that")
    if getattr(workbook, "_data_only", False):
        raise BadArgument("the workbook was loaded with data_only, so it has no formulas; load it without that")


def _at(given: object, row: int, column: int, size: tuple[int, int]) -> Cell:
    """What a function gave for a cell, where the formula shows just that: dates are dates there."""
    if not isinstance(given, list):
        return given if size == (1, 1) else None  # type: ignore[return-value]
    if (len(given), len(given[0])) != size:
        return None
    found: Cell = given[row][column]
    return found


@dataclass(slots=True)
class _Changes:
    """What is to be written, all at the end, so that a workbook is changed whole or not at all."""

    workbook: Any
    report: Report
    host: HostProfile
    cells: list[tuple[Any, object]] = field(default_factory=list)

    def put(self, sheet: str, place: tuple[int, int], value: object, raw: Cell) -> None:
        """Set one cell; a date that the evaluation has as a number is a date again."""
        from openpyxl.styles.numbers import is_date_format
        from openpyxl.utils.datetime import from_excel

        cell = self.workbook[sheet].cell(*place)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if isinstance(raw, dt.date) and self.host.write_cell(raw) == value:
                value = raw.replace(tzinfo=None) if isinstance(raw, dt.datetime) else raw
            elif is_date_format(cell.number_format):
                with contextlib.suppress(ValueError, OverflowError):  # no date, whatever its format
                    value = from_excel(value, self.workbook.epoch)
        self.cells.append((cell, known_as(value).value if isinstance(value, CellError) else value))

    def spill(
        self,
        sheet: str,
        first: tuple[int, int],
        last: tuple[int, int],
        values: Mapping[tuple[int, int], Cell],
        given: object,
        whole: tuple[int, int] | None,
    ) -> None:
        """Set the cells that a formula fills.

        Args:
            sheet: Its sheet.
            first: Its cell.
            last: The last cell that it fills.
            values: What the cells of the sheet come to.
            given: What the one function in it gave; None where there are several.
            whole: Rows and columns of what it gives, where it has room for a part of that alone.
        """
        places = [(row, column) for row in range(first[0], last[0] + 1) for column in range(first[1], last[1] + 1)]
        if any(type(self.workbook[sheet].cell(*place)).__name__ == "MergedCell" for place in places):
            self.report.problems.append(_problem(sheet, first, "has no room to spill: a merged cell is in its way"))
            self.put(sheet, first, CellError.SPILL, None)
            return
        size = last[0] - first[0] + 1, last[1] - first[1] + 1
        if whole is not None and places[1:]:
            reason = (
                f"is an array formula over {size[0]} by {size[1]} cells, and gives {whole[0]} by {whole[1]}: openpyxl "
                "makes such of a formula that spills; write its text into the cell anew"
            )
            self.report.problems.append(_problem(sheet, first, reason))
        for row, column in places:
            self.put(
                sheet, (row, column), values.get((row, column)), _at(given, row - first[0], column - first[1], size)
            )

    def make(self) -> None:
        for cell, value in self.cells:
            text = isinstance(value, str) and value.startswith("=")
            cell.value = value
            if text:
                cell.data_type = "s"  # a text, whatever it looks like


def _leave_to_others(
    report: Report, workbook: Any, names: Collection[str], written: Collection[tuple[str, str]]
) -> None:
    """Report of formulas that do not call ours nothing: the spreadsheet program computes them."""
    ours = mentions(names)

    def is_ours(place: Mapping[str, str]) -> bool:
        try:
            value = workbook[place["sheet"]][place["cell"]].value
        except (KeyError, ValueError, AttributeError):  # a rule, over several areas
            return True
        return (place["sheet"], place["cell"]) in written or bool(ours.search(str(getattr(value, "text", value))))

    report.problems = [problem for problem in report.problems if is_ours(problem)]
    report.errors = [error for error in report.errors if is_ours(error)]
    report.cells = len(written)


def _problem(sheet: str, place: tuple[int, int], reason: str) -> dict[str, str]:
    return {"sheet": sheet, "cell": cell_name(*place), "reason": reason}


def _warned(workbook: Any) -> list[str]:
    """What is not kept, as far as one can know it of an open workbook."""
    known = _TOLD.get(workbook)
    if known is not None:
        return [f"openpyxl does not keep: {what}" for what in known]
    found = []
    if getattr(workbook, "loaded_theme", None) is not None:
        found.append(
            "what openpyxl did not read of the file (shapes, sparklines, slicers, spilling formulas, macros without "
            "keep_vba) is lost when it is saved over it; xlrotation.openpyxl.losses(path) says which"
        )
    if any(getattr(sheet, "_charts", None) for sheet in workbook.worksheets):
        found.append("its charts are written as openpyxl knows them, without the numbers that they show")
    return found
