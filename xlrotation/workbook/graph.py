"""What depends on what: the levels in which calls of ours can be computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from xlrotation.workbook import references

if TYPE_CHECKING:
    from xlrotation.workbook.engine import Engine
    from xlrotation.workbook.nodes import Node

Key = tuple[int, int, int]
"""A cell: sheet (from 0), row and column (from 1)."""


class Graph:
    """References between formulas, followed from the calls of ours back to what they need.

    Attributes:
        circular: Cells that refer to themselves, directly or through others.
    """

    def __init__(self, engine: Engine, texts: Mapping[Key, str], nodes: Mapping[Key, list[Node]]) -> None:
        self._engine = engine
        self._texts = texts
        self._nodes = nodes
        self._rows: dict[tuple[int, int], list[int]] = {}
        for sheet, row, column in texts:
            self._rows.setdefault((sheet, column), []).append(row)
        self._level: dict[Key, int] = {}
        self.circular: list[Key] = []
        for key in nodes:
            self._visit(key)

    def levels(self) -> Iterator[list[Node]]:
        """The calls, level by level."""
        by_level: dict[int, list[Node]] = {}
        for nodes in self._nodes.values():
            for node in nodes:
                self._grade(node, by_level)
        for level in sorted(by_level):
            yield by_level[level]

    def _grade(self, node: Node, by_level: dict[int, list[Node]]) -> int:
        """Level of a call: above all calls in its arguments and all that its arguments refer to."""
        below = [self._grade(inner, by_level) for group in node.nested for inner in group]
        below += [self._level.get(key, 0) for text in node.texts for key in self._precedents(text, node.key[0])]
        node.level = 1 + max(below, default=0)
        by_level.setdefault(node.level, []).append(node)
        return node.level

    def _own_depth(self, key: Key) -> int:
        """How many calls of ours stand inside each other in a cell."""

        def depth(nodes: list[Node]) -> int:
            return max((1 + max(map(depth, node.nested), default=0) for node in nodes), default=0)

        return depth(self._nodes.get(key, []))

    def _visit(self, start: Key) -> None:
        """Find the level of *start* and of everything that it needs, without recursion: chains can be long."""
        if start in self._level:
            return
        path: dict[Key, None] = {}
        stack: list[tuple[Key, Iterator[Key], list[int]]] = []

        def enter(key: Key) -> None:
            path[key] = None
            stack.append((key, iter(self._precedents(self._texts[key], key[0])), []))

        enter(start)
        while stack:
            key, rest, below = stack[-1]
            for other in rest:
                if other in path:
                    self._mark(path, other)
                elif other in self._level:
                    below.append(self._level[other])
                else:
                    enter(other)
                    break
            else:
                stack.pop()
                del path[key]
                self._level[key] = max(below, default=0) + self._own_depth(key)
                if stack:
                    stack[-1][2].append(self._level[key])

    def _mark(self, path: dict[Key, None], first: Key) -> None:
        inside = False
        for key in path:
            inside = inside or key == first
            if inside and key not in self.circular:
                self.circular.append(key)

    def _precedents(self, text: str, sheet: int) -> list[Key]:
        """The formula cells that *text*, standing on *sheet*, refers to."""
        found: dict[Key, None] = {}
        for area in self._areas(text, sheet, set()):
            home = sheet if area.sheet is None else self._engine.sheet(area.sheet)
            if home is None:
                continue
            if area.is_cell:
                if (home, area.row, area.column) in self._texts:
                    found[home, area.row, area.column] = None
                continue
            for column in range(area.column, area.last_column + 1):
                for row in self._rows.get((home, column), ()):
                    if area.row <= row <= area.last_row:
                        found[home, row, column] = None
        return list(found)

    def _areas(self, text: str, sheet: int, seen: set[str]) -> Iterator[references.Area]:
        yield from references.areas(text)
        if not self._engine.names:
            return
        for word in references.names(text):
            name = word.lower()
            definition = self._engine.names.get((sheet, name), self._engine.names.get((None, name)))
            if definition and name not in seen:
                yield from self._areas(definition, sheet, seen | {name})
