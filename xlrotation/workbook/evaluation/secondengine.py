"""Formulas that are not computed here, asked of another engine under the same proof.

The other engine gets the workbook twice: as it was stored, and as it is now, each with every formula as its value but
for those in question. Its new value counts only where it gives the stored one on what was stored, and so do all the
formulas in question that it reads. Where a formula in question reads a cell that stays as it was stored, it is not
asked at all.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from xlrotation.workbook.evaluation.cells import Key
from xlrotation.workbook.evaluation.dependence import Dependents, Item
from xlrotation.workbook.evaluation.outcome import Evaluation
from xlrotation.workbook.evaluation.proof import agrees
from xlrotation.workbook.evaluation.values import Value
from xlrotation.workbook.formulas.trees import Call, Name, Reference, Structured, walk
from xlrotation.workbook.package.book import Book, FormulaCell

Formulas = Mapping[str, Mapping[tuple[int, int], FormulaCell]]
"""By sheet and place: the formulas in question."""

Answers = Mapping[str, Mapping[tuple[int, int], Value]]
"""By sheet and place: what an engine gives."""

SecondEngine = Callable[[Path, Sequence[Evaluation], Formulas], "Sequence[Answers] | None"]
"""Takes a workbook, what its formulas hold in each of several states, and the formulas to compute in each; gives the
values by state, or None where it gives none."""

MOST = 20_000
"""Formulas that are asked at most."""


def in_question(
    items: Mapping[Key, Item], problems: Iterable[Key], missing: frozenset[Key], places: Callable[[Item], list[Key]]
) -> dict[Key, Item]:
    """The formulas with a problem that another engine may know."""
    troubled = {key: items[key] for key in problems}
    asked = {key: item for key, item in troubled.items() if key not in missing and _may_be_asked(item)}
    return _without_readers(asked, [item for key, item in troubled.items() if key not in asked], places)


def _may_be_asked(item: Item) -> bool:
    if item.node is None or item.ours or item.volatile or item.computed or item.cell.kind not in ("plain", "array"):
        return False
    from xlrotation.workbook.natives import NATIVES
    from xlrotation.workbook.natives.uncomputed import UNCOMPUTED

    if not all(name in NATIVES or name in UNCOMPUTED for name in item.functions):
        return False
    if any(name.startswith("FORECAST.ETS") for name in item.functions):
        return False  # each program searches for its smoothing in its own way: one value proves no other
    return not any(
        isinstance(node, Reference | Structured | Name | Call) and node.book is not None for node in walk(item.node)
    )


def _without_readers(
    asked: dict[Key, Item], dropped: list[Item], places: Callable[[Item], list[Key]]
) -> dict[Key, Item]:
    """*asked* without those that read a cell of *dropped*, or of one that goes for that reason."""
    readers = Dependents(asked.values())
    left = dict(asked)
    while dropped:
        for place in places(dropped.pop()):
            dropped += [item for item in readers.taken(place) if left.pop(item.key, None) is not None]
    return left


def answers(
    engine: SecondEngine,
    book: Book,
    now: Evaluation,
    items: Mapping[Key, Item],
    asked: dict[Key, Item],
    places: Callable[[Item], list[Key]],
) -> dict[Key, Value]:
    """The new values that another engine gives, of formulas whose stored values it gives too; an array's as rows."""
    if not asked or len(asked) > MOST:
        return {}
    formulas: dict[str, dict[tuple[int, int], FormulaCell]] = {}
    for key, item in asked.items():
        formulas.setdefault(book.sheets[key[0]].name, {})[key[1:]] = item.cell
    found = engine(book.path, [_stored(book, items, places), now], formulas)
    if found is None:
        return {}
    before, after = found
    wrong = [item for item in asked.values() if not _proved(item, before, book) or _value(item, after, book) is _NONE]
    sound = {key: item for key, item in asked.items() if item not in wrong}
    return {key: _value(item, after, book) for key, item in _without_readers(sound, wrong, places).items()}


_NONE = object()


def _proved(item: Item, before: Answers, book: Book) -> bool:
    value = _value(item, before, book)
    return value is not _NONE and agrees(item, value, book.sheets[item.key[0]].values)


def _value(item: Item, found: Answers, book: Book) -> Value:
    sheet, row, column = item.key
    values = found.get(book.sheets[sheet].name, {})
    area = item.cell.area
    if item.cell.kind == "array" and area is not None and not area.is_cell:
        rows = [
            [values.get((r, c), _NONE) for c in range(area.column, area.last_column + 1)]
            for r in range(area.row, area.last_row + 1)
        ]
        return _NONE if any(cell is _NONE for line in rows for cell in line) else rows
    return values.get((row, column), _NONE)


def _stored(book: Book, items: Mapping[Key, Item], places: Callable[[Item], list[Key]]) -> Evaluation:
    """What the file stores, as an evaluation in which nothing was computed."""
    result = Evaluation()
    for key, item in items.items():
        sheet = book.sheets[key[0]]
        shown = result.values.setdefault(sheet.name, {})
        kept = result.kept.setdefault(sheet.name, set())
        for place in places(item):
            shown[place[1:]] = sheet.values.get(place[1:])
            kept.add(place[1:])
    return result


def snapshot(result: Evaluation) -> Evaluation:
    """*result* as it is now, for changes that it must not see."""
    found = copy.copy(result)
    found.values = {sheet: dict(values) for sheet, values in result.values.items()}
    found.kept = {sheet: set(places) for sheet, places in result.kept.items()}
    found.anchors = {sheet: dict(anchors) for sheet, anchors in result.anchors.items()}
    return found
