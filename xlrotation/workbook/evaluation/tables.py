"""What names and parts of tables stand for."""

from __future__ import annotations

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Ref, Unsupported
from xlrotation.workbook.evaluation.values import VALUE
from xlrotation.workbook.formulas.references import moved
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.formulas.trees import Node, Structured
from xlrotation.workbook.package.book import Book, ListObject


def definition_tree(definition: str, row: int, column: int) -> Node:
    """What a defined name stands for in a cell.

    Raises:
        Unsupported: It cannot be read.
    """
    try:
        return parse(moved(definition, row - 1, column - 1))
    except FormulaError as error:
        raise Unsupported(f"uses a name whose definition {error}") from None


def table_data(table: ListObject) -> Ref:
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
