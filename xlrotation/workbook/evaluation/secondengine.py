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
from xlrotation.workbook.evaluation.uncomputed import UNCOMPUTED
from xlrotation.workbook.evaluation.values import Value
from xlrotation.workbook.formulas.trees import Call, Name, Reference, Structured, walk
from xlrotation.workbook.natives import NATIVES
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


class Asking:
    """What another engine is asked of one workbook.

    Args:
        book: The workbook.
        items: Its formulas.
        now: What they hold by now.
        missing: Those that store no value.
        places: The cells that a formula fills.
    """

    def __init__(
        self,
        book: Book,
        items: Mapping[Key, Item],
        now: Evaluation,
        missing: frozenset[Key],
        places: Callable[[Item], list[Key]],
    ) -> None:
        self._book, self._items, self._now, self._missing, self._places = book, items, now, missing, places

    def answers(self, engine: SecondEngine, problems: Iterable[Key]) -> dict[Key, Value]:
        """The new values that the engine gives of formulas with problems whose stored values it gives too."""
        asked = self._in_question(problems)
        if not asked or len(asked) > MOST:
            return {}
        book = self._book
        formulas: dict[str, dict[tuple[int, int], FormulaCell]] = {}
        for key, item in asked.items():
            formulas.setdefault(book.sheets[key[0]].name, {})[key[1:]] = item.cell
        found = engine(book.path, [self._stored(), self._now], formulas)
        if found is None:
            return {}
        before, after = found
        given = {key: _value(item, after, book) for key, item in asked.items()}
        wrong = [item for key, item in asked.items() if given[key] is _NONE or not _proved(item, before, book)]
        sound = {item.key for item in asked.values()} - {item.key for item in wrong}
        left = self._without_readers({key: asked[key] for key in asked if key in sound}, wrong)
        return {key: given[key] for key in left}

    def _in_question(self, problems: Iterable[Key]) -> dict[Key, Item]:
        """The formulas with a problem that another engine may know."""
        troubled = {key: self._items[key] for key in problems}
        asked = {key: item for key, item in troubled.items() if key not in self._missing and _may_be_asked(item)}
        return self._without_readers(asked, [item for key, item in troubled.items() if key not in asked])

    def _without_readers(self, asked: dict[Key, Item], dropped: list[Item]) -> dict[Key, Item]:
        """*asked* without those that read a cell of *dropped*, or of one that goes for that reason."""
        readers = Dependents(asked.values())
        left = dict(asked)
        while dropped:
            for place in self._places(dropped.pop()):
                dropped += [item for item in readers.taken(place) if left.pop(item.key, None) is not None]
        return left

    def _stored(self) -> Evaluation:
        """What the file stores, as an evaluation in which nothing was computed."""
        result = Evaluation(host=self._now.host)
        for key, item in self._items.items():
            sheet = self._book.sheets[key[0]]
            shown = result.values.setdefault(sheet.name, {})
            kept = result.kept.setdefault(sheet.name, set())
            for place in self._places(item):
                shown[place[1:]] = sheet.values.get(place[1:])
                kept.add(place[1:])
        return result


def _may_be_asked(item: Item) -> bool:
    if item.node is None or item.ours or item.volatile or item.computed or item.cell.kind not in ("plain", "array"):
        return False
    if not all(name in NATIVES or name in UNCOMPUTED for name in item.functions):
        return False
    if any(name.startswith("FORECAST.ETS") for name in item.functions):
        return False  # each program searches for its smoothing in its own way: one value proves no other
    return not any(
        isinstance(node, Reference | Structured | Name | Call) and node.book is not None for node in walk(item.node)
    )


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


def snapshot(result: Evaluation) -> Evaluation:
    """*result* as it is now, for changes that it must not see."""
    found = copy.copy(result)
    found.values = {sheet: dict(values) for sheet, values in result.values.items()}
    found.kept = {sheet: set(places) for sheet, places in result.kept.items()}
    found.anchors = {sheet: dict(anchors) for sheet, anchors in result.anchors.items()}
    return found
