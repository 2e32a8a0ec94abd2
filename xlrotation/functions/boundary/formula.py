"""One formula of ours, evaluated without a spreadsheet program.

The formulas that the library itself holds (published figures, sentences of summaries) must give the same in Excel as
where there is no engine for workbooks, as in a browser. They are kept to numbers, texts, ``+ - * / < >``, parentheses,
``TRUE`` and ``FALSE``, constants ``{1,2}``, calls of worksheet functions without empty arguments, and of the native
``AVERAGE`` and ``INDEX``.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Sequence

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary.cells import Cell, Range, result_cell
from xlrotation.market.dates import to_serial
from xlrotation.measures import ties
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.formulas.trees import Binary, Call, Constant, Constants, Node, Unary

Functions = Callable[[str, Sequence[Cell | Range]], Cell | Range]
"""The worksheet functions, called by name and arguments; a :class:`Session` is one."""

_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": ties.difference,
    "*": operator.mul,
    "/": operator.truediv,
    "<": operator.lt,
    ">": operator.gt,
}


def evaluate(formula: str, call: Functions) -> Cell | Range:
    """The value of *formula*, as a cell would show it.

    Args:
        formula: The formula, with or without the leading ``=``.
        call: The worksheet functions.

    Raises:
        BadArgument: It goes beyond what this module reads.
    """
    try:
        node = parse(formula)
    except FormulaError as error:
        raise BadArgument(f"{formula[:60]!r} {error}") from None
    return _value(node, formula, call)


def _value(node: Node | None, formula: str, call: Functions) -> Cell | Range:
    match node:
        case Constant(value=str() | float() | bool() as value):
            return value
        case Unary(sign="-" | "+" as sign, operand=operand):
            number = _number(_value(operand, formula, call))
            return -number if sign == "-" and not isinstance(number, CellError) else number
        case Binary(sign=sign, left=left, right=right) if sign in _OPERATORS:
            first, second = (_number(_value(part, formula, call)) for part in (left, right))
            return _combined(_OPERATORS[sign], first, second)
        case Constants(rows=rows):
            return [list(row) for row in rows]
        case Call(name=name, arguments=parts, book=None):
            arguments = [_value(part, formula, call) for part in parts]
            native = _NATIVE.get(name)
            return native(arguments) if native else call(name, arguments)
    raise BadArgument(f"{formula[:60]!r} holds what is not read here")


def _number(value: Cell | Range) -> float | CellError:
    cell = _cell(value)
    if isinstance(cell, CellError | int | float):
        return cell
    if isinstance(cell, dt.date):
        return to_serial(cell)
    return 0 if cell is None else CellError.VALUE


def _cell(value: Cell | Range) -> Cell:
    if isinstance(value, list):
        return value[0][0] if len(value) == len(value[0]) == 1 else CellError.VALUE
    return value


def _combined(
    combine: Callable[[float, float], float], left: float | CellError, right: float | CellError
) -> float | CellError:
    for operand in (left, right):
        if isinstance(operand, CellError):
            return operand
    try:
        result = result_cell(combine(left, right))  # type: ignore[arg-type]
    except ZeroDivisionError:
        return CellError.DIV0
    except OverflowError:
        return CellError.NUM
    return result if isinstance(result, int | float) else CellError.NUM


def _average(arguments: Sequence[Cell | Range]) -> Cell:
    cells = [cell for value in arguments for row in (value if isinstance(value, list) else [[value]]) for cell in row]
    for cell in cells:
        if isinstance(cell, CellError):
            return cell
    numbers = [cell for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool)]
    return sum(numbers) / len(numbers) if numbers else CellError.DIV0


def _index(arguments: Sequence[Cell | Range]) -> Cell:
    if len(arguments) != 3:
        raise BadArgument("INDEX takes a table, a row and a column")
    table, row, column = arguments[0], _number(arguments[1]), _number(arguments[2])
    if not isinstance(table, list):
        return table if isinstance(table, CellError) else CellError.REF
    for place in (row, column):
        if isinstance(place, CellError):
            return place
    if not (1 <= row <= len(table) and 1 <= column <= len(table[0])):  # type: ignore[operator]
        return CellError.REF
    return table[int(row) - 1][int(column) - 1]  # type: ignore[arg-type]


_NATIVE: dict[str, Callable[[Sequence[Cell | Range]], Cell]] = {"AVERAGE": _average, "INDEX": _index}
