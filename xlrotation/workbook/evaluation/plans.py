"""What a workbook's formulas tell whatever its inputs are: read once for all evaluations of the same bytes.

A plan holds the formulas with what each depends on, which of them something changes, and which give the values that
the file stores. All of that follows from the bytes of the file and the names of our functions alone, so evaluations of
the same workbook share it, at one time on several threads too. The work that was counted is counted again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from xlrotation.workbook.evaluation.cells import Key
from xlrotation.workbook.evaluation.dependence import Dependents, Item, items_of
from xlrotation.workbook.evaluation.finishing import has_no_value, note_reads
from xlrotation.workbook.evaluation.machine import FREE_STEPS, Budget, Machine
from xlrotation.workbook.formulas.references import cell_name
from xlrotation.workbook.package.book import Book

_ORDERS = 16
"""Sets of inputs of which it is kept what they change, in the order of computing."""


class Verdict(NamedTuple):
    """Whether a formula gives what the file stores.

    Attributes:
        reason: Why it is not believed; empty where it is.
        steps: What finding that took.
    """

    reason: str
    steps: int


class _Order(NamedTuple):
    """What a set of inputs changes.

    Attributes:
        of_file: In the order of the file, those that may spill before the others.
        before: In the order in which all of it was computed before; None where that is not known.
    """

    of_file: list[Key]
    before: list[Key] | None


class Plan:
    """The formulas of a workbook.

    Args:
        book: The workbook, which nobody changes.
        names: The names of our functions, in capitals.
    """

    def __init__(self, book: Book, names: Collection[str]) -> None:
        self.book = book
        self.items: Mapping[Key, Item] = items_of(book, names)
        self.missing = frozenset(key for key, item in self.items.items() if has_no_value(item, book))
        self.verdicts: dict[Key, Verdict] = {}
        """Of the formulas that were held against their stored values."""
        self._noted: dict[Key, int] = {}
        self._orders: dict[tuple[Key, ...], _Order] = {}
        self._lock = threading.Lock()

    def place_of(self, key: Key) -> str:
        """Where a formula stands, in words."""
        return f"in {self.book.sheets[key[0]].name}!{cell_name(*key[1:])}"

    def charge(self, budget: Budget, key: Key, steps: int) -> None:
        """Count work on a formula that was done before."""
        budget.charge(steps, lambda: self.place_of(key))

    def verdict(self, key: Key, budget: Budget) -> Verdict | None:
        """What was found of a formula, the work counted again; None where that is not known, or is too much now."""
        known = self.verdicts.get(key)
        if known is not None and known.steps > FREE_STEPS:
            if not budget.allows(known.steps):
                return None
            self.charge(budget, key, known.steps)
        return known

    def changed(
        self,
        inputs: Mapping[Key, object],
        items: Mapping[Key, Item],
        places: Callable[[Item], list[Key]],
        judge: Machine,
        as_before: bool,
    ) -> tuple[list[Item], bool]:
        """The formulas that something changes: those that call ours, are volatile or have no value, and all behind.

        They come in the order in which they were computed before, so that none of them is begun in vain; the first
        time in that of the file, those that may spill before the others.

        Args:
            inputs: The cells that are set.
            items: The formulas, without those in cells that are set.
            places: The cells that a formula fills, as far as the file says.
            judge: Computes on the stored values, for references that only computing tells.
            as_before: Whether the order of the time before will do.

        Returns:
            The formulas, and whether they come in the order of the time before.
        """
        seeds = [item for key, item in items.items() if self._is_seed(key, item)]
        alone = len(seeds) == len(items) or (not seeds and not inputs)
        known = {item.key for item in seeds}
        others = [] if alone else [item for key, item in items.items() if key not in known]
        with self._lock:
            for item in others:
                if item.computed:
                    self._note(item, judge)
            order = self._orders.get(tuple(inputs))
            if order is None:
                found = _behind(seeds, others, inputs, places) if others else [item.key for item in seeds]
                if len(self._orders) >= _ORDERS:
                    self._orders.clear()
                order = _Order(sorted(found, key=lambda key: items[key].cell.kind != "dynamic"), None)
                self._orders[tuple(inputs)] = order
        before = order.before if as_before else None
        return [items[key] for key in before or order.of_file], before is not None

    def went(self, inputs: Collection[Key], before: list[Key] | None) -> None:
        """Keep the order in which the formulas that something changes were all computed; None: keep none."""
        with self._lock:
            order = self._orders.get(tuple(inputs))
            if order is not None:
                self._orders[tuple(inputs)] = order._replace(before=before)

    def _is_seed(self, key: Key, item: Item) -> bool:
        if item.cell.kind == "table":
            return False
        return item.ours or item.volatile or key in self.missing or self.book.full

    def _note(self, item: Item, judge: Machine) -> None:
        """Add what a formula reaches by computed references to what it names, once in all."""
        if item.key in self._noted:
            self.charge(judge.budget, item.key, self._noted[item.key])
        else:
            note_reads(item, judge)
            self._noted[item.key] = judge.steps


def _behind(
    seeds: list[Item], others: list[Item], inputs: Mapping[Key, object], places: Callable[[Item], list[Key]]
) -> list[Key]:
    """The cells of *seeds* and of all formulas that depend on them or on *inputs*."""
    found = dict.fromkeys(item.key for item in seeds)
    waiting = Dependents(others)
    changed: list[Key] = list(inputs)
    for item in seeds:
        changed += places(item)
    while changed:
        for item in waiting.taken(changed.pop()):
            if item.key not in found:
                found[item.key] = None
                changed += places(item)
    return list(found)
