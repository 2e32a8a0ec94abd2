"""Evaluate a workbook, or one formula, without a spreadsheet program.

Native functions are IronCalc's. Calls of ours are cut out of their formulas, their arguments evaluated as formulas of
their own, and their results put back, level by level: a call is computed when everything that it refers to has been.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from xlrotation.errors import CellError, RotationError
from xlrotation.workbook import references
from xlrotation.workbook.engine import Cell, Engine, Table
from xlrotation.workbook.graph import Graph, Key
from xlrotation.workbook.nodes import Node, NodeRunner, parse_nodes
from xlrotation.workbook.package import Formula, read_formulas

_UNKNOWN = re.compile(r"(?<![\w.\"'])([a-z_][a-z0-9_.]*)\(")


class Caller(Protocol):
    """Our functions, however they are computed."""

    @property
    def names(self) -> Collection[str]:
        """The names of the functions, in capitals."""

    def __call__(self, name: str, arguments: Sequence[Cell | Table]) -> Cell | Table:
        """Compute a function; never raises."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A formula that could not be computed as a spreadsheet program would."""

    sheet: str
    cell: str
    formula: str
    reason: str


@dataclass(slots=True)
class Evaluation:
    """What a workbook's formulas give.

    Attributes:
        values: By sheet, then (row, column): every formula cell, every cell that a formula spills into, every input
            that was overridden.
        anchors: By sheet: cell of a formula that fills several, and the last row and column that it fills.
        inputs: By sheet: the cells that were overridden.
        named: Values of the defined names that stand for one cell.
        calls: By sheet and cell: the calls of ours there, as (function, arguments, result).
        problems: What could not be computed.
    """

    values: dict[str, dict[tuple[int, int], Cell]] = field(default_factory=dict)
    anchors: dict[str, dict[tuple[int, int], tuple[int, int]]] = field(default_factory=dict)
    inputs: dict[str, set[tuple[int, int]]] = field(default_factory=dict)
    named: dict[str, Cell] = field(default_factory=dict)
    calls: dict[tuple[str, str], list[tuple[str, Sequence[Cell | Table], Cell | Table]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def computed(self) -> int:
        """Number of cells that hold a computed value."""
        return sum(map(len, self.values.values()))

    @property
    def errors(self) -> list[tuple[str, str, CellError]]:
        """Sheet, cell and value of every cell that shows an error."""
        return [
            (sheet, references.cell_name(*place), value)
            for sheet, cells in self.values.items()
            for place, value in cells.items()
            if isinstance(value, CellError)
        ]

    def anchor_of(self, sheet: str, cell: str) -> str:
        """The cell whose formula fills *cell*: itself, or the one that spills into it."""
        area = references.parse_area(cell)
        if area is not None:
            for (row, column), (last_row, last_column) in self.anchors.get(sheet, {}).items():
                if row <= area.row <= last_row and column <= area.column <= last_column:
                    return references.cell_name(row, column)
        return cell


def evaluate_formula(text: str, caller: Caller) -> Cell | Table:
    """The value of one formula, as the command line shows it.

    Args:
        text: The formula, with or without the leading ``=``.
        caller: Our functions.
    """
    formula = "=" + text.strip().removeprefix("=")
    engine = Engine()
    nodes = parse_nodes(formula, (0, 1, 1), caller.names)
    runner = NodeRunner(engine, caller)
    for node in runner.inner_first(nodes):
        runner.compute([node])
    if len(nodes) == 1 and nodes[0].is_whole(formula):
        return nodes[0].result
    place = engine.scratch_formula(runner.reduced(formula, nodes))
    engine.evaluate()
    raw = engine.raw_error(*place)
    if raw == "#ERROR!":
        raise RotationError(f"{text.strip()} cannot be read as a formula; check its parentheses and quotes")
    unknown = _UNKNOWN.findall(engine.formula(*place) or "")
    if unknown and raw == "#NAME?":
        raise RotationError(f"no function {unknown[0].upper()}; XLR_FUNCTIONS() lists ours")
    return engine.spilled(place)


def evaluate_workbook(path: Path | str, caller: Caller, overrides: Mapping[str, Cell] | None = None) -> Evaluation:
    """The values of all formulas of a workbook.

    Args:
        path: The workbook.
        caller: Our functions.
        overrides: Inputs to set before, by defined name or as ``Sheet!A1``.

    Raises:
        BadWorkbook: The file is no workbook that can be read.
        RotationError: An override names no single cell.
    """
    path = Path(path)
    book = read_formulas(path, caller.names)
    engine = Engine(path, book.date1904)
    result = Evaluation()
    for name, value in (overrides or {}).items():
        sheet, row, column = _input_cell(engine, path, name)
        engine.set_value(sheet, row, column, value)
        shown: Cell = engine.serial(value) if isinstance(value, dt.date) else value
        result.values.setdefault(engine.sheets[sheet], {})[row, column] = shown
        result.inputs.setdefault(engine.sheets[sheet], set()).add((row, column))
    _Evaluator(engine, caller, book.formulas, result).run()
    return result


def _input_cell(engine: Engine, path: Path, name: str) -> tuple[int, int, int]:
    area = references.parse_area(engine.names.get((None, name.lower()), name))
    sheet = engine.sheet(area.sheet) if area and area.sheet else None
    if area is None or sheet is None or not area.is_cell:
        raise RotationError(f"{path.name}: {name!r} is neither a defined name of one cell nor a cell such as Inputs!B3")
    return sheet, area.row, area.column


class _Evaluator:
    def __init__(
        self, engine: Engine, caller: Caller, described: Mapping[tuple[str, int, int], Formula], result: Evaluation
    ):
        self.engine = engine
        self.result = result
        self.runner = NodeRunner(engine, caller)
        self.described = {(engine.sheet(s), r, c): formula for (s, r, c), formula in described.items()}
        self.texts: dict[Key, str] = {(s, r, c): text for s, r, c, text in engine.formulas()}
        self.nodes: dict[Key, list[Node]] = {}
        for key, formula in self.described.items():
            if formula.ours and key[0] is not None:
                place: Key = (key[0], key[1], key[2])
                text = formula.text or self.texts.get(place, "")
                self.texts[place] = text if text.startswith("=") else f"={text}"
                self.nodes[place] = parse_nodes(self.texts[place], place, caller.names)
                if formula.filled is not None:
                    engine.clear_spill(place[0], formula.filled)
        self.places: dict[Key, tuple[int, int, int]] = {}

    def run(self) -> None:
        graph = Graph(self.engine, self.texts, self.nodes)
        for key in graph.circular:
            self._problem(key, "refers to itself, directly or through other cells")
        pending: set[Key] = set(self.nodes)
        for level in graph.levels():
            self.engine.evaluate()
            self.runner.compute(level)
            for key in {node.key for node in level}:
                if all(node.done for node in self.runner.inner_first(self.nodes[key])):
                    self._put_back(key)
                    pending.discard(key)
        for key in pending:
            self._put_back(key)
        self._settle()
        for key in graph.circular:
            self.engine.set_value(*key, CellError.REF)
        self._collect()

    def _settle(self) -> None:
        """Compute again what depends on cells that a formula names only when computed (INDIRECT, OFFSET)."""
        every = [node for nodes in self.nodes.values() for node in self.runner.inner_first(nodes)]
        for _ in range(len(every) + 2):
            self.engine.evaluate()
            changed = self.runner.compute(every, only_changed=True)
            if not changed:
                return
            for key in {node.key for node in changed}:
                self._put_back(key)
        for key in {node.key for node in changed}:
            self._problem(key, "refers to itself through a reference that is computed")

    def _put_back(self, key: Key) -> None:
        text, nodes = self.texts[key], self.nodes[key]
        described = self.described[key]
        whole = nodes[0] if len(nodes) == 1 and nodes[0].is_whole(text) else None
        area = described.array_area
        if whole is not None and not isinstance(whole.result, list):
            if area is not None and not area.is_cell:
                self.engine.set_array(key[0], area, f"={self.runner.literal(whole)}")
            else:
                self.engine.set_value(*key, "" if whole.result is None else whole.result)
        elif whole is not None and described.kind == "plain":
            assert isinstance(whole.result, list)
            self.engine.set_value(*key, whole.result[0][0])  # a formula that does not spill shows its first value
        elif area is not None and not area.is_cell:
            self.engine.set_array(key[0], area, self.runner.reduced(text, nodes))
        else:
            self.engine.set_formula(*key, self.runner.reduced(text, nodes))

    def _collect(self) -> None:
        self.engine.evaluate()
        sizes = self._spill_sizes()
        for key in self.texts:
            sheet, row, column = key
            if sheet >= self.engine.own_sheets:
                continue
            name = self.engine.sheets[sheet]
            cells = self.result.values.setdefault(name, {})
            rows, columns = sizes.get(key, (1, 1))
            for r in range(row, row + rows):
                for c in range(column, column + columns):
                    cells[r, c] = self.engine.value(sheet, r, c)
            if rows * columns > 1:
                self.result.anchors.setdefault(name, {})[row, column] = (row + rows - 1, column + columns - 1)
            self._report(key)
        for key, nodes in self.nodes.items():
            made = [(n.name, n.arguments, n.result) for n in self.runner.inner_first(nodes)]
            self.result.calls[self.engine.sheets[key[0]], references.cell_name(key[1], key[2])] = made

        for (scope, name), definition in self.engine.names.items():
            area = references.parse_area(definition)
            home = self.engine.sheet(area.sheet) if area and area.sheet else None
            if scope is None and area is not None and area.is_cell and home is not None:
                self.result.named[name] = self.engine.value(home, area.row, area.column)

    def _spill_sizes(self) -> dict[Key, tuple[int, int]]:
        """Rows and columns that each array formula fills."""
        sizes: dict[Key, tuple[int, int]] = {}
        asked: dict[Key, tuple[tuple[int, int, int], tuple[int, int, int]]] = {}
        for place, formula in self.described.items():
            if place[0] is None or formula.kind == "plain":
                continue
            key: Key = (place[0], place[1], place[2])
            if formula.array_area is not None:
                area = formula.array_area
                sizes[key] = (area.last_row - area.row + 1, area.last_column - area.column + 1)
            else:
                anchor = (
                    f"{references.quoted_sheet(self.engine.sheets[key[0]])}!{references.cell_name(key[1], key[2])}#"
                )
                asked[key] = (
                    self.engine.scratch_formula(f"=ROWS({anchor})"),
                    self.engine.scratch_formula(f"=COLUMNS({anchor})"),
                )
        self.engine.evaluate()
        for key, (rows, columns) in asked.items():
            r, c = self.engine.value(*rows), self.engine.value(*columns)
            if isinstance(r, float) and isinstance(c, float):
                sizes[key] = (int(r), int(c))
        return sizes

    def _report(self, key: Key) -> None:
        """Note what IronCalc computes as an error that a spreadsheet program would not."""
        raw = self.engine.raw_error(*key)
        if raw == "#CIRC!":
            self._problem(key, "refers to itself")
        elif raw == "#ERROR!":
            self._problem(key, "cannot be read as a formula")
        elif raw == "#SPILL!":
            self._problem(key, "has no room to spill: a cell in its way is not empty")
        elif raw in ("#NAME?", "#N/IMPL!"):
            unknown = _UNKNOWN.findall(self.engine.formula(*key) or "")
            if unknown:
                self._problem(
                    key, f"uses {', '.join(word.upper() for word in unknown)}, which the evaluation does not know"
                )

    def _problem(self, key: Key, reason: str) -> None:
        sheet, cell = self.engine.sheets[key[0]], references.cell_name(key[1], key[2])
        if not any(p.sheet == sheet and p.cell == cell for p in self.result.problems):
            self.result.problems.append(Problem(sheet, cell, self.texts[key], reason))
