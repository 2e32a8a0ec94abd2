"""What may be entered in a cell: the validations of cells that are set from outside.

A validation holds for what is typed, and a program that fills a workbook types. It is asked as a spreadsheet asks it: a
list that is written out tells capital letters from small ones, one that stands in cells does not; where blanks are let
through, a limit that is blank lets anything through; and a validation that warns at most refuses nothing. What a
validation does not refuse but does not know either is told as a notice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from xlrotation.errors import BadArgument, CellError
from xlrotation.grid import Cell
from xlrotation.languages import Text, remarks
from xlrotation.workbook.evaluation import choices, limits
from xlrotation.workbook.evaluation.cells import Key, Tainted
from xlrotation.workbook.evaluation.machine import Machine, Needs, Unsupported
from xlrotation.workbook.evaluation.outcome import Notice
from xlrotation.workbook.evaluation.rules import value_for
from xlrotation.workbook.evaluation.values import Value
from xlrotation.workbook.formulas.references import Area, cell_name, moved, parse_area, quoted_sheet
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.formulas.trees import Constant, Name, Node, Reference, Unary, children
from xlrotation.workbook.package.book import Book
from xlrotation.workbook.package.rules import Validation

REFUSED = Text("{cell} does not take {value}: {text_why}")
TAKEN = Text("{cell} holds {value}, which its validation lets through, but {text_why}")
UNCHECKED = Text("{cell} holds {value}, which its validation could not be asked about: {text_why}")
SAID = Text("{text_why}; its maker says: {text}")
SEVERAL = Text("several values are refused: {texts}")
BLANK = Text("it must not be blank")
CONDITION = Text("it takes what makes {text} true")
BLANK_LIMIT = Text("the cell that its validation reads is blank")
NO_LIMIT = Text("what its validation reads shows {error}")


class Given(NamedTuple):
    """What is to be entered.

    Attributes:
        name: The cell, as it was named.
        typed: The value, as it was given.
        value: The value, as the cell holds it.
    """

    name: str
    typed: Cell
    value: Value


class Entries:
    """The values that are to be entered in a workbook.

    Attributes:
        values: By cell: what it is to hold; a value that its list or its limits have in another form is theirs.
        notices: What was let through.
    """

    def __init__(self, book: Book, given: Mapping[Key, Given]) -> None:
        self._book, self._given = book, given
        self._rules = {key: [*_of(book, key)] for key in given}
        self.values: dict[Key, Value] = {key: item.value for key, item in given.items()}
        self.notices: list[Notice] = []

    def judge(self, machine: Machine, fixed: bool) -> bool:
        """Judge the values by the validations that read no cell (*fixed*), or by the others.

        Returns:
            Whether a value was replaced by its other form.

        Raises:
            BadArgument: Validations refuse some; the message is a :class:`~xlrotation.languages.Text`.
        """
        before = dict(self.values)
        refused: list[Text] = []
        for key, rules in self._rules.items():
            for entry, offset in rules:
                if fixed == _reads_nothing(entry):
                    refused += self._judged(machine, key, entry, offset)
        if refused:
            raise BadArgument(refused[0] if len(refused) == 1 else SEVERAL.of(texts=remarks(refused)))
        return self.values != before

    def _judged(self, machine: Machine, key: Key, entry: Validation, offset: tuple[int, int] | None) -> Iterator[Text]:
        """The refusals of a validation: none, or one."""
        item = self._given[key]
        try:
            if offset is None:
                raise Unsupported("is for several areas, the first of which is not the uppermost and leftmost")
            found, why = _verdict(machine, key, item, self.values[key], entry, offset)
        except Tainted:
            self._note(key, UNCHECKED, Text("it reads a cell that could not be brought up to date"))
            return
        except (Unsupported, Needs) as error:
            self._note(key, UNCHECKED, f"it {error}" if str(error) else Text("it reads a cell that waits for it"))
            return
        self.values[key] = found
        if why is None:
            return
        if entry.refuses and why is not BLANK_LIMIT:
            said = SAID.of(text_why=why, text=entry.message) if entry.message else why
            yield self._told(key, REFUSED, said)
        else:
            self._note(key, TAKEN, why)

    def _note(self, key: Key, text: Text, why: Text | str) -> None:
        self.notices.append(Notice(self._given[key].name, self._told(key, text, why)))

    def _told(self, key: Key, text: Text, why: Text | str) -> Text:
        item, cell = self._given[key], f"{self._book.sheets[key[0]].name}!{cell_name(*key[1:])}"
        named = item.name.replace("$", "").replace("'", "")
        place = cell if named.lower() == cell.lower() else f"{cell} ({item.name})"
        return text.of(cell=place, value=choices.shown(item.typed), text_why=why)


def _of(book: Book, key: Key) -> Iterator[tuple[Validation, tuple[int, int] | None]]:
    """The validations of a cell, with how far it lies from the cell that their formulas are written for."""
    name = book.sheets[key[0]].name
    for rule in book.rules:
        entry = rule.entry
        if entry is None or entry.kind == "none" or rule.sheet != name or not entry.formulas:
            continue
        areas = [area for part in entry.cells.split() if (area := parse_area(part)) is not None]
        if any(a.row <= key[1] <= a.last_row and a.column <= key[2] <= a.last_column for a in areas):
            yield entry, _offset(areas, key, entry)


def _offset(areas: list[Area], key: Key, entry: Validation) -> tuple[int, int] | None:
    top, left = min(area.row for area in areas), min(area.column for area in areas)
    offset = key[1] - top, key[2] - left
    certain = (areas[0].row, areas[0].column) == (top, left) or all(moved(f, *offset) == f for f in entry.formulas)
    return offset if certain else None


def _reads_nothing(entry: Validation) -> bool:
    return entry.kind != "custom" and all(_constant(_tree(formula)) for formula in entry.formulas)


def _tree(formula: str) -> Node | None:
    try:
        return parse(formula.removeprefix("="))
    except FormulaError:
        return None


def _constant(node: Node | None) -> bool:
    return isinstance(node, Constant) or (isinstance(node, Unary) and _constant(node.operand))


Ask = Callable[[str], Value]


def _verdict(
    machine: Machine, key: Key, item: Given, value: Value, entry: Validation, offset: tuple[int, int]
) -> tuple[Value, Text | None]:
    """The value, in the form that the validation has it, and why it does not take it."""
    if value in (None, ""):
        return value, None if entry.blank else BLANK

    entry = replace(entry, formulas=tuple(moved(formula.removeprefix("="), *offset) for formula in entry.formulas))

    def ask(formula: str) -> Value:
        return value_for(formula, machine, key)

    if entry.kind == "list":
        return _chosen(ask, item, value, entry, machine.book.date1904)
    found, why = _limited(ask, value, entry, machine.book.date1904)
    return found, BLANK_LIMIT if why and _reads_blank(ask, entry) else why


def _limited(ask: Ask, value: Value, entry: Validation, date1904: bool) -> tuple[Value, Text | None]:
    """A value by a condition, or by limits."""
    asked = [ask(formula) for formula in entry.formulas]
    single = [one[0][0] if isinstance(one, list) else one for one in asked]
    error = next((one for one in single if isinstance(one, CellError)), None)
    if entry.kind == "custom":
        held = isinstance(single[0], bool | float) and bool(single[0])
        return value, None if held else CONDITION.of(text=f"={entry.formulas[0]}")
    if error is not None:
        return value, NO_LIMIT.of(error=error.value)
    if entry.blank and None in single:
        return value, BLANK_LIMIT
    return limits.judged(value, entry, [0.0 if one is None else one for one in single], date1904)


def _chosen(ask: Ask, item: Given, value: Value, entry: Validation, date1904: bool) -> tuple[Value, Text | None]:
    node = _tree(entry.formulas[0])
    days = isinstance(item.typed, dt.date)
    if isinstance(node, Constant) and isinstance(node.value, str):
        return choices.of_typed(value, [part.strip(" ") for part in node.value.split(",")], date1904)
    rows = ask(entry.formulas[0])
    cells = [cell for row in rows for cell in row] if isinstance(rows, list) else [rows]
    if len(cells) == 1 and isinstance(cells[0], CellError):
        hangs = _reads_blank(ask, entry)  # on a cell, which is yet to be filled
        return value, BLANK_LIMIT if hangs else NO_LIMIT.of(error=cells[0].value)
    if entry.blank and isinstance(node, Name) and None in cells:
        found, why = choices.of_cells(value, cells, days, date1904)
        return found, why and BLANK_LIMIT
    return choices.of_cells(value, cells, days, date1904)


def _reads_blank(ask: Ask, entry: Validation) -> bool:
    """Whether blanks are let through and a cell that a formula names, by itself, is blank: then anything is."""
    if not entry.blank:
        return False
    named = {one for formula in entry.formulas for one in _single_cells(_tree(formula))}
    return any(ask(one) is None for one in named)


def _single_cells(node: Node | None) -> Iterator[str]:
    """The cells that a formula names by themselves, and its names."""
    if isinstance(node, Name) and node.book is None:
        yield node.name if node.sheet is None else f"{quoted_sheet(node.sheet)}!{node.name}"
    elif isinstance(node, Reference) and node.book is node.last_sheet is None:
        if (node.row, node.column) == (node.last_row, node.last_column):
            cell = cell_name(node.row, node.column)
            yield cell if node.sheet is None else f"{quoted_sheet(node.sheet)}!{cell}"
    elif node is not None:
        for part in children(node):
            yield from _single_cells(part)
