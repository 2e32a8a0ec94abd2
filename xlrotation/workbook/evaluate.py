"""Evaluate a workbook, or one formula, without a spreadsheet program.

Native functions are IronCalc's. Calls of ours are cut out of their formulas, their arguments evaluated as formulas of
their own, and their results put back, level by level: a call is computed when everything that it refers to has been.
What a formula refers to only when it is computed (INDIRECT, OFFSET, spilled cells) is found by looking again
afterwards: calls whose arguments have changed are computed anew until nothing changes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from xlrotation.errors import CellError, RotationError
from xlrotation.workbook import references
from xlrotation.workbook.checks import Checks, unknown_words
from xlrotation.workbook.engine import Cell, Engine, Table, engine_errors
from xlrotation.workbook.evaluation import Caller, Evaluation, Problem, settled
from xlrotation.workbook.graph import Graph, Key
from xlrotation.workbook.nodes import VOLATILE, Node, NodeRunner, inner_first, mention_pattern, parse_nodes
from xlrotation.workbook.package import Formula, Formulas, read_formulas
from xlrotation.workbook.results import collect
from xlrotation.workbook.transitional import readable
from xlrotation.workbook.troubles import too_long, trouble

__all__ = ["Caller", "Evaluation", "Problem", "evaluate_formula", "evaluate_workbook"]

_PLAIN = Formula("plain", "", ours=False)


def evaluate_formula(text: str, caller: Caller) -> Cell | Table:
    """The value of one formula, as the command line shows it.

    Args:
        text: The formula, with or without the leading ``=``.
        caller: Our functions.

    Raises:
        RotationError: It cannot be read, or calls a function that does not exist.
    """
    formula = "=" + text.strip().removeprefix("=")
    if formula == "=":
        raise RotationError("the formula is empty; give one such as =1+1")
    if what := too_long(formula) or trouble(formula):
        raise RotationError(f"{formula} {what}")
    engine = Engine()
    runner = NodeRunner(engine, settled(caller))
    nodes = parse_nodes(formula, (0, 1, 1), {*caller.names, *VOLATILE})
    for node in inner_first(nodes):
        node.native = True
        runner.compute([node])
    if len(nodes) == 1 and nodes[0].is_whole(formula):
        return nodes[0].result
    place = runner.scratch.expression(runner.reduced(formula, nodes))
    engine.evaluate()
    raw = engine.raw_error(*place)
    if raw == "#ERROR!":
        raise RotationError(f"{formula} cannot be read as a formula; check its parentheses and quotes")
    unknown = unknown_words(engine, engine.formula(*place), 0)
    if unknown and raw == "#NAME?":
        raise RotationError(f"no function or name {unknown[0].upper()}; XLR_FUNCTIONS() lists our functions")
    while runner.scratch.is_blocked(place):
        place = runner.scratch.moved(place, runner.reduced(formula, nodes))
        engine.evaluate()
    return runner.scratch.result(place)


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
    with engine_errors(path):
        return _evaluate(path, settled(caller), overrides or {})


def _evaluate(path: Path, caller: Caller, overrides: Mapping[str, Cell]) -> Evaluation:
    book = read_formulas(path, mention_pattern(caller.names))
    with readable(path) if book.foreign else contextlib.nullcontext(path) as source:
        engine = Engine(source, book.date1904)
    result = Evaluation(functions=frozenset(caller.names))
    inputs = {_input_cell(engine, path, name): value for name, value in overrides.items()}
    for (sheet, row, column), value in inputs.items():
        engine.set_value(sheet, row, column, None)
        engine.set_value(sheet, row, column, value)
        result.values.setdefault(engine.sheets[sheet], {})[row, column] = engine.shown(value)
        result.inputs.setdefault(engine.sheets[sheet], set()).add((row, column))
    _Evaluator(engine, caller, book, result, inputs).run()
    return result


def _input_cell(engine: Engine, path: Path, name: str) -> Key:
    area = references.parse_input(engine.definition(name) or name)
    sheet = engine.sheet(area.sheet) if area and area.sheet else None
    if area is None or sheet is None or not area.is_cell:
        raise RotationError(f"{path.name}: {name!r} is neither a defined name of one cell nor a cell such as Inputs!B3")
    return sheet, area.row, area.column


class _Evaluator:
    def __init__(
        self, engine: Engine, caller: Caller, book: Formulas, result: Evaluation, inputs: Mapping[Key, Cell]
    ) -> None:
        self.engine = engine
        self.result = result
        self.runner = NodeRunner(engine, caller)
        self.described: dict[Key, Formula] = {}
        for (name, row, column), formula in book.formulas.items():
            sheet = engine.sheet(name)
            if sheet is not None and (sheet, row, column) not in inputs:
                self.described[sheet, row, column] = formula
        found = engine.formulas(book.places)
        self.texts: dict[Key, str] = {(s, r, c): text for s, r, c, text in found if (s, r, c) not in inputs}
        self.nodes: dict[Key, list[Node]] = {}
        self.checks = Checks(self.runner, self.texts, self.described, result)
        for name, cells, text in book.beside:
            result.problems.append(
                Problem(name, cells, text, "calls our functions outside cells, where they stay unset")
            )
        self._prepare(caller)

    def run(self) -> None:
        """Compute, look again, and collect."""
        graph = Graph(self.engine, self.texts, self.nodes, self._filled())
        for key in graph.circular:
            self.checks.report(key, "refers to itself, directly or through other cells")
            if key in self.nodes:
                del self.nodes[key]
                self._blank_out(key, CellError.REF)
        pending = set(self.nodes)
        for level in graph.levels():
            self.runner.compute(level)
            for key in dict.fromkeys(node.key for node in level):
                if all(node.done for node in self.nodes[key]):
                    self._put_back(key)
                    pending.discard(key)
        for key in pending:  # formulas whose calls are never reached, such as those that cannot be read to their end
            self._put_back(key)
        self._settle()
        collect(self.runner, self.texts, self.nodes, self.described, self.result)
        self.checks.look(self.nodes, self._filled())

    def _prepare(self, caller: Caller) -> None:
        """Find the calls of ours, spell out names, and keep what must not be trusted from being computed."""
        names = {*caller.names, *VOLATILE}
        pattern = mention_pattern(caller.names)
        for key, text in list(self.texts.items()):
            formula = self.described.get(key, _PLAIN)
            if formula.trouble:
                self._distrust(key, formula)
                continue
            if formula.completed:
                self.engine.set_formula(*key, "=" + formula.text)
                text = self.texts[key] = self.engine.formula(*key)
            if formula.ours:
                text = self._base(text, formula)
            expanded = self.runner.rewriter.expanded(text, key)
            if expanded != text and (what := too_long(expanded)):
                self.checks.report(key, f"{what}, once its names are spelled out")
                self._blank_out(key, CellError.VALUE)
                continue
            if formula.ours or (expanded != text and pattern.search(expanded)):
                nodes = parse_nodes(expanded, key, names)
                if nodes:
                    self.texts[key], self.nodes[key] = expanded, nodes
                    self._clear(key, formula)
                    self._blank_out(key, None)
                    continue
            if expanded != text or (formula.kind == "plain" and formula is not _PLAIN and "@" not in text):
                self.texts[key] = expanded
                self._set(key, expanded)

    def _distrust(self, key: Key, formula: Formula) -> None:
        self.checks.report(key, formula.trouble, formula.text)
        self._blank_out(key, CellError.VALUE)

    def _base(self, text: str, formula: Formula) -> str:
        """The text to work with: the file's; IronCalc's where it has put in ``@`` or spelled out a table's columns."""
        understood = text != f"={formula.text}" and not text.startswith("=[")
        if understood and ("@" in text or "[" in formula.text):
            return text
        return "=" + formula.text.removeprefix("=")

    def _clear(self, key: Key, formula: Formula) -> None:
        """Empty what the formula filled when the workbook was saved: it would stand in the way of the result."""
        area = formula.filled
        if area is None or area.is_cell:
            return
        for row in range(area.row, area.last_row + 1):
            for column in range(area.column, area.last_column + 1):
                if (row, column) != key[1:] and (key[0], row, column) not in self.texts:
                    self.engine.set_value(key[0], row, column, None)

    def _filled(self) -> dict[Key, references.Area]:
        areas = {key: formula.array_area or formula.filled for key, formula in self.described.items()}
        return {key: area for key, area in areas.items() if area is not None and not area.is_cell and key in self.texts}

    def _settle(self) -> None:
        """Compute again what depends on cells that a formula names only when computed (INDIRECT, OFFSET, spills)."""
        every = [node for nodes in self.nodes.values() for node in inner_first(nodes)]
        restless: dict[Key, None] = {}
        rounds = 0
        while True:
            self.engine.evaluate()
            changed = self.runner.compute(every)
            if not changed:
                return
            keys = dict.fromkeys(node.key for node in changed)
            restless.update(keys)
            rounds += 1
            if rounds > len(restless) + 2:
                break
            for key in keys:
                self._put_back(key)
        for key in keys:
            self.checks.report(key, "refers to itself, or to a cell that does, through a computed reference")
            self._blank_out(key, CellError.REF)

    def _put_back(self, key: Key) -> None:
        text, nodes = self.texts[key], self.nodes[key]
        whole = nodes[0] if len(nodes) == 1 and nodes[0].is_whole(text) else None
        formula = self.described.get(key, _PLAIN)
        if whole is not None and (not isinstance(whole.result, list) or formula.kind == "plain"):
            value = whole.result[0][0] if isinstance(whole.result, list) else whole.result
            if formula.array_area is None or formula.array_area.is_cell:
                if self.engine.formula(*key):  # what it spilled must go with it
                    self._blank_out(key, None)
                self.engine.set_value(*key, "" if value is None else value)
                return
        self._set(key, self.runner.reduced(text, nodes), any(isinstance(node.result, list) for node in nodes))

    def _set(self, key: Key, text: str, with_table: bool = True) -> None:
        """Put a native formula into a cell: one that is no array formula shows the first value of several."""
        formula = self.described.get(key, _PLAIN)
        if formula.array_area is not None:
            self.engine.set_array(key[0], formula.array_area, text)
        elif formula.kind == "plain" and with_table:
            self.engine.set_array(key[0], references.Area(None, *key[1:], *key[1:]), text)
        else:
            self.engine.set_formula(*key, text)

    def _blank_out(self, key: Key, value: Cell) -> None:
        """Put *value* in the place of a formula and all that it fills."""
        area = self.described.get(key, _PLAIN).array_area or references.Area(None, *key[1:], *key[1:])
        self.engine.clear(key[0], area)
        self.engine.set_value(*key, value)
