"""Formulas computed on a workbook's cells, as a spreadsheet computes them.

A plain formula meets a range where it wants one value with the cell in its own row or column; array formulas, formulas
that spill, and arguments that are arrays by nature (SUMPRODUCT, our own functions) take every cell.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Protocol

from xlrotation.errors import CellError
from xlrotation.workbook.book import Book, Table
from xlrotation.workbook.references import MAX_COLUMN, MAX_ROW, moved
from xlrotation.workbook.syntax import (
    Apply,
    Binary,
    Call,
    Constant,
    Constants,
    FormulaError,
    Name,
    Node,
    Reference,
    Structured,
    Unary,
    Union,
    parse,
)
from xlrotation.workbook.values import (
    MAX_TEXT,
    NA,
    NUM,
    VALUE,
    Fault,
    Value,
    compared,
    number_of_text,
    serial_of,
    to_bool,
    to_number,
    to_text,
)

MAX_CELLS = 4_000_000
"""Cells of the largest array that is computed."""

MAX_STEPS = 3_000_000
"""Calls and operators that one formula may take; loops of LAMBDA and MAP count."""

Rows = list[list[Value]]
Caller = Callable[[str, Sequence[Any]], Any]


class Unsupported(Exception):
    """A formula that is not computed here, with the reason."""


class Needs(Exception):
    """Cells that have to be computed before."""

    def __init__(self, keys: list[tuple[int, int, int]]) -> None:
        super().__init__()
        self.keys = keys


class Ref:
    """A rectangle of cells of one sheet."""

    __slots__ = ("bottom", "left", "right", "sheet", "top")

    def __init__(self, sheet: int, top: int, left: int, bottom: int, right: int) -> None:
        self.sheet, self.top, self.left, self.bottom, self.right = sheet, top, left, bottom, right

    @property
    def is_cell(self) -> bool:
        """Whether it is one cell."""
        return self.top == self.bottom and self.left == self.right

    @property
    def size(self) -> int:
        """Number of cells."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)


class Areas:
    """Several rectangles, of a union or of several sheets."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Ref]) -> None:
        self.parts = parts


class Function:
    """A LAMBDA with the variables that it sees."""

    __slots__ = ("body", "frame", "parameters")

    def __init__(self, parameters: tuple[str, ...], body: Node, frame: Frame) -> None:
        self.parameters, self.body, self.frame = parameters, body, frame


class World(Protocol):
    """Where the cells are read."""

    def get(self, sheet: int, row: int, column: int) -> Value:
        """A cell's value; None where it is blank."""

    def rows(self, ref: Ref) -> Rows:
        """The values of a rectangle, of whole columns and rows as far as any sheet is used."""

    def used(self, sheet: int) -> tuple[int, int]:
        """The last row and column that a sheet uses."""

    def spilled(self, sheet: int, row: int, column: int) -> Ref | None:
        """The cells that the formula in a cell fills."""

    def formula(self, sheet: int, row: int, column: int) -> str | None:
        """The formula of a cell."""


class Frame:
    """The cell that a formula stands in, and the variables that it has bound."""

    __slots__ = ("column", "depth", "machine", "memo", "row", "scope", "sheet")

    def __init__(
        self,
        machine: Machine,
        sheet: int,
        row: int,
        column: int,
        scope: dict[str, Value] | None = None,
        memo: dict[object, Value] | None = None,
        depth: int = 0,
    ) -> None:
        self.machine, self.sheet, self.row, self.column = machine, sheet, row, column
        self.scope: dict[str, Value] = scope or {}
        self.memo: dict[object, Value] = {} if memo is None else memo
        self.depth = depth

    def with_scope(self, scope: dict[str, Value]) -> Frame:
        """The same cell with other variables."""
        return Frame(self.machine, self.sheet, self.row, self.column, scope, self.memo, self.depth)

    @property
    def date1904(self) -> bool:
        """Whether the workbook counts days from 1904."""
        return self.machine.book.date1904


class Machine:
    """Computes formulas of one workbook on one world of cells."""

    def __init__(self, book: Book, world: World, caller: Caller, names: Collection[str]) -> None:
        from xlrotation.workbook.natives import NATIVES

        self.book, self.world = book, world
        self.names = frozenset(names)
        self.natives = NATIVES
        self.caller = caller
        self.memo: dict[object, Value] = {}
        self.calls: list[tuple[str, Sequence[Any], Any]] = []
        self.steps = 0
        self.reads: list[Ref] | None = None
        self.now: dt.datetime | None = None
        self.exact: dict[object, Any] = {}

    def compute(self, node: Node, sheet: int, row: int, column: int, array: bool) -> Value:
        """The value of a formula in a cell: a cell's value, rows of them, or a reference."""
        self.steps = 0
        self.calls = []
        frame = Frame(self, sheet, row, column)
        try:
            if type(node) is Binary and node.sign in "+-":
                return _last_sum(node, frame, array)
            return evaluate(node, frame, array)
        except Fault as fault:
            return fault.error
        except RecursionError:
            raise Unsupported("calls itself, or nests, too deep") from None
        except MemoryError:
            raise Unsupported("needs more memory than there is") from None

    def step(self, count: int = 1) -> None:
        """Count the work that a formula takes."""
        self.steps += count
        if self.steps > MAX_STEPS:
            raise Unsupported("takes too many steps to be computed")

    def ours(self, name: str, arguments: list[Any]) -> Any:
        """A call of one of our functions."""
        key = (name, frozen(arguments))
        if key in self.memo:
            result = self.memo[key]
        else:
            result = self.caller(name, arguments)
            if isinstance(result, list) and (not result or not result[0]):
                result = CellError.CALC
            self.memo[key] = result
        self.calls.append((name, arguments, result))
        return result

    def cell(self, value: Any) -> Value:
        """What one of our functions gives, as cells hold it."""
        kind = type(value)
        if kind is bool:
            return value
        if kind is float:
            return value if math.isfinite(value) else NA if math.isnan(value) else NUM
        if kind is str:  # a half of a character, which no file can hold, becomes a question mark
            return value if value.isascii() else value.encode("utf-8", "replace").decode()
        if isinstance(value, list):
            return [["" if item is None else self.cell(item) for item in row] for row in value]
        if isinstance(value, dt.date):
            serial = serial_of(value, self.book.date1904)
            return NUM if serial is None else serial
        if isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        return value


def frozen(value: Any) -> object:
    """A value that can be remembered; TRUE is not 1."""
    if isinstance(value, list):
        return tuple([frozen(item) for item in value])
    return (bool, value) if isinstance(value, bool) else value


# ---------------------------------------------------------------------------------------------- evaluation


def evaluate(node: Node, frame: Frame, array: bool) -> Value:
    """The value of a tree; references stay references."""
    return _EVALUATE[type(node)](node, frame, array)


def scalar(node: Node | None, frame: Frame, array: bool) -> Value:
    """The value of a tree with its cells read: a cell's value or rows of them."""
    if node is None:
        return None
    value = _EVALUATE[type(node)](node, frame, array)
    if type(value) is float:
        return value
    return read(value, frame, array)


def read(value: Value, frame: Frame, array: bool) -> Value:
    """Cells in the place of a reference."""
    kind = type(value)
    if kind is Ref:
        if value.top == value.bottom and value.left == value.right:
            return frame.machine.world.get(value.sheet, value.top, value.left)
        if array:
            return frame.machine.world.rows(value)
        met = intersected(value, frame)
        return VALUE if met is None else frame.machine.world.get(met.sheet, met.top, met.left)
    if kind is Areas:
        if len(value.parts) == 1:
            return read(value.parts[0], frame, array)
        return VALUE
    if kind is Function:
        return CellError.CALC
    return value


def intersected(ref: Ref, frame: Frame) -> Ref | None:
    """The cell of a range in the row or column of the formula."""
    if ref.is_cell:
        return ref
    if ref.left == ref.right and ref.top <= frame.row <= ref.bottom:
        return Ref(ref.sheet, frame.row, ref.left, frame.row, ref.left)
    if ref.top == ref.bottom and ref.left <= frame.column <= ref.right:
        return Ref(ref.sheet, ref.top, frame.column, ref.top, frame.column)
    return None


def _constant(node: Constant, _: Frame, __: bool) -> Value:
    return node.value


def _constants(node: Constants, _: Frame, __: bool) -> Value:
    return [list(row) for row in node.rows]


def _sheet(name: str | None, frame: Frame) -> int | None:
    return frame.sheet if name is None else frame.machine.book.index.get(name.lower())


def _reference(node: Reference, frame: Frame, _: bool) -> Value:
    if node.book is not None:
        raise Unsupported("refers to another workbook; paste those cells as values")
    sheet = _sheet(node.sheet, frame)
    if sheet is None:
        return CellError.REF
    if node.last_sheet is None:
        ref = Ref(sheet, node.row, node.column, node.last_row, node.last_column)
        if frame.machine.reads is not None:
            frame.machine.reads.append(ref)
        return ref
    last = _sheet(node.last_sheet, frame)
    if last is None:
        return CellError.REF
    first, last = min(sheet, last), max(sheet, last)
    refs = [Ref(n, node.row, node.column, node.last_row, node.last_column) for n in range(first, last + 1)]
    if frame.machine.reads is not None:
        frame.machine.reads.extend(refs)
    return Areas(refs)


def noted(ref: Ref, frame: Frame) -> Ref:
    """A reference made by a function, noted as read."""
    if frame.machine.reads is not None:
        frame.machine.reads.append(ref)
    return ref


def _name(node: Name, frame: Frame, _: bool) -> Value:
    lower = node.name.lower()
    if node.sheet is None and lower in frame.scope:
        return frame.scope[lower]
    machine = frame.machine
    book = machine.book
    if node.book is not None:
        raise Unsupported("refers to another workbook; paste those cells as values")
    scope = _sheet(node.sheet, frame)
    definition = book.definition(lower, scope)
    if definition is None:
        table = book.tables.get(lower)
        if table is not None:
            return noted(table_data(table), frame)
        raise Unsupported(f"uses {node.name}, which the evaluation does not know")
    key = (lower, scope)
    if key in frame.memo:
        value = frame.memo[key]
        if value is _BUSY:
            raise Unsupported(f"uses the name {node.name}, which refers to itself")
        return value
    frame.memo[key] = _BUSY
    try:
        tree = definition_tree(definition, frame.row, frame.column)
        inner = Frame(machine, frame.sheet, frame.row, frame.column, None, frame.memo, frame.depth)
        value = evaluate(tree, inner, True)
    except Fault as fault:
        value = fault.error
    except BaseException:
        frame.memo.pop(key, None)
        raise
    frame.memo[key] = value
    return value


_BUSY = object()


def definition_tree(definition: str, row: int, column: int) -> Node:
    """What a defined name stands for in a cell.

    Raises:
        Unsupported: It cannot be read.
    """
    try:
        return parse(moved(definition, row - 1, column - 1))
    except FormulaError as error:
        raise Unsupported(f"uses a name whose definition {error}") from None


def table_data(table: Table) -> Ref:
    """The cells of a table between its headers and its totals."""
    area = table.area
    return Ref(table.sheet, area.row + table.headers, area.column, area.last_row - table.totals, area.last_column)


def structured_ref(node: Structured, book: Book, sheet: int, row: int, column: int) -> Ref | CellError:
    """The cells that a part of a table stands for, seen from a cell."""
    if node.book is not None:
        raise Unsupported("refers to another workbook; paste those cells as values")
    if node.table:
        table = book.tables.get(node.table.lower())
    else:
        table = next(
            (
                t
                for t in book.tables.values()
                if t.sheet == sheet
                and t.area.row <= row <= t.area.last_row
                and t.area.column <= column <= t.area.last_column
            ),
            None,
        )
    if table is None:
        raise Unsupported(f"uses the table {node.table or '[...]'}, which the evaluation does not know")
    data = table_data(table)
    left, right = data.left, data.right
    if node.columns:
        lower = [name.lower() for name in table.columns]
        try:
            places = [lower.index(name.lower()) for name in node.columns]
        except ValueError:
            return CellError.REF
        left, right = data.left + min(places), data.left + max(places)
    items = set(node.items) or {"#data"}
    if "#this row" in items:
        if not (table.sheet == sheet and data.top <= row <= data.bottom):
            return VALUE
        return Ref(table.sheet, row, left, row, right)
    spans = {
        "#all": (table.area.row, table.area.last_row),
        "#headers": (table.area.row, data.top - 1),
        "#data": (data.top, data.bottom),
        "#totals": (data.bottom + 1, table.area.last_row),
    }
    top = min(spans[item][0] for item in items)
    bottom = max(spans[item][1] for item in items)
    return CellError.REF if bottom < top else Ref(table.sheet, top, left, bottom, right)


def _structured(node: Structured, frame: Frame, _: bool) -> Value:
    found = structured_ref(node, frame.machine.book, frame.sheet, frame.row, frame.column)
    return noted(found, frame) if isinstance(found, Ref) else found


def _unary(node: Unary, frame: Frame, array: bool) -> Value:
    sign = node.sign
    if sign == "@":
        value = evaluate(node.operand, frame, array)
        return single(value, frame)
    if sign == "#":
        anchor = evaluate(node.operand, frame, array)
        return anchored(anchor, frame)
    value = scalar(node.operand, frame, array)
    if type(value) is float:
        return -value if sign == "-" else value / 100 if sign == "%" else value
    if sign == "+":
        return value
    if isinstance(value, list):
        return [[_negated(item, sign, frame) for item in row] for row in value]
    return _negated(value, sign, frame)


def single(value: Value, frame: Frame) -> Value:
    """What ``@`` makes of a value."""
    if isinstance(value, Ref):
        met = intersected(value, frame)
        return VALUE if met is None else met
    return value[0][0] if isinstance(value, list) else value


def anchored(anchor: Value, frame: Frame) -> Value:
    """The cells that the formula in a cell fills, ``A1#``."""
    if not isinstance(anchor, Ref) or not anchor.is_cell:
        return CellError.REF
    frame.machine.world.get(anchor.sheet, anchor.top, anchor.left)  # computed first
    spilled = frame.machine.world.spilled(anchor.sheet, anchor.top, anchor.left)
    return CellError.REF if spilled is None else noted(spilled, frame)


def _negated(value: Value, sign: str, frame: Frame) -> Value:
    try:
        number = to_number(value, frame.date1904)
    except Fault as fault:
        return fault.error
    return -number if sign == "-" else number / 100


def _binary(node: Binary, frame: Frame, array: bool) -> Value:
    sign = node.sign
    if sign in (":", " "):
        return _joined(node, frame, array)
    left = scalar(node.left, frame, array)
    right = scalar(node.right, frame, array)
    if type(left) is float and type(right) is float:
        return _OPERATORS[sign](left, right, frame)
    if type(left) is list or type(right) is list:
        operator = _OPERATORS[sign]
        return lifted(lambda a, b: operator(a, b, frame), (left, right), frame)
    return _OPERATORS[sign](left, right, frame)


def lifted(function: Callable[..., Value], arguments: Sequence[Value], frame: Frame) -> Rows:
    """*function* applied item by item; a single row or column goes along with every other."""
    shapes = [(len(a), len(a[0])) if isinstance(a, list) else (1, 1) for a in arguments]
    rows = max(shape[0] for shape in shapes)
    columns = max(shape[1] for shape in shapes)
    if rows * columns > MAX_CELLS:
        raise Unsupported(f"computes an array of {rows * columns:,} cells, which is too large here")
    frame.machine.step(rows * columns // 20 + 1)
    found: Rows = []
    for r in range(rows):
        picked: list[Callable[[int], Value]] = []
        line: list[Value] = []
        for c in range(columns):
            items = []
            missing = False
            for argument, (height, width) in zip(arguments, shapes, strict=True):
                if not isinstance(argument, list):
                    items.append(argument)
                    continue
                rr, cc = (r if height > 1 else 0), (c if width > 1 else 0)
                if rr >= height or cc >= width:
                    missing = True
                    break
                items.append(argument[rr][cc])
            if missing:
                line.append(NA)
                continue
            try:
                line.append(function(*items))
            except Fault as fault:
                line.append(fault.error)
        found.append(line)
        del picked
    return found


def _joined(node: Binary, frame: Frame, array: bool) -> Value:
    left = evaluate(node.left, frame, array)
    right = evaluate(node.right, frame, array)
    for value in (left, right):
        if isinstance(value, CellError):
            return value
    lefts, rights = ref_parts(left), ref_parts(right)
    if not lefts or not rights:
        return VALUE
    if node.sign == ":":
        every = [*lefts, *rights]
        if len({ref.sheet for ref in every}) != 1:
            return VALUE
        return noted(
            Ref(
                every[0].sheet,
                min(r.top for r in every),
                min(r.left for r in every),
                max(r.bottom for r in every),
                max(r.right for r in every),
            ),
            frame,
        )
    met = []
    for a in lefts:
        for b in rights:
            top, bottom = max(a.top, b.top), min(a.bottom, b.bottom)
            left_, right_ = max(a.left, b.left), min(a.right, b.right)
            if a.sheet == b.sheet and top <= bottom and left_ <= right_:
                met.append(Ref(a.sheet, top, left_, bottom, right_))
    if not met:
        return CellError.NULL
    return met[0] if len(met) == 1 else Areas(met)


def ref_parts(value: Value) -> list[Ref]:
    """The rectangles of a reference; none where it is something else."""
    if isinstance(value, Ref):
        return [value]
    return value.parts if isinstance(value, Areas) else []


def _union(node: Union, frame: Frame, array: bool) -> Value:
    parts: list[Ref] = []
    for part in node.parts:
        value = evaluate(part, frame, array)
        if isinstance(value, CellError):
            return value
        refs = ref_parts(value)
        if not refs:
            return VALUE
        parts += refs
    return Areas(parts)


def _call(node: Call, frame: Frame, array: bool) -> Value:
    machine = frame.machine
    name = node.name
    if name in machine.names:
        return machine.cell(call_ours(node, frame))
    machine.step()
    native = machine.natives.get(name)
    lower = name.lower()
    if native is not None and lower not in frame.scope:
        if node.book is not None:
            raise Unsupported(f"uses {name} of an add-in, which the evaluation does not know")
        return native.call(node, frame, array)
    variable = lower.removeprefix("_xlpm.")
    if variable in frame.scope:
        return apply(frame.scope[variable], [_argument(part, frame) for part in node.arguments], frame)
    if node.book is None and machine.book.definition(name, frame.sheet) is not None:
        function = _name(Name(name), frame, array)
        if isinstance(function, Function):
            return apply(function, [_argument(part, frame) for part in node.arguments], frame)
    raise Unsupported(f"uses {name}, which the evaluation does not know")


def _argument(part: Node | None, frame: Frame) -> Value:
    return None if part is None else evaluate(part, frame, True)


def call_ours(node: Call, frame: Frame) -> Any:
    """What one of our functions gives, before it becomes a cell's value."""
    return frame.machine.ours(node.name, [our_argument(part, frame) for part in node.arguments])


def our_argument(part: Node | None, frame: Frame) -> Any:
    """An argument for one of our functions: a value, or rows of values."""
    kind = type(part)
    if kind is Constant:
        return part.value  # type: ignore[union-attr]
    if part is None:
        return None
    machine = frame.machine
    if kind is Call and part.name in machine.names:  # type: ignore[union-attr]
        return call_ours(part, frame)  # type: ignore[arg-type]
    if kind is Unary and part.sign == "@":  # type: ignore[union-attr]
        inner = part.operand  # type: ignore[union-attr]
        if isinstance(inner, Call) and inner.name in machine.names:
            return call_ours(inner, frame)
    value = evaluate(part, frame, True)
    if type(value) is Ref and not value.is_cell:
        bottom, right = machine.world.used(value.sheet)
        clipped = Ref(
            value.sheet,
            value.top,
            value.left,
            max(value.top, min(value.bottom, bottom)) if value.size > 100_000 else value.bottom,
            max(value.left, min(value.right, right)) if value.size > 100_000 else value.right,
        )
        return machine.world.rows(clipped)
    value = read(value, frame, True)
    if isinstance(value, list) and len(value) == 1 and len(value[0]) == 1:
        return value[0][0]
    return value


def apply(function: Value, arguments: list[Value], frame: Frame) -> Value:
    """What a LAMBDA gives for arguments."""
    if isinstance(function, CellError):
        return function
    if not isinstance(function, Function):
        return VALUE
    if len(arguments) > len(function.parameters):
        return VALUE
    home = function.frame
    depth = frame.depth + 1
    if depth > 1024 // (len(function.parameters) + 1):
        return NUM
    scope = {**home.scope, **dict(zip(function.parameters, arguments, strict=False))}
    scope.update(dict.fromkeys(function.parameters[len(arguments) :], OMITTED))
    frame.machine.step()
    inner = Frame(frame.machine, home.sheet, home.row, home.column, scope, home.memo, depth)
    return evaluate(function.body, inner, True)


class _Omitted:
    """An argument that a LAMBDA was not given."""


OMITTED = _Omitted()


def _apply(node: Apply, frame: Frame, array: bool) -> Value:
    function = evaluate(node.function, frame, array)
    return apply(function, [_argument(part, frame) for part in node.arguments], frame)


_EVALUATE: dict[type, Callable[[Any, Frame, bool], Value]] = {
    Constant: _constant,
    Constants: _constants,
    Reference: _reference,
    Name: _name,
    Structured: _structured,
    Unary: _unary,
    Binary: _binary,
    Union: _union,
    Call: _call,
    Apply: _apply,
}


# ---------------------------------------------------------------------------------------------- operators


def _finite(value: float) -> Value:
    return value if math.isfinite(value) else NUM


def _pair(a: Value, b: Value, frame: Frame) -> tuple[float, float]:
    date1904 = frame.date1904
    return to_number(a, date1904), to_number(b, date1904)


def _plus(a: Value, b: Value, frame: Frame) -> Value:
    if type(a) is not float or type(b) is not float:
        try:
            a, b = _pair(a, b, frame)
        except Fault as fault:
            return fault.error
    return _finite(a + b)


def _minus(a: Value, b: Value, frame: Frame) -> Value:
    if type(a) is not float or type(b) is not float:
        try:
            a, b = _pair(a, b, frame)
        except Fault as fault:
            return fault.error
    return _finite(a - b)


def _last_sum(node: Binary, frame: Frame, array: bool) -> Value:
    """A sum or difference that is the whole formula: where all but the last bits cancel, spreadsheets show zero."""
    left, right = scalar(node.left, frame, array), scalar(node.right, frame, array)
    operator = _OPERATORS[node.sign]
    if type(left) is list or type(right) is list:
        return lifted(lambda a, b: operator(a, b, frame), (left, right), frame)
    result = operator(left, right, frame)
    if type(result) is float and type(left) is float and type(right) is float and result != 0.0:
        small = 2.0**-49 * max(abs(left), abs(right))
        return 0.0 if abs(result) < small and left != 0.0 and right != 0.0 else result
    return result


def _times(a: Value, b: Value, frame: Frame) -> Value:
    if type(a) is not float or type(b) is not float:
        try:
            a, b = _pair(a, b, frame)
        except Fault as fault:
            return fault.error
    return _finite(a * b)


def _divided(a: Value, b: Value, frame: Frame) -> Value:
    if type(a) is not float or type(b) is not float:
        try:
            a, b = _pair(a, b, frame)
        except Fault as fault:
            return fault.error
    return CellError.DIV0 if b == 0 else _finite(a / b)


def power(a: float, b: float) -> Value:
    """``a^b``."""
    if a == 0:
        return NUM if b == 0 else CellError.DIV0 if b < 0 else 0.0
    try:
        result = a**b
    except OverflowError:
        return NUM
    return NUM if isinstance(result, complex) else _finite(result)


def _powered(a: Value, b: Value, frame: Frame) -> Value:
    try:
        a, b = _pair(a, b, frame)
    except Fault as fault:
        return fault.error
    return power(a, b)


def _concatenated(a: Value, b: Value, _: Frame) -> Value:
    try:
        text = to_text(a) + to_text(b)
    except Fault as fault:
        return fault.error
    return text if len(text) <= MAX_TEXT else VALUE


def _comparison(test: Callable[[int], bool]) -> Callable[[Value, Value, Frame], Value]:
    def compare(a: Value, b: Value, _: Frame) -> Value:
        try:
            return test(compared(a, b))
        except Fault as fault:
            return fault.error

    return compare


_OPERATORS: dict[str, Callable[[Value, Value, Frame], Value]] = {
    "+": _plus,
    "-": _minus,
    "*": _times,
    "/": _divided,
    "^": _powered,
    "&": _concatenated,
    "=": _comparison(lambda order: order == 0),
    "<>": _comparison(lambda order: order != 0),
    "<": _comparison(lambda order: order < 0),
    ">": _comparison(lambda order: order > 0),
    "<=": _comparison(lambda order: order <= 0),
    ">=": _comparison(lambda order: order >= 0),
}


def numbers_in(values: Iterable[Value], frame: Frame) -> list[float]:
    """The numbers that an aggregate takes: of cells and arrays only the numbers, of arguments also what reads as one.

    Raises:
        Fault: An error is among them, or an argument is a text that is no number.
    """
    found: list[float] = []
    for value in values:
        kind = type(value)
        if kind is float:
            found.append(value)
        elif kind is Ref or kind is Areas or kind is list:
            rows = all_rows(value, frame)
            before = len(found)
            found += [item for row in rows for item in row if type(item) is float]
            if len(found) - before < len(rows) * len(rows[0]):
                for row in rows:
                    for item in row:
                        if type(item) is CellError:
                            raise Fault(item)
        elif value is not None:
            found.append(to_number(value, frame.date1904))
        else:
            found.append(0.0)
    return found


def all_rows(value: Value, frame: Frame) -> Rows:
    """The rows of a reference, of several, of an array, or of a single value."""
    kind = type(value)
    if kind is list:
        return value  # type: ignore[no-any-return]
    world = frame.machine.world
    if kind is Ref:
        return world.rows(value)
    if kind is Areas:
        return [row for part in value.parts for row in world.rows(part)]
    return [[value]]


__all__ = ["MAX_COLUMN", "MAX_ROW", "number_of_text", "to_bool"]
