"""Calls of ours as nodes: read their arguments, compute them, put their results into texts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from xlrotation.errors import CELL_ERRORS, CellError
from xlrotation.workbook import calls, references
from xlrotation.workbook.engine import Cell, Engine, Table
from xlrotation.workbook.graph import Key

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_TEXT = re.compile(r'"((?:[^"]|"")*)"')
_OWN_PLACE = re.compile(r"\b(ROW|COLUMN)\(\s*\)", re.IGNORECASE)

Read = Callable[[], "Cell | Table"]


@dataclass(slots=True, eq=False)
class Node:
    """One call of ours in a cell.

    Attributes:
        key: The cell.
        call: Where it stands in *source*.
        source: The text that it is part of: the cell's formula, or an argument of an outer call.
        nested: Per argument: the calls inside it.
    """

    key: Key
    call: calls.Call
    source: str
    texts: list[str]
    nested: list[list[Node]]
    level: int = 0
    done: bool = False
    arguments: Sequence[Cell | Table] = ()
    result: Cell | Table = None
    readers: list[Read] = field(default_factory=list)
    place: tuple[int, int, int] | None = None

    @property
    def name(self) -> str:
        """The function."""
        return self.call.name

    def is_whole(self, formula: str) -> bool:
        """Whether *formula* is this call and nothing else."""
        return not formula[1 : self.call.start].strip() and not formula[self.call.end :].strip()


def parse_nodes(formula: str, key: Key, names: Collection[str]) -> list[Node]:
    """The calls in *formula*, with those in their arguments below them."""
    nodes = []
    for call in calls.find_calls(formula, names):
        texts = calls.argument_texts(formula, call)
        nodes.append(Node(key, call, formula, texts, [parse_nodes(text, key, names) for text in texts]))
    return nodes


class NodeRunner:
    """Computes nodes on an engine."""

    def __init__(self, engine: Engine, caller: Callable[[str, Sequence[Cell | Table]], Cell | Table]) -> None:
        self.engine = engine
        self.caller = caller
        self._memo: dict[object, Cell | Table] = {}

    def inner_first(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """*nodes* and all below them, each after those inside it."""
        for node in nodes:
            for inner in node.nested:
                yield from self.inner_first(inner)
            yield node

    def compute(self, nodes: Sequence[Node], only_changed: bool = False) -> list[Node]:
        """Compute *nodes* from what the engine holds; returns those whose result changed."""
        for node in nodes:
            if not node.readers:
                node.readers = [self._reader(node, i) for i in range(len(node.texts))]
        self.engine.evaluate()
        changed = []
        for node in nodes:
            arguments = [read() for read in node.readers]
            if only_changed and arguments == node.arguments:
                continue
            node.arguments = arguments
            result = self._result(node.name, arguments)
            if not node.done or result != node.result:
                node.result = result
                changed.append(node)
            node.done = True
        return changed

    def _result(self, name: str, arguments: Sequence[Cell | Table]) -> Cell | Table:
        key = (name, *((type(a), a) for a in arguments)) if not any(isinstance(a, list) for a in arguments) else None
        if key is not None and key in self._memo:
            return self._memo[key]
        result = self.caller(name, arguments)
        if key is not None:
            self._memo[key] = result
        return result

    def literal(self, node: Node) -> str:
        """The result of *node* as a formula would write it; a table as a reference to a scratch sheet."""
        value = node.result
        if isinstance(value, list):
            if node.place is None:
                reference, node.place = self.engine.scratch_table(value)
                return reference
            return self.engine.refill(node.place, value)
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, CellError):
            return value.value
        if isinstance(value, dt.date):
            return repr(self.engine.serial(value))
        if isinstance(value, int | float):
            return f"({value!r})" if value < 0 else repr(value)
        return '"' + (value or "").replace('"', '""') + '"'

    def reduced(self, text: str, nodes: Sequence[Node]) -> str:
        """*text* with the results of *nodes* in the place of the calls."""
        by_start = {node.call.start: node for node in nodes}
        return calls.replace_calls(text, [node.call for node in nodes], lambda call: self.literal(by_start[call.start]))

    def _reader(self, node: Node, i: int) -> Read:
        """What reads argument *i* from the engine: straight where it can, else through a scratch formula."""
        text, nested = node.texts[i], node.nested[i]
        sheet = node.key[0]
        if not nested:
            straight = self._straight(text, sheet)
            if straight is not None:
                return straight
        if len(nested) == 1 and nested[0].call.start == 0 and nested[0].call.end == len(text):
            inner = nested[0]
            return lambda: inner.result
        return self._scratch(node, text, nested)

    def _straight(self, text: str, sheet: int) -> Read | None:
        if not text:
            return lambda: None
        if _NUMBER.fullmatch(text):
            number = float(text)
            return lambda: number
        if match := _TEXT.fullmatch(text):
            literal = match[1].replace('""', '"')
            return lambda: literal
        if text.upper() in ("TRUE", "FALSE"):
            flag = text.upper() == "TRUE"
            return lambda: flag
        if text.upper() in CELL_ERRORS:
            error = CELL_ERRORS[text.upper()]
            return lambda: error
        name = text.lower()
        area = references.parse_area(text)
        if area is None:
            definition = self.engine.names.get((sheet, name), self.engine.names.get((None, name)))
            area = references.parse_area(definition) if definition else None
        if area is None:
            return None
        home = sheet if area.sheet is None else self.engine.sheet(area.sheet)
        if home is None:
            return lambda: CellError.REF
        if area.is_cell:
            row, column = area.row, area.column
            return lambda: self.engine.value(home, row, column)
        return lambda: self.engine.values(home, area)

    def _scratch(self, node: Node, text: str, nested: Sequence[Node]) -> Read:
        """Evaluate an argument as a formula of its own, on behalf of the cell that it stands in."""
        prepared = f"={text}"
        shifted = [
            Node(n.key, calls.Call(n.name, n.call.start + 1, n.call.end + 1), prepared, n.texts, n.nested)
            for n in nested
        ]

        def formula() -> str:
            for copy, original in zip(shifted, nested, strict=True):
                copy.result, copy.place = original.result, original.place
            reduced = self.reduced(prepared, shifted)
            for copy, original in zip(shifted, nested, strict=True):
                original.place = copy.place
            return self._at_home(reduced, node.key)

        written = formula()
        place = self.engine.scratch_formula(written)

        def read() -> Cell | Table:
            nonlocal place, written
            now = formula() if nested else written
            if now != written:
                written = now
                self.engine.set_formula(*place, now)
                self.engine.evaluate()
            if self.engine.raw_error(*place) == "#SPILL!":
                self.engine.set_value(*place, None)
                place = self.engine.scratch_formula(written, alone=True)
                self.engine.evaluate()
            return self.engine.spilled(place)

        return read

    def _at_home(self, formula: str, key: Key) -> str:
        """*formula* as it means the same on another sheet: references get the sheet of its cell."""
        own = references.quoted_sheet(self.engine.sheets[key[0]])
        formula = _OWN_PLACE.sub(lambda m: str(key[1] if m[1].upper() == "ROW" else key[2]), formula)
        return references.with_sheet(formula, own)
