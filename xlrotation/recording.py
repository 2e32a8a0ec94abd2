"""The reasons that calls gave while a workbook was evaluated, and which of them a cell without a value has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path

from xlrotation.errors import CellError
from xlrotation.functions.boundary.failures import Failure
from xlrotation.functions.boundary.hosted import given
from xlrotation.functions.boundary.reasons import told_in
from xlrotation.functions.boundary.session import Session
from xlrotation.grid import Cell, Range
from xlrotation.hosts import HostProfile
from xlrotation.workbook.evaluation import choices
from xlrotation.workbook.evaluation.entries import REFUSED
from xlrotation.workbook.evaluation.origins import Origins, Spot
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.formulas.references import Area, Place, cell_name, parse_area
from xlrotation.workbook.output import figures
from xlrotation.workbook.output.missing import CHECK


class Recorder:
    """The session as a caller, keeping why calls failed, and what was said of tables that they gave.

    Attributes:
        failures: By call: its failure.
        notes: By call that gave a table: a remark on it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.names = session.names
        self.failures: dict[int, Failure] = {}
        self.notes: dict[int, str] = {}
        self._host: HostProfile | None = None

    def hosted(self, host: HostProfile) -> Recorder:
        """For a workbook whose cells hold values as *host* does."""
        self._host = host
        return self

    def __call__(self, name: str, arguments: Sequence[Cell | Range]) -> Cell | Range:
        before = self._session.failures[-1] if self._session.failures else None
        told = len(self._session.remarks)
        known = arguments if self._host is None else given(self._host, name, arguments)
        result = self._session.call(name, *known)
        came = list(takewhile(lambda failure: failure is not before, reversed(self._session.failures)))
        if came:  # several, of a range: one that has a reason of its own counts before one that has not
            self.failures[_identity(name, arguments)] = min(came, key=_follows)
        elif len(self._session.remarks) > told and isinstance(result, list):
            self.notes[_identity(name, arguments)] = [*self._session.remarks.values()][-1]
        return result


class Reasons:
    """Why cells show no value.

    Args:
        copy: The workbook.
        evaluation: What its cells came to.
        recorder: The caller that it was evaluated with.
        lang: The language of the reasons.
    """

    def __init__(self, copy: Path, evaluation: Evaluation, recorder: Recorder, lang: str) -> None:
        self._evaluation, self._recorder, self._lang = evaluation, recorder, lang
        self._origins = Origins(copy, evaluation)
        self._problems = {(problem.sheet, problem.cell): problem.reason for problem in evaluation.problems}

    def __call__(self, sheet: str, place: Place) -> str:
        """The reason given in the nearest of the cells that a cell comes from; empty where none was."""
        return self._first((sheet, place), True)

    def of_error(self, sheet: str, cell: str) -> str:
        """The reason of an error: that of the nearest of the cells that it came from; empty where none was given."""
        return self._first((sheet, _place(cell)), self._of_figures(sheet))

    def absent(self, sheet: str, place: Place) -> bool:
        """Whether a cell that shows an error does so because data are absent, and not because something is wrong."""
        return self._origins.first((sheet, place), self._kind, beyond_errors=True) == CellError.NA.value

    def _first(self, spot: Spot, beyond: bool) -> str:
        found = self._origins.first(spot, self._told, beyond_errors=beyond)
        if found or not self._origins.shows_error(spot):
            return found
        return self._origins.first(spot, self._repeated)

    def useless(self, lang: str, given: Mapping[str, Cell]) -> str:
        """Why an input that was set is of no use, as a cell of the workbook says of it; empty where none does.

        Args:
            lang: The language to tell it in.
            given: The inputs, by name, as they were typed.
        """
        typed = {name.lower(): value for name, value in given.items()}
        evaluation = self._evaluation
        for name, meant in evaluation.names.items():
            known = evaluation.names.get(name.removeprefix(CHECK)) if name.startswith(CHECK) else None
            if not isinstance(meant, Area) or not isinstance(known, Area) or not known.sheet or not meant.sheet:
                continue
            shown = evaluation.values.get(meant.sheet, {}).get((meant.row, meant.column))
            place = (known.row, known.column)
            if isinstance(shown, CellError) and place in evaluation.inputs.get(known.sheet, ()):
                value = choices.shown(typed.get(name.removeprefix(CHECK), evaluation.values[known.sheet][place]))
                why = self.of_error(meant.sheet, cell_name(meant.row, meant.column)) or shown.value
                cell = f"{known.sheet}!{cell_name(*place)} ({name.removeprefix(CHECK)})"
                return REFUSED.into(lang, cell=cell, value=value, text_why=why)
        return ""

    def repeats(self, sheet: str, cell: str) -> bool:
        """Whether a figure shows no more than the error of a cell that it reads, which is told of there."""
        return self._of_figures(sheet) and any(
            map(self._origins.shows_error, self._origins.read_by((sheet, _place(cell))))
        )

    def _of_figures(self, sheet: str) -> bool:
        table = figures.table(self._evaluation)
        return table is not None and sheet.lower() == (table.sheet or "").lower()

    def _failures(self, spot: Spot) -> Iterator[Failure]:
        for name, arguments, _ in self._evaluation.calls.get((spot[0], cell_name(*spot[1])), []):
            if (failure := self._recorder.failures.get(_identity(name, arguments))) is not None:
                yield failure

    def _told(self, spot: Spot) -> str:
        """The reason of a cell, where it is its own."""
        failures = [failure for failure in self._failures(spot) if not _follows(failure)]
        if failures:
            return failures[0].reason_in(self._lang)
        return self._noted(spot) or told_in(self._problems.get((spot[0], cell_name(*spot[1])), ""), self._lang)

    def _noted(self, spot: Spot) -> str:
        """What was said of a table that has an error in it."""
        for name, arguments, result in self._evaluation.calls.get((spot[0], cell_name(*spot[1])), []):
            note = self._recorder.notes.get(_identity(name, arguments), "")
            if note and isinstance(result, list) and any(isinstance(c, CellError) for row in result for c in row):
                return told_in(note, self._lang)
        return ""

    def _repeated(self, spot: Spot) -> str:
        """The reason of a cell that has but that of others, which is not known."""
        return next((failure.reason_in(self._lang) for failure in self._failures(spot)), "")

    def _kind(self, spot: Spot) -> str:
        """The error of a cell, where it is its own."""
        failures = [failure for failure in self._failures(spot) if not _follows(failure)]
        return failures[0].error.value if failures else CellError.NA.value if self._noted(spot) else ""


_FOLLOWS = re.compile(r"#N/A is no .*|a blank cell in the range of .*|a range without a number, whose cells .*")


def _follows(failure: Failure) -> bool:
    """Whether a call failed of what other cells lack: the reason proper is theirs."""
    return isinstance(failure.told, str) and _FOLLOWS.match(failure.told) is not None


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
