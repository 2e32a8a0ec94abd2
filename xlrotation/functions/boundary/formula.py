"""One formula of ours, evaluated without a spreadsheet program.

The formulas that the library itself holds (published figures, sentences of summaries) must give the same in Excel as
where there is no engine for workbooks, as in a browser. They are kept to what a spreadsheet and Python write alike:
numbers, texts, ``+ - * /``, parentheses, ``TRUE`` and ``FALSE``, rows of constants ``{1,2}``, calls of worksheet
functions without empty arguments, and of native ones ``AVERAGE`` and ``INDEX``.
"""

from __future__ import annotations

import ast
import datetime as dt
import functools
import operator
import re
from collections.abc import Callable, Sequence

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary.cells import Cell, Range, result_cell
from xlrotation.market.dates import to_serial
from xlrotation.measures import ties

Call = Callable[[str, Sequence[Cell | Range]], Cell | Range]
"""How a worksheet function is called: name and arguments; a :class:`Session` is one."""

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: ties.difference,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_WORDS = {"TRUE": True, "FALSE": False}
_ONLY_PYTHON = re.compile(r"""[\\']|(?<![(,{])""|""(?![),}])""")
"""What Python would read otherwise than a spreadsheet does: escapes and doubled quotes."""


def evaluate(formula: str, call: Call) -> Cell | Range:
    """The value of *formula*, as a cell would show it.

    Args:
        formula: The formula, with or without the leading ``=``.
        call: The worksheet functions.

    Raises:
        BadArgument: It goes beyond what this module reads.
    """
    return _value(_parsed(formula), call)


@functools.lru_cache(maxsize=1024)
def _parsed(formula: str) -> ast.expr:
    text = formula.strip().removeprefix("=")
    if _ONLY_PYTHON.search(text):
        raise BadArgument(f"{text[:60]!r} holds quotes or escapes that are not read here")
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise BadArgument(f"{text[:60]!r} cannot be read as a formula") from None


def _value(node: ast.expr, call: Call) -> Cell | Range:
    match node:
        case ast.Constant(value=str() | int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.Name(id=name) if name in _WORDS:
            return _WORDS[name]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            number = _number(_value(operand, call))
            return -number if isinstance(sign, ast.USub) and not isinstance(number, CellError) else number
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _combined(_OPERATORS[type(sign)], _number(_value(left, call)), _number(_value(right, call)))
        case ast.Set(elts=parts):
            return [[_cell(_value(part, call)) for part in parts]]
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]):
            arguments = [_value(part, call) for part in parts]
            native = _NATIVE.get(name)
            return native(arguments) if native else call(name, arguments)
    raise BadArgument(f"{ast.unparse(node)[:60]!r} is not read here")


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
