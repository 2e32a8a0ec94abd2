"""Calls of ours as nodes: read their arguments, compute them, put their results into texts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from xlrotation.errors import CellError
from xlrotation.workbook import calls
from xlrotation.workbook.engine import Cell, Engine, Table
from xlrotation.workbook.graph import Key
from xlrotation.workbook.readers import Expression, Pointed, Reader, Result, plain_reader
from xlrotation.workbook.rewriting import Rewriter, address, indirect_text
from xlrotation.workbook.scratch import Scratch, rectangle

VOLATILE = frozenset({"NOW", "RAND", "RANDARRAY", "RANDBETWEEN", "TODAY"})
"""Native functions that give another value each time; IronCalc is asked once, so that all cells see the same value."""

_CHANCE = VOLATILE - {"NOW", "TODAY"}

Compute = Callable[[str, Sequence["Cell | Table"]], "Cell | Table"]


@dataclass(slots=True, eq=False)
class Node:
    """One call of ours in a cell.

    Attributes:
        key: The cell.
        call: Where it stands in its text: the cell's formula, or an argument of an outer call.
        texts: Its arguments as typed.
        nested: Per argument: the calls inside it.
        level: When it can be computed; see :mod:`xlrotation.workbook.graph`.
        native: Whether its arguments need native formulas to be computed before.
    """

    key: Key
    call: calls.Call
    texts: list[str]
    nested: list[list[Node]]
    level: int = 0
    native: bool = False
    done: bool = False
    arguments: Sequence[Cell | Table] = ()
    result: Cell | Table = None
    readers: list[Reader] | None = None
    expressions: list[Expression] = field(default_factory=list)
    written: tuple[Cell | Table, str] | None = None

    @property
    def name(self) -> str:
        """The function."""
        return self.call.name

    def is_whole(self, formula: str) -> bool:
        """Whether *formula* is this call and nothing else."""
        return formula[: self.call.start].strip() in ("", "=") and not formula[self.call.end :].strip()


def parse_nodes(formula: str, key: Key, names: Collection[str]) -> list[Node]:
    """The calls in *formula*, with those in their arguments below them."""
    nodes = []
    for call in calls.find_calls(formula, names):
        texts = calls.argument_texts(formula, call)
        nested = [parse_nodes(text, key, names) if "(" in text else [] for text in texts]
        nodes.append(Node(key, call, texts, nested))
    return nodes


def inner_first(nodes: Iterable[Node]) -> Iterator[Node]:
    """*nodes* and all below them, each after those inside it."""
    for node in nodes:
        for inner in node.nested:
            yield from inner_first(inner)
        yield node


class NodeRunner:
    """Computes nodes on an engine."""

    def __init__(self, engine: Engine, caller: Compute) -> None:
        self.engine = engine
        self.scratch = Scratch(engine)
        self.rewriter = Rewriter(engine)
        self._caller = caller
        self._memo: dict[object, Cell | Table] = {}

    def compute(self, nodes: Sequence[Node]) -> list[Node]:
        """Compute *nodes* from what the engine holds; returns those whose result changed."""
        self._make_ready(nodes)
        changed = []
        for node in nodes:
            assert node.readers is not None
            arguments = [reader.read() for reader in node.readers]
            if node.done and _frozen(arguments) == _frozen(node.arguments):
                continue
            node.arguments = arguments
            result = rectangle(self._result(node.name, arguments))
            if not node.done or _frozen(result) != _frozen(node.result):
                changed.append(node)
            node.result, node.done = result, True
        return changed

    def reduced(self, text: str, nodes: Sequence[Node]) -> str:
        """*text* with the results of *nodes* in the place of the calls."""
        by_start = {node.call.start: node for node in nodes}
        return calls.replace_calls(
            text, [node.call for node in nodes], lambda call: self._literal(by_start[call.start])
        )

    def _make_ready(self, nodes: Sequence[Node]) -> None:
        """Let the engine compute what the arguments of *nodes* need."""
        expressions = []
        for node in nodes:
            if node.readers is None:
                node.readers = [self._reader(node, i) for i in range(len(node.texts))]
            expressions += node.expressions
        for expression in expressions:
            expression.refresh()
        if expressions or any(node.native for node in nodes):
            self.engine.evaluate()
        else:
            self.engine.evaluate_unread()
        for _ in range(2):
            if not [expression for expression in expressions if expression.give_room()]:
                return
            self.engine.evaluate()

    def _result(self, name: str, arguments: Sequence[Cell | Table]) -> Cell | Table:
        if name in _CHANCE:
            return self._native(name, arguments)
        key = (name, _frozen(arguments))
        if key not in self._memo:
            self._memo[key] = (self._native if name in VOLATILE else self._caller)(name, arguments)
        return self._memo[key]

    def _native(self, name: str, arguments: Sequence[Cell | Table]) -> Cell | Table:
        texts = ["" if value is None else self._written(value) for value in arguments]
        expression = Expression(self.engine, self.scratch, lambda: f"={name}({','.join(texts)})")
        expression.refresh()
        self.engine.evaluate()
        while expression.give_room():
            self.engine.evaluate()
        return expression.read()

    def _literal(self, node: Node) -> str:
        if node.written is None or node.written[0] is not node.result:
            node.written = (node.result, self._written(node.result))
        return node.written[1]

    def _written(self, value: Cell | Table) -> str:
        """*value* as a formula would write it; a table or a long number as a reference to scratch space."""
        if isinstance(value, list):
            return self.scratch.table(value)
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, CellError):
            return value.value
        if isinstance(value, dt.date):
            value = self.engine.serial(value)
        if isinstance(value, int | float):
            if float(f"{value:.15g}") != value:  # IronCalc keeps fifteen digits of a number in a formula
                return self.scratch.number(value)
            return f"({value!r})" if value < 0 else repr(value)
        return '"' + (value or "").replace('"', '""') + '"'

    def _reader(self, node: Node, i: int) -> Reader:
        """What reads argument *i*: straight where it can, else through a scratch formula."""
        text, nested, sheet = node.texts[i], node.nested[i], node.key[0]
        if not nested:
            plain = plain_reader(self.engine, text, sheet)
            if plain is not None:
                return plain
            pointed = indirect_text(text)
            if pointed is not None:
                own = self.rewriter.quoted_home(node.key)
                expression = self._expression(node, address(pointed, own), [])
                return Pointed(self.engine, expression, sheet)
        elif len(nested) == 1 and nested[0].is_whole(text):
            inner = nested[0]
            return Result(lambda: inner.result)
        return self._expression(node, text, nested)

    def _expression(self, node: Node, text: str, nested: Sequence[Node]) -> Expression:
        def formula() -> str:
            return self.rewriter.elsewhere(self.reduced(text, nested), node.key)

        expression = Expression(self.engine, self.scratch, formula)
        node.expressions.append(expression)
        return expression


def _frozen(value: object) -> object:
    """*value* in a form that can be compared and remembered; TRUE is not 1."""
    if isinstance(value, list):
        return tuple([_frozen(item) for item in value])
    return (bool, value) if isinstance(value, bool) else value


def mention_pattern(names: Collection[str]) -> re.Pattern[str]:
    """What finds formulas that have nodes."""
    return calls.mentions([*names, *VOLATILE])
