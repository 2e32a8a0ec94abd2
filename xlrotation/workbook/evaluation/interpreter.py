"""Formulas computed on a workbook's cells, as a spreadsheet computes them.

A plain formula meets a range where it wants one value with the cell in its own row or column; array formulas, formulas
that spill, and arguments that are arrays by nature (SUMPRODUCT, our own functions) take every cell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import (
    FREE_STEPS,
    OMITTED,
    Areas,
    Frame,
    Function,
    Machine,
    Ref,
    Unsupported,
)
from xlrotation.workbook.evaluation.many import ARRAYS, EXACT, combined, in_cells
from xlrotation.workbook.evaluation.operators import (
    _OPERATORS,
    REFERRING,
    all_rows,
    anchored,
    joined,
    noted,
    read,
    ref_parts,
    single,
)
from xlrotation.workbook.evaluation.tables import definition_tree, structured_ref, table_data
from xlrotation.workbook.evaluation.uncomputed import UNCOMPUTED
from xlrotation.workbook.evaluation.values import NUM, VALUE, Fault, Value, to_number
from xlrotation.workbook.formulas.references import cell_name
from xlrotation.workbook.formulas.trees import (
    Apply,
    Binary,
    Call,
    Constant,
    Constants,
    Literal,
    Name,
    Node,
    Reference,
    Slot,
    Structured,
    Unary,
    Union,
)


def evaluate(node: Node, frame: Frame, array: bool) -> Value:
    """The value of a tree; references stay references."""
    return _EVALUATE[type(node)](node, frame, array)


def scalar(node: Node | None, frame: Frame, array: bool) -> Value:
    """The value of a tree with its cells read: a cell's value or rows of them."""
    kind = type(node)
    if kind is Slot and frame.machine.reads is None:  # nearly always, and mostly one cell
        ref: Any = frame.given[node.place]  # type: ignore[union-attr]
        if ref.top == ref.bottom and ref.left == ref.right:
            return frame.machine.world.get(ref.sheet, ref.top, ref.left)
        return read(ref, frame, array)
    if kind is Constant:
        return node.value  # type: ignore[union-attr]
    if kind is Literal:
        return frame.given[node.place]  # type: ignore[union-attr]
    if node is None:
        return None
    value = _EVALUATE[kind](node, frame, array)
    return read(value, frame, array) if type(value) in REFERRING else value


def _constant(node: Constant, _: Frame, __: bool) -> Value:
    return node.value


def _constants(node: Constants, _: Frame, __: bool) -> Value:
    return [list(row) for row in node.rows]


def _sheet(name: str | None, frame: Frame) -> int | None:
    return frame.sheet if name is None else frame.machine.book.index.get(name.lower())


def _reference(node: Reference, frame: Frame, _: bool) -> Value:
    if node.book is not None:
        return _linked(node, frame)
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


def _slot(node: Slot, frame: Frame, _: bool) -> Value:
    ref = frame.given[node.place]
    if frame.machine.reads is not None:
        frame.machine.reads.append(ref)  # type: ignore[arg-type]
    return ref


def _literal(node: Literal, frame: Frame, _: bool) -> Value:
    return frame.given[node.place]


def _linked(node: Reference, frame: Frame) -> Value:
    """Cells of another workbook, as this one keeps them."""
    sheet = frame.machine.book.linked.get((node.book or "", (node.sheet or "").lower()))
    if sheet is None or node.last_sheet is not None:
        raise Unsupported("refers to another workbook; paste those cells as values")
    return Ref(sheet, node.row, node.column, node.last_row, node.last_column)


def _name(node: Name, frame: Frame, _: bool) -> Value:
    lower = node.name.lower()
    if node.sheet is None and lower in frame.scope:
        return frame.scope[lower]
    machine = frame.machine
    book = machine.book
    if node.book is not None:
        raise Unsupported("refers to another workbook; paste those cells as values")
    scope = _sheet(node.sheet, frame)
    definition = None if lower.startswith(ETA) else book.definition(lower, scope)
    if definition is None:
        table = book.tables.get(lower)
        if table is not None:
            return noted(table_data(table), frame)
        native = lower.removeprefix(ETA).upper()
        if native in machine.natives and node.sheet is None:
            return Function((), node, frame, native)
        raise Unsupported(f"uses {node.name}, which the evaluation does not know")
    key = (lower, scope)
    if key in frame.memo:
        value = frame.memo[key]
        if value is _BUSY:
            raise Unsupported(f"uses the name {node.name}, which refers to itself")
        return value
    frame.memo[key] = _BUSY
    machine.step(4)
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

ETA = "_xleta."
"""Stands in files before a native function that is named without being called, as in ``MAP(A1:A3,ABS)``."""


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
        if sign == "-":
            return [[-item if type(item) is float else _negated(item, sign, frame) for item in row] for row in value]
        return [[_negated(item, sign, frame) for item in row] for row in value]
    return _negated(value, sign, frame)


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
    left = operand(node.left, frame, array)
    right = operand(node.right, frame, array)
    if type(left) in ARRAYS or type(right) in ARRAYS:
        return in_cells(combined(sign, left, right, frame))
    return _OPERATORS[sign](left, right, frame)


def operand(node: Node | None, frame: Frame, array: bool) -> Value:
    """As :func:`scalar`, but that an array of numbers may be a :class:`~xlrotation.workbook.evaluation.many.Block`."""
    kind = type(node)
    if kind is Binary and node.sign not in (":", " "):  # type: ignore[union-attr]
        left = operand(node.left, frame, array)  # type: ignore[union-attr]
        return combined(node.sign, left, operand(node.right, frame, array), frame)  # type: ignore[union-attr]
    if kind is Call and node.name in EXACT:  # type: ignore[union-attr]
        return _called(node, frame, array, True)  # type: ignore[arg-type]
    return scalar(node, frame, array)


def _joined(node: Binary, frame: Frame, array: bool) -> Value:
    left = evaluate(node.left, frame, array)
    return joined(node.sign, left, evaluate(node.right, frame, array), frame)


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


def _called(node: Call, frame: Frame, array: bool, block: bool = False) -> Value:
    """What a call gives; *block*: an array of numbers may be one block."""
    machine = frame.machine
    name = node.name
    if name in machine.names:
        return machine.cell(call_ours(node, frame))
    machine.step()
    native = machine.natives.get(name)
    if native is not None and not frame.scope and node.book is None:  # nearly always
        return native.call(node, frame, array, block)
    lower = name.lower()
    if native is not None and lower not in frame.scope:
        if node.book is not None:
            raise Unsupported(f"uses {name} of an add-in, which the evaluation does not know")
        return native.call(node, frame, array, block)
    variable = lower.removeprefix("_xlpm.")
    if variable in frame.scope:
        return apply(frame.scope[variable], [_argument(part, frame) for part in node.arguments], frame)
    if node.book is None and machine.book.definition(name, frame.sheet) is not None:
        function = _name(Name(name), frame, array)
        if isinstance(function, Function):
            return apply(function, [_argument(part, frame) for part in node.arguments], frame)
    raise Unsupported(f"uses {name}, which {UNCOMPUTED.get(name, 'the evaluation does not know')}")


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
    if kind is Literal:
        return frame.given[part.place]  # type: ignore[union-attr]
    machine = frame.machine
    if kind is Slot and machine.reads is None:
        ref: Any = frame.given[part.place]  # type: ignore[union-attr]
        if ref.top == ref.bottom and ref.left == ref.right:
            return machine.world.get(ref.sheet, ref.top, ref.left)
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
    if type(value) is Areas:  # several areas, as one column
        return [[cell] for row in all_rows(value, frame) for cell in row]
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
    if function.native:
        scope = {f"_eta{i}": argument for i, argument in enumerate(arguments)}
        call = Call(function.native, tuple(map(Name, scope)))
        return evaluate(call, frame.with_scope({**frame.scope, **scope}), True)
    if len(arguments) > len(function.parameters):
        return VALUE
    home = function.frame
    depth = frame.depth + 1
    if depth > 1024 // (len(function.parameters) + 1):
        return NUM
    scope = {**home.scope, **dict(zip(function.parameters, arguments, strict=False))}
    scope.update(dict.fromkeys(function.parameters[len(arguments) :], OMITTED))
    frame.machine.step()
    inner = Frame(frame.machine, home.sheet, home.row, home.column, scope, home.memo, depth, home.given)
    return evaluate(function.body, inner, True)


def _apply(node: Apply, frame: Frame, array: bool) -> Value:
    function = evaluate(node.function, frame, array)
    return apply(function, [_argument(part, frame) for part in node.arguments], frame)


_EVALUATE: dict[type, Callable[[Any, Frame, bool], Value]] = {
    Constant: _constant,
    Constants: _constants,
    Reference: _reference,
    Slot: _slot,
    Literal: _literal,
    Name: _name,
    Structured: _structured,
    Unary: _unary,
    Binary: _binary,
    Union: _union,
    Call: _called,
    Apply: _apply,
}


def _last_sum(node: Binary, frame: Frame, array: bool) -> Value:
    """A sum or difference that is the whole formula: where all but the last bits cancel, spreadsheets show zero."""
    left, right = operand(node.left, frame, array), operand(node.right, frame, array)
    result = combined(node.sign, left, right, frame)
    if type(result) is float and type(left) is float and type(right) is float and result != 0.0:
        small = 2.0**-49 * max(abs(left), abs(right))
        return 0.0 if abs(result) < small and left != 0.0 and right != 0.0 else result
    return in_cells(result)


def compute(machine: Machine, node: Node, frame: Frame, array: bool) -> Value:
    """The value of a formula in a cell: a cell's value, rows of them, or a reference."""
    machine.begin()
    machine.calls = []
    try:
        if type(node) is Binary and node.sign in "+-":
            return _last_sum(node, frame, array)
        return evaluate(node, frame, array)
    except Fault as fault:
        return fault.error
    except RecursionError:
        raise Unsupported("calls itself, or nests, too deep") from None
    except MemoryError:
        pass  # said below, when what the formula held is let go: an error on the way would keep it
    finally:
        if machine.steps > FREE_STEPS:
            machine.budget.charge(machine.steps, lambda: _place_of(frame))
    raise Unsupported("needs more memory than there is")


def _place_of(frame: Frame) -> str:
    return f"in {frame.machine.book.sheets[frame.sheet].name}!{cell_name(frame.row, frame.column)}"
