"""Read the results of an evaluation out of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from xlrotation.workbook.engine import Engine, Table
from xlrotation.workbook.evaluation import Evaluation
from xlrotation.workbook.graph import Key
from xlrotation.workbook.nodes import VOLATILE, Node, NodeRunner, inner_first, mention_pattern
from xlrotation.workbook.package import Formula
from xlrotation.workbook.references import Area, cell_name, parse_area, quoted_sheet
from xlrotation.workbook.troubles import too_long


def collect(
    runner: NodeRunner,
    texts: Iterable[Key],
    nodes: Mapping[Key, list[Node]],
    described: Mapping[Key, Formula],
    result: Evaluation,
) -> None:
    """Fill *result*.

    Args:
        runner: The engine, all computed, and its scratch space.
        texts: The formula cells.
        nodes: The calls of ours by cell.
        described: What the file says of formulas that fill several cells.
        result: What is filled.
    """
    engine = runner.engine
    engine.evaluate()
    sizes = dict(_sizes(runner, described))
    for key in texts:
        sheet, row, column = key
        name = engine.sheets[sheet]
        cells = result.values.setdefault(name, {})
        rows, columns = sizes.get(key, (1, 1))
        if rows * columns == 1:
            cells[row, column] = engine.value(sheet, row, column)
            continue
        for r in range(row, row + rows):
            for c in range(column, column + columns):
                cells[r, c] = engine.value(sheet, r, c)
        result.anchors.setdefault(name, {})[row, column] = (row + rows - 1, column + columns - 1)
    for key, tops in nodes.items():
        made = [(n.name, n.arguments, n.result) for n in inner_first(tops) if n.name not in VOLATILE]
        if made:
            result.calls[engine.sheets[key[0]], cell_name(key[1], key[2])] = made
    _read_names(runner, result)


def _sizes(runner: NodeRunner, described: Mapping[Key, Formula]) -> Iterator[tuple[Key, tuple[int, int]]]:
    """Rows and columns that each array formula fills."""
    asked: dict[Key, tuple[Key, Key]] = {}
    for key, formula in described.items():
        if formula.array_area is not None:
            area = formula.array_area
            yield key, (area.last_row - area.row + 1, area.last_column - area.column + 1)
        elif formula.kind == "dynamic":
            anchor = f"{quoted_sheet(runner.engine.sheets[key[0]])}!{cell_name(key[1], key[2])}#"
            put = runner.scratch.expression
            asked[key] = put(f"=ROWS({anchor})"), put(f"=COLUMNS({anchor})")
    runner.engine.evaluate()
    for key, (rows, columns) in asked.items():
        r, c = runner.engine.value(*rows), runner.engine.value(*columns)
        if isinstance(r, float) and isinstance(c, float):
            yield key, (int(r), int(c))


def _read_names(runner: NodeRunner, result: Evaluation) -> None:
    """What defined names stand for; those that call our functions are left out."""
    engine = runner.engine
    computed: dict[str, Key] = {}
    ours = mention_pattern(result.functions)
    for (scope, name), definition in engine.names.items():
        area = parse_area(definition)
        if area is not None:
            result.names[name] = area
            if scope is None and area.is_cell:
                _read_cell(engine, name, area, result)
            continue
        key: Key = (scope or 0, 1, 1)
        expanded = runner.rewriter.expanded(definition, key)
        if "LAMBDA(" not in expanded.upper() and not ours.search(expanded) and not too_long(expanded):
            computed[name] = runner.scratch.roomy(runner.rewriter.elsewhere(expanded, key))
    engine.evaluate()
    for name, place in computed.items():
        value = runner.scratch.result(place)
        table: Table = value if isinstance(value, list) else [[value]]
        result.names[name] = table


def _read_cell(engine: Engine, name: str, area: Area, result: Evaluation) -> None:
    home = engine.sheet(area.sheet) if area.sheet else None
    if home is not None:
        result.named[name] = engine.value(home, area.row, area.column)
