"""The reasons that calls gave while a workbook was evaluated, and which of them a cell without a value has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from xlrotation.functions.boundary.hosted import given
from xlrotation.functions.boundary.session import Session
from xlrotation.grid import Cell, Range
from xlrotation.hosts import HostProfile
from xlrotation.workbook.evaluation.origins import Origins, Spot
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.formulas.references import Place, cell_name, parse_area
from xlrotation.workbook.output import figures


class Recorder:
    """The session as a caller, keeping the reason of each call that failed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.names = session.names
        self.reasons: dict[int, str] = {}
        self._host: HostProfile | None = None

    def hosted(self, host: HostProfile) -> Recorder:
        """For a workbook whose cells hold values as *host* does."""
        self._host = host
        return self

    def __call__(self, name: str, arguments: Sequence[Cell | Range]) -> Cell | Range:
        before = self._session.failures[-1] if self._session.failures else None
        known = arguments if self._host is None else given(self._host, name, arguments)
        result = self._session.call(name, *known)
        newest = self._session.failures[-1] if self._session.failures else None
        if newest is not None and newest is not before:
            self.reasons[_identity(name, arguments)] = newest.reason
        return result


class Reasons:
    """Why cells show no value.

    Args:
        copy: The workbook.
        evaluation: What its cells came to.
        recorder: The caller that it was evaluated with.
    """

    def __init__(self, copy: Path, evaluation: Evaluation, recorder: Recorder) -> None:
        self._evaluation, self._recorder = evaluation, recorder
        self._origins = Origins(copy, evaluation)
        self._problems = {(problem.sheet, problem.cell): problem.reason for problem in evaluation.problems}

    def __call__(self, sheet: str, place: Place) -> str:
        """The reason given in the nearest of the cells that a cell comes from; empty where none was."""
        return self._origins.first((sheet, place), self._told, beyond_errors=True)

    def of_error(self, sheet: str, cell: str) -> str:
        """The reason of an error: that of the nearest of the cells that it came from; empty where none was given."""
        return self._origins.first((sheet, _place(cell)), self._told, beyond_errors=self._of_figures(sheet))

    def repeats(self, sheet: str, cell: str) -> bool:
        """Whether a figure shows no more than the error of a cell that it reads, which is told of there."""
        return self._of_figures(sheet) and any(
            map(self._origins.shows_error, self._origins.read_by((sheet, _place(cell))))
        )

    def _of_figures(self, sheet: str) -> bool:
        table = figures.table(self._evaluation)
        return table is not None and sheet.lower() == (table.sheet or "").lower()

    def _told(self, spot: Spot) -> str:
        sheet, cell = spot[0], cell_name(*spot[1])
        calls = self._evaluation.calls.get((sheet, cell), [])
        told = (self._recorder.reasons.get(_identity(name, arguments), "") for name, arguments, _ in calls)
        return next(filter(None, told), "") or self._problems.get((sheet, cell), "")


def _place(cell: str) -> Place:
    area = parse_area(cell)
    assert area is not None, "an evaluation names its cells"
    return area.row, area.column


def _identity(name: str, arguments: Sequence[Cell | Range]) -> int:
    return hash((name, repr(arguments)))


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def by_days(remarks: Iterable[str]) -> list[str]:
    """Remarks, those that differ in one day alone told once: with the first day, the last, and how many there are."""
    found: dict[tuple[str, str], list[str]] = {}
    for remark in remarks:
        day = _DAY.search(remark)
        key = (remark, "") if day is None else (remark[: day.start()], remark[day.end() :])
        found.setdefault(key, []).append("" if day is None else day[0])
    return [
        f"{before}{days[0]}{after}" if len(days) == 1 else f"{before}{min(days)}…{max(days)} ({len(days)}){after}"
        for (before, after), days in found.items()
    ]
