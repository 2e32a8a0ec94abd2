"""What depends on what: the levels in which calls of ours can be computed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from xlrotation.workbook import references

if TYPE_CHECKING:
    from xlrotation.workbook.engine import Engine
    from xlrotation.workbook.nodes import Node

Key = tuple[int, int, int]
"""A cell: sheet (from 0), row and column (from 1). A row below zero is a block of rows, see :data:`_BLOCK`."""

_BLOCK = 64
"""Rows that stand together as one vertex, so that long ranges such as running sums need few edges."""


class Graph:
    """References between formulas, followed from some cells back to what they need.

    Attributes:
        circular: Cells that refer to themselves, directly or through others.
    """

    def __init__(
        self,
        engine: Engine,
        texts: Mapping[Key, str],
        nodes: Mapping[Key, list[Node]],
        filled: Mapping[Key, references.Area],
        starts: Iterable[Key] | None = None,
    ) -> None:
        """Follow the references.

        Args:
            engine: The workbook, for the names of sheets and areas.
            texts: Every formula.
            nodes: The calls of ours.
            filled: Areas that a formula in their first cell fills.
            starts: Cells to begin with; those of *nodes* where it is None.
        """
        self._engine = engine
        self._texts = texts
        self._nodes = nodes
        self._owner: dict[Key, Key] = {key: key for key in texts}
        for key, area in filled.items():
            for row in range(area.row, area.last_row + 1):
                for column in range(area.column, area.last_column + 1):
                    self._owner.setdefault((key[0], row, column), key)
        self._rows: dict[tuple[int, int], list[int]] = {}
        for sheet, row, column in self._owner:
            self._rows.setdefault((sheet, column), []).append(row)
        for rows in self._rows.values():
            rows.sort()
        self._level: dict[Key, int] = {}
        self.circular: dict[Key, None] = {}
        for key in nodes if starts is None else starts:
            if key not in self._level:
                self._visit(key)

    def levels(self) -> Iterator[list[Node]]:
        """The calls, level by level."""
        by_level: dict[int, list[Node]] = {}
        for key, nodes in self._nodes.items():
            if key not in self.circular:
                for node in nodes:
                    self._grade(node, by_level)
        for level in sorted(by_level):
            yield by_level[level]

    def precedents(self, text: str, sheet: int) -> list[Key]:
        """The formula cells, and blocks of them, that *text*, standing on *sheet*, refers to."""
        found: dict[Key, None] = {}
        for area in self._areas(text, sheet, ()):
            home = sheet if area.sheet is None else self._engine.sheet(area.sheet)
            if home is None:
                continue
            if area.is_cell:
                owner = self._owner.get((home, area.row, area.column))
                if owner is not None:
                    found[owner] = None
                continue
            for column in range(area.column, area.last_column + 1):
                rows = self._rows.get((home, column))
                if rows:
                    found.update(dict.fromkeys(self._in_column(home, column, rows, area.row, area.last_row)))
        return list(found)

    def _in_column(self, sheet: int, column: int, rows: list[int], first: int, last: int) -> Iterator[Key]:
        """Formula cells from row *first* to *last*, whole blocks as one."""
        position, end = bisect_left(rows, first), bisect_right(rows, last)
        while position < end:
            row = rows[position]
            block = row // _BLOCK
            if block * _BLOCK >= first and block * _BLOCK + _BLOCK - 1 <= last:
                yield sheet, -1 - block, column
                position = bisect_left(rows, (block + 1) * _BLOCK, position)
            else:
                yield self._owner[sheet, row, column]
                position += 1

    def _inside(self, block: Key) -> list[Key]:
        sheet, number, column = block
        rows = self._rows[sheet, column]
        first = (-1 - number) * _BLOCK
        place, end = bisect_left(rows, first), bisect_left(rows, first + _BLOCK)
        return [self._owner[sheet, row, column] for row in rows[place:end]]

    def _areas(self, text: str, sheet: int, seen: tuple[str, ...]) -> Iterator[references.Area]:
        yield from references.areas(text)
        if not self._engine.names:
            return
        for word in references.words(text):
            definition = self._engine.definition(word, sheet)
            if definition and word.lower() not in seen:
                yield from self._areas(definition, sheet, (*seen, word.lower()))

    def _needs(self, key: Key) -> list[Key]:
        return self._inside(key) if key[1] < 0 else self.precedents(self._texts[key], key[0])

    def _visit(self, start: Key) -> None:
        """Find the levels of *start* and all that it needs, cycles as one (Tarjan), without recursion."""
        order: dict[Key, int] = {}
        low: dict[Key, int] = {}
        open_keys: dict[Key, None] = {}
        stack: list[tuple[Key, list[Key], int]] = []

        def enter(key: Key) -> None:
            order[key] = low[key] = len(order)
            open_keys[key] = None
            stack.append((key, self._needs(key), 0))

        enter(start)
        while stack:
            key, needs, position = stack.pop()
            while position < len(needs):
                other = needs[position]
                if other not in order and other not in self._level:
                    stack.append((key, needs, position))
                    enter(other)
                    break
                if other in open_keys:
                    low[key] = min(low[key], low[other])
                position += 1
            else:
                if low[key] == order[key]:
                    self._close(key, open_keys, needs)

    def _close(self, root: Key, open_keys: dict[Key, None], needs: list[Key]) -> None:
        """Take the cells of one cycle, or a single cell, off *open_keys* and give them their level."""
        members = []
        while True:
            member, _ = open_keys.popitem()
            members.append(member)
            if member == root:
                break
        if len(members) > 1 or root in needs:
            self.circular.update({member: None for member in members if member[1] > 0})
            needs = [other for member in members for other in self._needs(member)]
        below = max((self._level.get(other, 0) for other in needs), default=0)
        for member in members:
            self._level[member] = below + _depth(self._nodes.get(member, []))

    def _grade(self, node: Node, by_level: dict[int, list[Node]]) -> int:
        """Level of a call: above all calls in its arguments and all that its arguments refer to."""
        level = 0
        for text, group in zip(node.texts, node.nested, strict=True):
            for inner in group:
                level = max(level, self._grade(inner, by_level))
                node.native = node.native or inner.native
            for key in self.precedents(text, node.key[0]):
                level = max(level, self._level.get(key, 0))
                node.native = node.native or not self._holds_value(key)
        node.level = level + 1
        by_level.setdefault(node.level, []).append(node)
        return node.level

    def _holds_value(self, key: Key) -> bool:
        """Whether a cell is one call of ours, so that its value can be read as soon as it is put back."""
        nodes = self._nodes.get(key)
        return nodes is not None and len(nodes) == 1 and nodes[0].is_whole(self._texts[key])


def _depth(nodes: list[Node]) -> int:
    """How many calls of ours stand inside each other."""
    return max((1 + max(map(_depth, node.nested), default=0) for node in nodes), default=0)
