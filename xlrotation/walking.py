"""Where the value of a workbook's cell comes from: the formulas that it is made of, down to calls, inputs and data."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlrotation import jobs
from xlrotation.errors import BadArgument
from xlrotation.functions.boundary import spill
from xlrotation.functions.boundary.anyformula import with_room
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.hosted import given
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.explaining.explanation import OFTEN, Explanation, check_explained, explain_answer
from xlrotation.functions.explaining.narrowing import same
from xlrotation.functions.explaining.nativecalls import Calls
from xlrotation.workbook.evaluation.cells import Key
from xlrotation.workbook.evaluation.dependence import Item, items_of
from xlrotation.workbook.evaluation.origins import Origins, Spot
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.formulas.references import cell_name, parse_input
from xlrotation.workbook.package.book import Book, read_book

MOST = 400
"""Cells that are walked."""

_WIDE = 60
"""Cells of one reference whose values are told where no formula feeds them."""


_MANY = 5_000
"""A reference to more cells is walked by the cells that formulas feed."""

Made = tuple[str, Sequence[Any], Cell | Range]
"""A function, its arguments, and what it gave in the workbook."""

_USUAL, _FEWEST = 3, 20
"""Calls on the way that are asked as often as any formula is, and how often many of them are asked at least."""


@dataclass(frozen=True, slots=True)
class Step:
    """A cell on the way.

    Attributes:
        sheet: Its sheet.
        cell: Its name.
        formula: Its formula; empty for an input.
        value: What it shows.
        depth: How many references lie between it and the cell that is explained.
        calls: The worksheet functions that it calls.
    """

    sheet: str
    cell: str
    formula: str
    value: Cell
    depth: int
    calls: tuple[str, ...] = ()


@dataclass(slots=True)
class Walk:
    """The way from a cell to the data.

    Attributes:
        steps: The cells, the nearest first.
        whole: Whether all are there.
        explanation: Of all calls on the way; its value is the cell's.
        problems: Why cells on the way could not be computed.
    """

    steps: list[Step]
    whole: bool
    explanation: Explanation
    problems: list[str] = field(default_factory=list)


def walk(book: Path, cell: str, session: Session, most: int, asof: str | None = None, turns: int = OFTEN) -> Walk:
    """Explain a cell of a workbook.

    Args:
        book: The workbook; it is computed anew, and stays as it is.
        cell: ``Sheet!B7``, or a defined name of one cell.
        session: The functions and their data.
        most: Rows of data that are listed.
        asof: Set the workbook's cell named ``asof``, where it has one.
        turns: As in :func:`xlrotation.functions.explaining.explanation.explain`.

    Raises:
        RotationError: The workbook cannot be read, there is no such cell, or it has no explanation.
    """
    session = session.pinned(apart=True, whole=True)
    evaluation, _, reasons = jobs.evaluated(book, book, session, asof, None, None, office=False)
    held = read_book(book)
    spot = _spot(held, cell, evaluation)
    origins = Origins(book, evaluation)
    items = items_of(held, session.names)
    steps, calls, whole = _steps(held, spot, origins, items, evaluation)
    check_explained([name for name, _, _ in calls])

    def ask(made: Calls) -> Range:
        return [[made(name, arguments)] for name, arguments, _ in calls]  # type: ignore[list-item]

    at = f"{spot[0]}!{cell_name(*spot[1])}"
    names = [name for name, _, _ in calls]
    turns = max(_FEWEST, turns // max(1, _work(calls) // _USUAL))
    explanation = with_room(lambda: explain_answer(session, at, ask, names, most, turns))
    explanation.formula = f"{at} {steps[0].formula}".rstrip()
    explanation.value = steps[0].value
    on_the_way = {(step.sheet, step.cell) for step in steps}
    differing = [
        f"{called.written} gives another value by itself than in the workbook"
        for called, (_, _, wanted) in zip(explanation.calls, calls, strict=False)
        if not same(called.result, wanted)
    ]
    problems = differing + [
        f"{problem.sheet}!{problem.cell}: {problem.reason}"
        for problem in evaluation.problems
        if (problem.sheet, problem.cell) in on_the_way
    ]
    problems += _not_followed(held, steps, origins, items)
    if reason := reasons(*spot):
        explanation.reasons = list(dict.fromkeys([*explanation.reasons, reason]))
    return Walk(steps, whole, explanation, problems)


def _work(calls: Sequence[Made]) -> int:
    """How many single calls there are, those of a range one by one."""
    return sum(max([1, *(len(given) for given in arguments if isinstance(given, list))]) for _, arguments, _ in calls)


def _spot(book: Book, text: str, evaluation: Evaluation) -> Spot:
    """The cell that *text* names."""
    area = parse_input(book.definition(text, None) or text)
    if area is None or area.sheet is None or not area.is_cell:
        raise BadArgument(f"{text!r} names no cell; write it as Sheet!B7, or give a defined name of one cell")
    number = book.index.get(area.sheet.lower())
    if number is None:
        names = ", ".join(sheet.name for sheet in book.sheets)
        raise BadArgument(f"the workbook has no sheet {area.sheet!r}; it has {names}")
    sheet, place = book.sheets[number], (area.row, area.column)
    if place not in evaluation.values.get(sheet.name, {}) and place not in sheet.values:
        raise BadArgument(f"{sheet.name}!{cell_name(*place)} is empty")
    return sheet.name, place


def _item(book: Book, spot: Spot, items: Mapping[Key, Item]) -> Item | None:
    """What the formula in a cell tells of what it depends on."""
    return items.get((book.index[spot[0].lower()], *spot[1]))


def _not_followed(book: Book, steps: Sequence[Step], origins: Origins, items: Mapping[Key, Item]) -> list[str]:
    """What on the way cannot be explained: cells that only computing tells, and values that change by the clock."""
    found = []
    for step in steps:
        place = parse_input(f"A!{step.cell}")
        item = None
        if place is not None:
            item = _item(book, origins.anchor((step.sheet, (place.row, place.column))), items)
        at = f"{step.sheet}!{step.cell}"
        if item is not None and item.computed:
            found.append(f"{at}: refers to cells that only computing tells (INDIRECT, OFFSET), which are not listed")
        if item is not None and item.volatile:
            found.append(f"{at}: changes by the clock or by chance, so that no data explain it")
    return found


def _read_by(book: Book, item: Item, evaluation: Evaluation) -> Iterator[Spot]:
    """The cells that a formula depends on: of names, tables and several sheets those meant.

    Cells that no formula feeds are told where they are few.
    """
    for ref in item.needs:
        sheet = book.sheets[ref.sheet]
        values = evaluation.values.get(sheet.name, {})
        rows, columns = range(ref.top, ref.bottom + 1), range(ref.left, ref.right + 1)
        if ref.size > _MANY:
            yield from ((sheet.name, cell) for cell in values if cell[0] in rows and cell[1] in columns)
            continue
        for cell in ((row, column) for row in rows for column in columns):
            if cell in values or (ref.size <= _WIDE and cell in sheet.values):
                yield sheet.name, cell


def _steps(
    book: Book, spot: Spot, origins: Origins, items: Mapping[Key, Item], evaluation: Evaluation
) -> tuple[list[Step], list[Made], bool]:
    """The cells on the way, the calls in them, each once, and whether that is all."""
    steps: list[Step] = []
    calls: dict[str, Made] = {}
    seen = {origins.anchor(spot)}
    left: deque[tuple[Spot, int]] = deque([(spot, 0)])
    while left and len(steps) < MOST:
        here, depth = left.popleft()
        anchor = origins.anchor(here)
        formula = origins.formula(anchor)
        own = evaluation.calls.get((anchor[0], cell_name(*anchor[1])), [])
        for name, arguments, result in own:
            known = given(evaluation.host, name, arguments) if evaluation.host.date1904 else arguments
            known, result = _of_cell(name, known, result, (here[1][0] - anchor[1][0], here[1][1] - anchor[1][1]))
            calls.setdefault(repr((name.upper(), known)), (name.upper(), known, result))
        value = _value(book, here, evaluation)
        names = tuple(name.upper() for name, _, _ in own)
        shown = formula and "=" + formula.removeprefix("=")
        steps.append(Step(here[0], cell_name(*here[1]), shown, value, depth, names))
        item = _item(book, anchor, items)
        for other in () if item is None else _read_by(book, item, evaluation):
            if origins.anchor(other) not in seen:
                seen.add(origins.anchor(other))
                left.append((other, depth + 1))
                if len(seen) > 20 * MOST:
                    break
    return steps, list(calls.values()), not left


def _of_cell(
    name: str, arguments: Sequence[Any], result: Cell | Range, offset: tuple[int, int]
) -> tuple[Sequence[Any], Cell | Range]:
    """Arguments and result of the one of many calls that fills a cell; of all of them, where it is one call."""
    spec = functions()[name.upper()]
    spread = [] if spec.table or not isinstance(result, list) else spill.places(spec, arguments)
    shape = [len(result), len(result[0])] if isinstance(result, list) else []
    if not spread or offset[0] >= shape[0] or offset[1] >= shape[1]:
        return arguments, result
    ranges = [arguments[place] for place in spread]
    if max(map(len, ranges)) != shape[0] or max(len(cells[0]) for cells in ranges) != shape[1]:
        return arguments, result
    made = list(arguments)
    for place, cells in zip(spread, ranges, strict=True):
        row = cells[offset[0] if len(cells) > 1 else 0]
        made[place] = row[offset[1] if len(row) > 1 else 0]
    assert isinstance(result, list)
    return made, result[offset[0]][offset[1]]


def _value(book: Book, spot: Spot, evaluation: Evaluation) -> Cell:
    sheet, place = spot
    computed = evaluation.values.get(sheet, {})
    if place in computed:
        return computed[place]
    found: Any = book.sheets[book.index[sheet.lower()]].values.get(place)
    return found  # type: ignore[no-any-return]
