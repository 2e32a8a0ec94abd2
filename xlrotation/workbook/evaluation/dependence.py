"""What a formula depends on, and what changes with a cell."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from xlrotation.workbook.evaluation.cells import Key
from xlrotation.workbook.evaluation.machine import MAX_FILLED, Ref, Unsupported
from xlrotation.workbook.evaluation.shapes import Given, Known, shape_of
from xlrotation.workbook.evaluation.tables import definition_tree, structured_ref, table_data
from xlrotation.workbook.formulas.references import MAX_ROW, areas, moved
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.formulas.trees import Binary, Call, Name, Node, Reference, Slot, Structured, Unary, walk
from xlrotation.workbook.package.book import Book, FormulaCell

VOLATILE = frozenset({"NOW", "RAND", "RANDARRAY", "RANDBETWEEN", "TODAY"})
"""Functions that give another value each time; CELL and INFO tell of file and computer, which no input changes."""

COMPUTED = frozenset({"INDIRECT", "OFFSET"})
"""Functions that give references which only computing them tells."""

_WIDE = 64


@dataclass(slots=True)
class Item:
    """A formula, with what its text tells.

    Attributes:
        key: Its cell.
        cell: As the file has it.
        node: Its tree, shared with others of its shape; None where it cannot be read.
        given: What it gives in the slots of its tree.
        trouble: Why it cannot be read.
        needs: The cells that it names.
        functions: The native functions that it calls, names that it uses included.
        ours: Whether it calls one of our functions.
        volatile: Whether it gives another value each time.
        computed: Whether it refers to cells by a computed reference.
    """

    key: Key
    cell: FormulaCell
    node: Node | None = None
    trouble: str = ""
    needs: list[Ref] = field(default_factory=list)
    functions: Set[str] = frozenset()
    ours: bool = False
    volatile: bool = False
    computed: bool = False
    given: Given = ()


def items_of(book: Book, ours: Collection[str]) -> dict[Key, Item]:
    """Every formula of a workbook, read."""
    reader = _Reader(book, frozenset(ours))
    found = {}
    for number, sheet in enumerate(book.sheets):
        for (row, column), formula in sheet.formulas.items():
            key = number, row, column
            found[key] = reader.item(key, formula)
    return found


def too_wide(items: Iterable[Item]) -> set[Key]:
    """Formulas that fill, as the file says, more cells than may be filled, with those before them."""
    filled, found = 0, set()
    for item in items:
        area = item.cell.area
        if area is not None and not area.is_cell:
            if filled + area.size > MAX_FILLED:
                found.add(item.key)
            else:
                filled += area.size
    return found


class _Shape(NamedTuple):
    """Formulas that share a tree.

    Attributes:
        node: The tree, which stays while this does, for it is known by its identity.
        local: Whether something else than the slots differs from cell to cell.
        told: What they tell but for the slots, by sheet; None where a name stands for another cell in each place.
    """

    node: Node
    local: bool
    told: dict[int, Item | None]


def _is_local(node: Node) -> bool:
    """Whether a node may tell something else in another cell of the same sheet, but for names."""
    return type(node) in (Reference, Structured) or (type(node) is Call and node.name == "ANCHORARRAY")


class _Reader:
    def __init__(self, book: Book, ours: frozenset[str]) -> None:
        self._book = book
        self._ours = ours
        self._names: dict[tuple[str, int], Item] = {}
        self._busy: set[tuple[str, int | None]] = set()
        self._known: dict[int, Known] = {}
        self._shapes: dict[int, _Shape] = {}
        self._moving = False
        """Whether a name was met that stands for another cell in each place."""

    def item(self, key: Key, cell: FormulaCell) -> Item:
        item = Item(key, cell)
        if cell.kind == "table":
            item.trouble = "is a data table of what-if inputs, which is not computed"
            if cell.area is not None:
                a = cell.area
                item.needs.append(Ref(key[0], max(a.row - 1, 1), max(a.column - 1, 1), a.last_row, a.last_column))
            item.needs += [Ref(key[0], a.row, a.column, a.last_row, a.last_column) for a in areas(cell.text)]
            return item
        if key[0] not in self._known:
            self._known[key[0]] = Known(key[0], self._book.index)
        shaped = shape_of(cell.text, self._known[key[0]])
        if shaped is not None:
            item.node, item.given = shaped
            if self._as_others(item):
                return item
        try:
            item.node = item.node or parse(cell.text)
        except FormulaError as error:
            item.trouble = str(error)
            for area in areas(cell.text):
                sheet = key[0] if area.sheet is None else self._book.index.get(area.sheet.lower())
                if sheet is not None:
                    item.needs.append(Ref(sheet, area.row, area.column, area.last_row, area.last_column))
            item.ours = any(name in cell.text.upper() for name in self._ours)
            return item
        self._look(item.node, key, item)
        return item

    def _as_others(self, item: Item) -> bool:
        """Whether all that a formula tells but its own cells was told by one of the same shape."""
        known = self._shapes.get(id(item.node))
        told = known.told.get(item.key[0]) if known is not None else None
        if told is None and (told := self._told(item)) is None:
            return False
        item.needs = [part for part in item.given if type(part) is Ref]
        if told.needs:
            item.needs += told.needs
        item.functions, item.ours, item.volatile, item.computed = (
            told.functions,
            told.ours,
            told.volatile,
            told.computed,
        )
        return True

    def _told(self, item: Item) -> Item | None:
        """What the formulas of a shape tell on a sheet; None where it is another thing in each place."""
        node, sheet = item.node, item.key[0]
        assert node is not None
        known = self._shapes.get(id(node))
        if known is None:
            known = self._shapes[id(node)] = _Shape(node, any(map(_is_local, walk(node))), {})
        if known.local:
            return None
        if sheet not in known.told:
            like = Item(item.key, item.cell)
            self._moving = False
            self._look(node, item.key, like)
            known.told[sheet] = None if self._moving else like
        return known.told[sheet]

    def _look(self, tree: Node, key: Key, item: Item) -> None:
        for node in walk(tree):
            match node:
                case Slot():
                    if item.given:
                        item.needs.append(item.given[node.place])  # type: ignore[arg-type]
                case Reference():
                    self._reference(node, key, item)
                case Call():
                    self._call(node, key, item)
                case Name():
                    self._name(node.name, node.sheet, key, item)
                case Structured():
                    self._part(node, key, item)
                case Binary(sign=":"):
                    item.computed = True
                case Unary(sign="#"):
                    self._anchor(node, key, item)

    def _call(self, node: Call, key: Key, item: Item) -> None:
        name, book = node.name, self._book
        if name in self._ours:
            item.ours = True
            return
        item.functions |= {name}
        item.volatile = item.volatile or name in VOLATILE
        item.computed = item.computed or name in COMPUTED
        if book.names and book.definition(name, key[0]) is not None:
            self._name(name, None, key, item)
        if name == "ANCHORARRAY":
            self._anchor(node, key, item)

    def _part(self, node: Structured, key: Key, item: Item) -> None:
        with contextlib.suppress(Unsupported):
            found = structured_ref(node, self._book, *key)
            if isinstance(found, Ref):
                item.needs.append(found)

    def _reference(self, node: Reference, key: Key, item: Item) -> None:
        if node.book is not None:
            return
        sheet = key[0] if node.sheet is None else self._book.index.get(node.sheet.lower())
        if sheet is None:
            return
        last = sheet if node.last_sheet is None else self._book.index.get(node.last_sheet.lower(), sheet)
        for number in range(min(sheet, last), max(sheet, last) + 1):
            item.needs.append(Ref(number, node.row, node.column, node.last_row, node.last_column))

    def _anchor(self, node: Node, key: Key, item: Item) -> None:
        """The cells that a formula filled when the workbook was saved."""
        for part in walk(node):
            if type(part) is Slot:
                ref = item.given[part.place]
                assert isinstance(ref, Ref)
                place = ref.sheet, ref.top, ref.left
            elif isinstance(part, Reference) and part.book is None:
                sheet = key[0] if part.sheet is None else self._book.index.get(part.sheet.lower())
                if sheet is None:
                    continue
                place = sheet, part.row, part.column
            else:
                continue
            cell = self._book.sheets[place[0]].formulas.get(place[1:])
            if cell is not None and cell.area is not None:
                area = cell.area
                item.needs.append(Ref(place[0], area.row, area.column, area.last_row, area.last_column))

    def _name(self, name: str, sheet_name: str | None, key: Key, item: Item) -> None:
        lower = name.lower()
        if lower.startswith("_xleta."):  # a function that is named without being called
            self._look(Call(name[7:].upper(), ()), key, item)
            return
        scope = key[0] if sheet_name is None else self._book.index.get(sheet_name.lower())
        definition = self._book.definition(lower, scope)
        if definition is None:
            table = self._book.tables.get(lower)
            if table is not None:
                item.needs.append(table_data(table))
            return
        if moved(definition, 1, 1) != definition:  # relative: another cell in each place
            self._moving = True
            if (lower, scope) in self._busy:
                return
            self._busy.add((lower, scope))
            try:
                self._look(definition_tree(definition, key[1], key[2]), key, item)
            except Unsupported:
                pass
            finally:
                self._busy.discard((lower, scope))
            return
        known = self._names.get((lower, key[0] if scope is None else scope))
        if known is None:
            known = self._names[lower, key[0] if scope is None else scope] = Item(key, item.cell)
            with contextlib.suppress(Unsupported):
                self._look(definition_tree(definition, 1, 1), key, known)
            unique = {(r.sheet, r.top, r.left, r.bottom, r.right): r for r in known.needs}
            known.needs = list(unique.values())
        item.needs += known.needs
        item.functions |= known.functions
        item.ours = item.ours or known.ours
        item.volatile = item.volatile or known.volatile
        item.computed = item.computed or known.computed


class Dependents:
    """Which formulas name a cell.

    Ranges lie in a tree of rows for each column: every node of it stands for a power of two of neighbouring rows, so
    that a range lies in few nodes and the ranges over a cell are all those of the nodes above its row.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self._singles: dict[Key, list[Item]] = {}
        self._nodes: dict[tuple[int, int], dict[int, dict[int, list[tuple[Ref, list[Item]]]]]] = {}
        """By sheet and column, then level, then row without its last bits, as many as the level."""
        known: dict[tuple[int, int, int, int, int], list[Item]] = {}
        for item in items:
            for ref in item.needs:
                self._add(ref, item, known)

    def _add(self, ref: Ref, item: Item, known: dict[tuple[int, int, int, int, int], list[Item]]) -> None:
        if ref.top == ref.bottom and ref.left == ref.right:
            self._singles.setdefault((ref.sheet, ref.top, ref.left), []).append(item)
            return
        where = (ref.sheet, ref.top, ref.left, ref.bottom, ref.right)
        if where in known:
            known[where].append(item)
            return
        held = known[where] = [item]
        columns = range(ref.left, ref.right + 1) if ref.right - ref.left < _WIDE else (_EVERY,)
        for level, row in _spans(ref.top, ref.bottom):
            for column in columns:
                levels = self._nodes.setdefault((ref.sheet, column), {})
                levels.setdefault(level, {}).setdefault(row, []).append((ref, held))

    def _over(self, key: Key) -> Iterator[tuple[dict[int, list[tuple[Ref, list[Item]]]], int]]:
        """The nodes above a cell: those of a level, and which."""
        sheet, row, column = key
        for where in ((sheet, column), (sheet, _EVERY)):
            for level, nodes in self._nodes.get(where, _NONE).items():
                if row >> level in nodes:
                    yield nodes, row >> level

    def taken(self, key: Key) -> Iterator[Item]:
        """The formulas that name a cell; each is given once in all and then forgotten."""
        yield from self._singles.pop(key, ())
        for nodes, node in self._over(key):
            left = []
            for ref, held in nodes.pop(node):
                if ref.left <= key[2] <= ref.right:
                    yield from held
                    held.clear()
                elif held:
                    left.append((ref, held))
            if left:
                nodes[node] = left

    def of(self, key: Key) -> Iterator[Item]:
        """The formulas that name a cell."""
        yield from self._singles.get(key, ())
        for nodes, node in self._over(key):
            for ref, held in nodes[node]:
                if ref.left <= key[2] <= ref.right:
                    yield from held


_NONE: dict[int, dict[int, list[tuple[Ref, list[Item]]]]] = {}

_EVERY = 0
"""The column of ranges that are too wide to lie in each of theirs."""

_LEVELS = MAX_ROW.bit_length() + 1


def _spans(top: int, bottom: int) -> Iterator[tuple[int, int]]:
    """The nodes that together stand for the rows of a range."""
    end = bottom + 1
    for level in range(_LEVELS):
        if top >= end:
            return
        if top & 1:
            yield level, top
            top += 1
        if end & 1:
            end -= 1
            yield level, end
        top >>= 1
        end >>= 1
