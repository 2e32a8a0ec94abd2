"""Bring a workbook's values up to date: what nothing changed keeps the value that its spreadsheet stored.

Computed are only formulas that depend on a function of ours, on a cell that was set, on something volatile, or that
have no stored value. A formula counts only where it gives its stored value on the stored inputs: a workbook that a
spreadsheet saved carries its own proof. Where it does not, the stored value stays, and the cell and all that depends
on it are reported as not brought up to date.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.cells import Cells, Key, Tainted
from xlrotation.workbook.evaluation.dependence import Dependents, Item, too_wide
from xlrotation.workbook.evaluation.finishing import finished, keep_others, never, reported
from xlrotation.workbook.evaluation.machine import (
    MAX_FILLED,
    TOO_MANY,
    Budget,
    Machine,
    Needs,
    Ref,
    Rows,
    Unsupported,
)
from xlrotation.workbook.evaluation.naming import fill_names
from xlrotation.workbook.evaluation.outcome import Caller, Calls, Evaluation
from xlrotation.workbook.evaluation.plans import Plan, Verdict
from xlrotation.workbook.evaluation.proof import agrees, cancels, same, unproved
from xlrotation.workbook.evaluation.secondengine import Asking, SecondEngine, snapshot
from xlrotation.workbook.evaluation.values import Value
from xlrotation.workbook.formulas.references import MAX_COLUMN, MAX_ROW, Area, cell_name
from xlrotation.workbook.natives import NATIVES
from xlrotation.workbook.package.book import Book

_ROUNDS = 50

_STACKED = 100_000
"""Formulas that may wait for others at once, before they wait for one at a time."""


class Recalculation:
    """One workbook, brought up to date."""

    def __init__(self, book: Book, plan: Plan, caller: Caller, inputs: Mapping[Key, Value], result: Evaluation) -> None:
        self._book, self._result, self._inputs = book, result, inputs
        names = {name.upper() for name in caller.names}
        self._stored = Cells(book)
        self.cells = Cells(book)
        self.machine = Machine(book, self.cells, caller, names, NATIVES, budget := Budget())
        self._judge = Machine(book, self._stored, never, names, NATIVES, budget)
        self._plan, self._missing = plan, plan.missing - inputs.keys()
        self._items = {key: item for key, item in plan.items.items() if key not in inputs}
        self._too_wide = too_wide(self._items.values())
        self._fresh: set[Key] = set()
        self._shown: dict[int, dict[tuple[int, int], Value]] = {}
        self._again: dict[Key, int] = {}
        """How often each formula was computed, in the order of the first time."""
        self._problems: dict[Key, str] = {}
        self._emptied: set[Key] = set()
        self._met = False  # whether a formula fills a cell that another one had left
        self._calls: dict[Key, tuple[Calls, tuple[int, int] | None]] = {}
        self._reads: Dependents | None = None

    # ------------------------------------------------------------------ what is to be computed

    def _places(self, item: Item) -> list[Key]:
        """The cells that a formula fills, as far as the file says."""
        area = item.cell.area
        if area is None or area.is_cell or item.key in self._too_wide:
            return [item.key]
        rows, columns = range(area.row, area.last_row + 1), range(area.column, area.last_column + 1)
        return list(itertools.product((item.key[0],), rows, columns))

    # ------------------------------------------------------------------ computing

    def run(self, second: SecondEngine | None = None, as_before: bool = False) -> bool:
        """Compute, and fill the result; *second* is asked for what cannot be computed here.

        Returns:
            Whether that is done. It is not where formulas were computed in the order of the time before
            (*as_before*), and one of them failed or gave way: the order may tell which.
        """
        for key, value in self._inputs.items():
            self.cells.put(key, value)
            self._show(key, "" if value is None else value)
            self._result.inputs.setdefault(self._book.sheets[key[0]].name, set()).add(key[1:])
        dirty, known = self._plan.changed(self._inputs, self._items, self._places, self._judge, as_before)
        for item in dirty:
            self._await(item)
        for item in dirty:
            self._settle(item.key)
        self._settle_fresh()
        even = not self._problems and not self._met and len(self._again) == len(dirty)
        if even or known:
            self._plan.went(self._inputs, list(self._again) if even else None)
        if known and not even:
            return False
        if second is not None and self._problems:
            self._ask(second)
        self._tell()
        self._result.problems += reported(self._book, self._items, self._problems)
        fill_names(self._book, self.machine, self.cells, self._result)
        return True

    def _settle_fresh(self) -> None:
        rounds = 0
        while self._fresh:
            again = list(self._fresh)
            self._fresh.clear()
            rounds += 1
            for key in again:
                if rounds > _ROUNDS:
                    self._give_up(self._items[key], "refers to itself, through cells that it fills", CellError.REF)
                else:
                    self._await(self._items[key])
            for key in again:
                self._settle(key)

    def _ask(self, second: SecondEngine) -> None:
        """Let another engine compute what it proves to know, and compute anew what depends on that."""
        now = snapshot(self._result)
        keep_others(now, self._book, self._items, self._places)
        asking = Asking(self._book, self._items, now, self._missing, self._places)
        found = asking.answers(second, self._problems)
        waiting = [key for key in self._problems if self.cells.tainted.get(key, key) != key] if found else []
        for key in dict.fromkeys([*found, *waiting]):
            del self._problems[key]
            self._await(self._items[key])
        for key, value in found.items():
            self._write(self._items[key], value)
            self._result.elsewhere.append((self._book.sheets[key[0]].name, cell_name(*key[1:])))
        for key in waiting:
            self._settle(key)
        self._settle_fresh()

    def _tell(self) -> None:
        """Say in the result what was not computed and what was called, by place: not in the order of computing."""
        result = self._result
        if len(self._again) != len(self._items):
            keep_others(result, self._book, self._items, self._places)
        for key, (calls, cut) in sorted(self._calls.items(), key=lambda item: item[0]):
            where = self._book.sheets[key[0]].name, cell_name(*key[1:])
            result.calls[where], result.cut[where] = calls, cut
        result.values = dict(sorted(result.values.items(), key=lambda item: self._book.index[item[0].lower()]))

    def _await(self, item: Item) -> None:
        key = item.key
        self.cells.clean(key)
        self.cells.wait(key, key)
        if item.cell.area is None:
            return
        formulas = self._book.sheets[key[0]].formulas
        for place in self._places(item):
            if place[1:] not in formulas and place not in self._inputs:
                self.cells.wait(place, item.key)

    def _settle(self, start: Key) -> None:
        """Compute a formula, and before it all that it needs."""
        if start not in self.cells.waiting:
            return
        stack = [start]
        started: dict[Key, None] = {}
        waiting = self.cells.waiting
        while stack:
            key = stack[-1]
            try:
                if key in waiting:
                    self._compute(self._items[key])
            except Needs as needs:
                started[key] = None
                circle = next((other for other in needs.keys if other in started), None)
                if circle is not None:
                    chain = list(started)
                    for member in chain[chain.index(circle) :]:
                        self._give_up(
                            self._items[member], "refers to itself, directly or through other cells", CellError.REF
                        )
                    continue
                # above first; and few at once where many wait already, for each may wait for as many
                stack += reversed(needs.keys) if len(stack) < _STACKED else needs.keys[:1]
                continue
            stack.pop()
            started.pop(key, None)

    def _compute(self, item: Item) -> None:
        if item.node is None:
            self._give_up(item, item.trouble, CellError.VALUE)
            return
        try:
            if self._too_wide and item.key in self._too_wide and item.cell.area is not None:
                raise Unsupported(f"fills {item.cell.area.size:,} cells, {TOO_MANY}")
            value = finished(item, self.machine)
            self.machine.budget.weigh(value)
            if reason := self._doubt(item):
                raise Unsupported(reason)
        except Tainted as tainted:
            self._inherit(item, tainted.key)
            return
        except Unsupported as unsupported:
            unknown = "does not know" in str(unsupported)
            self._give_up(item, str(unsupported), CellError.NAME if unknown else CellError.VALUE)
            return
        calls = self.machine.calls
        self._write(item, value)
        if calls:
            self._calls[item.key] = calls, self.machine.cut

    def _doubt(self, item: Item) -> str:
        """Why the value of a formula is not believed; empty where it is."""
        functions = unproved(item.functions)
        if item.ours or item.volatile or item.key in self._missing:
            if functions:
                return f"uses {functions[0]}, which is not proved here and has no stored value to prove it by"
            return ""
        budget = self._judge.budget
        known = self._plan.verdict(item.key, budget)
        if known is not None:
            return known.reason
        calls, searching = self.machine.calls, budget.searching
        try:
            value = finished(item, self._judge)
        except (Unsupported, Needs, Tainted) as error:
            return str(error) or "cannot be computed on the values that are stored"
        finally:
            self.machine.calls = calls
        stored, reason = self._book.sheets[item.key[0]].values, ""
        if not agrees(item, value, stored) and not cancels(
            stored.get(item.key[1:]), value, item.needs, self._stored.rows
        ):
            reason = "gives another value than the spreadsheet stored for the same inputs, so the stored one stays"
        if searching == budget.searching:
            self._plan.verdicts[item.key] = Verdict(reason, self._judge.steps)
        return reason

    # ------------------------------------------------------------------ writing

    def _write(self, item: Item, value: Value) -> None:
        key = item.key
        if not isinstance(value, list) and item.cell.kind == "plain" and key not in self._again:
            self._again[key] = 1
            self.cells.put(key, value)
            self.cells.arrived(key)
            self._shown_of(key[0])[key[1:]] = value
            return
        rows: Rows = value if isinstance(value, list) else [[value]]
        height, width = len(rows), len(rows[0])
        if height * width > 1 and key not in self._again and self._fills_again(item, height, width):
            self._again[key] = 1
            self._shown_of(key[0]).update(self.cells.fill(key, rows))
            self._spread(key, height, width)
            return
        if height * width > 1 and (reason := self._blocked(item, height, width)):
            self._clear_old(item, 1, 1)
            self._problems[key] = reason
            rows, height, width = [[CellError.SPILL]], 1, 1
        sheet, top, left = key
        self._clear_old(item, height, width)
        before = {
            (r, c): self.cells.peek((sheet, r, c)) for r in range(top, top + height) for c in range(left, left + width)
        }
        for r, line in enumerate(rows, top):
            for c, cell in enumerate(line, left):
                place = (sheet, r, c)
                self._met = self._met or place in self._emptied
                self.cells.put(place, cell)
                self.cells.arrived(place)
                self.cells.clean(place)
                self._show(place, cell)
        for place in self._places(item):
            self.cells.arrived(place)
        self.cells.arrived(key)
        if height * width > 1:
            self._spread(key, height, width)
        else:
            self.cells.anchors.pop(key, None)
            self._result.anchors.get(self._book.sheets[sheet].name, {}).pop((top, left), None)
            if item.cell.kind == "dynamic":
                self.cells.anchors[key] = Ref(sheet, top, left, top, left)
        self._touch(item, rows, before)

    def _fills_again(self, item: Item, height: int, width: int) -> bool:
        """Whether a formula fills the very cells that it filled when the workbook was saved, and nothing else does."""
        area, key = item.cell.area, item.key
        if area is None or key in self._too_wide:
            return False
        if area != Area(area.sheet, key[1], key[2], key[1] + height - 1, key[2] + width - 1):
            return False
        rows, columns = range(area.row, area.last_row + 1), range(area.column, area.last_column + 1)
        others = itertools.islice(itertools.product(rows, columns), 1, None)
        if not self._book.sheets[key[0]].formulas.keys().isdisjoint(others):
            return False
        return self._inputs.keys().isdisjoint(itertools.product((key[0],), rows, columns))

    def _spread(self, key: Key, height: int, width: int) -> None:
        """Note the cells that a formula fills."""
        sheet, top, left = key
        bottom, right = top + height - 1, left + width - 1
        self.cells.anchors[key] = Ref(sheet, top, left, bottom, right)
        self._result.anchors.setdefault(self._book.sheets[sheet].name, {})[top, left] = (bottom, right)

    def _blocked(self, item: Item, height: int, width: int) -> str:
        if item.cell.kind == "array":
            return ""
        sheet, top, left = item.key
        if height * width > MAX_FILLED or top + height - 1 > MAX_ROW or left + width - 1 > MAX_COLUMN:
            return "has no room to spill: its result is larger than the sheet"
        own = set(self._places(item))
        filled = self.cells.anchors.get(item.key)
        formulas = self._book.sheets[sheet].formulas
        for r in range(top, top + height):
            for c in range(left, left + width):
                place = (sheet, r, c)
                if place == item.key:
                    continue
                mine = (
                    filled is not None and filled.top <= r <= filled.bottom and filled.left <= c <= filled.right
                ) or place in own
                if (r, c) in formulas or place in self._inputs or (not mine and self.cells.peek(place) is not None):
                    return "has no room to spill: a cell in its way is not empty"
        return ""

    def _clear_old(self, item: Item, height: int, width: int) -> None:
        """Empty what the formula filled before and does not fill now."""
        sheet, top, left = item.key
        formulas = self._book.sheets[sheet].formulas
        places = list(self._places(item))
        filled = self.cells.anchors.get(item.key)
        if filled is not None:
            places += [
                (sheet, r, c)
                for r in range(filled.top, filled.bottom + 1)
                for c in range(filled.left, filled.right + 1)
            ]
        for place in places:
            _, r, c = place
            if r < top + height and c < left + width:
                continue
            if (r, c) not in formulas and place not in self._inputs:
                self._emptied.add(place)
                self.cells.put(place, None)
                self.cells.arrived(place)
                self._result.values.get(self._book.sheets[sheet].name, {}).pop((r, c), None)

    def _touch(self, item: Item, rows: Rows, before: Mapping[tuple[int, int], Value]) -> None:
        """Formulas that read a cell before it was filled, or filled anew, are computed again."""
        first = item.key not in self._again
        self._again[item.key] = self._again.get(item.key, 0) + 1
        known = set(self._places(item)) if first else set()
        sheet, top, left = item.key
        for r, line in enumerate(rows, top):
            for c, cell in enumerate(line, left):
                place = (sheet, r, c)
                if place in known or (first and place == item.key) or same(before[r, c], cell):
                    continue
                if self._reads is None:
                    self._reads = Dependents(self._items.values())
                for reader in self._reads.of(place):
                    if reader.key != item.key and reader.key not in self.cells.waiting:
                        self._fresh.add(reader.key)

    def _shown_of(self, sheet: int) -> dict[tuple[int, int], Value]:
        shown = self._shown.get(sheet)
        if shown is None:
            shown = self._shown[sheet] = self._result.values.setdefault(self._book.sheets[sheet].name, {})
        return shown

    def _show(self, key: Key, value: Value) -> None:
        self._shown_of(key[0])[key[1:]] = value

    # ------------------------------------------------------------------ what could not be computed

    def _give_up(self, item: Item, reason: str, error: CellError) -> None:
        """A formula that is not computed keeps its stored value, and shows an error only where it has none."""
        self._problems.setdefault(item.key, reason)
        self._keep(item, item.key, error)

    def _inherit(self, item: Item, source: Key) -> None:
        reason = self._problems.get(source, "could not be brought up to date")
        name = cell_name(*source[1:])
        if source[0] != item.key[0]:
            name = f"{self._book.sheets[source[0]].name}!{name}"
        self._problems.setdefault(item.key, f"depends on {name}, which {reason}")
        error = self.cells.peek(source)
        self._keep(item, source, error if isinstance(error, CellError) else CellError.VALUE)

    def _keep(self, item: Item, source: Key, error: CellError) -> None:
        key = item.key
        if key in self._missing:
            self.cells.put(key, error)
            self._show(key, error)
        self.cells.arrived(key)
        self.cells.taint(key, source)
        formulas = self._book.sheets[key[0]].formulas
        for place in self._places(item):
            if place[1:] not in formulas:
                self.cells.arrived(place)
                self.cells.taint(place, source)
