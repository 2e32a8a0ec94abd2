"""What an evaluation could not compute, found cell by cell once it is done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from xlrotation.workbook import references
from xlrotation.workbook.calls import argument_texts, find_calls
from xlrotation.workbook.engine import Engine
from xlrotation.workbook.evaluation import Evaluation, Problem
from xlrotation.workbook.graph import Graph, Key
from xlrotation.workbook.nodes import Node, NodeRunner, inner_first
from xlrotation.workbook.package import Formula

_TEXT = re.compile(r'"(?:[^"]|"")*"')
_CALLED = re.compile(r"(?<![\w.\"'])([a-z_][a-z0-9_.]*)\(")
_HIDES_ERRORS = re.compile(r"\b(?:IFERROR|IFNA|IS[A-Z]+|ERROR\.TYPE|COUNTA?|TYPE|CHOOSE|IFS?|SWITCH)\(")
_CATCHING = frozenset({"IFERROR", "IFNA"})
_NOT_KNOWN = "uses a function in a way that the evaluation does not know"
_BINDS = re.compile(r"\b(?:LET|LAMBDA)\(", re.IGNORECASE)


def unknown_words(engine: Engine, formula: str, sheet: int) -> list[str]:
    """Functions and names in *formula*, as IronCalc wrote it, that it does not know.

    It writes functions that it knows in capitals and leaves others in small letters.
    """
    bare = _TEXT.sub('""', formula)
    found = [word for word in _CALLED.findall(bare) if not re.search(rf"\b{re.escape(word)}\s*,", bare)]
    if _BINDS.search(bare):
        return found
    names = references.words(references.without_areas(bare))
    return found + [w for w in names if w.upper() not in ("TRUE", "FALSE") and engine.definition(w, sheet) is None]


class Checks:
    """Collects the problems of an evaluation; a cell is reported once."""

    def __init__(
        self, runner: NodeRunner, texts: Mapping[Key, str], described: Mapping[Key, Formula], result: Evaluation
    ) -> None:
        self._engine = runner.engine
        self._texts = texts
        self._described = described
        self._result = result
        self._scratch = runner.scratch
        self._rewriter = runner.rewriter
        self._reported: set[Key] = set()

    def report(self, key: Key, reason: str, text: str = "") -> None:
        """Note a problem of a cell."""
        if key in self._reported:
            return
        self._reported.add(key)
        sheet, cell = self._engine.sheets[key[0]], references.cell_name(key[1], key[2])
        formula = "=" + text.removeprefix("=") if text else self._texts[key]
        self._result.problems.append(Problem(sheet, cell, formula, reason))

    def look(self, nodes: Mapping[Key, list[Node]], filled: Mapping[Key, references.Area]) -> None:
        """Note what IronCalc computed as an error that a spreadsheet program would not."""
        circular: list[Key] = []
        caught: list[Key] = []
        unread: list[tuple[Key, str]] = []
        for key in self._texts:
            raw = self._engine.raw_error(*key)
            if raw == "#CIRC!":
                circular.append(key)
            elif raw == "#ERROR!":
                unread.append((key, self._engine.formula(*key)))
            elif raw == "#SPILL!" and self._described.get(key, _OTHER).kind == "dynamic":
                self.report(key, "has no room to spill: a cell in its way is not empty")
            elif raw == "#N/IMPL!":
                self.report(key, _NOT_KNOWN)
            elif raw == "#NAME?" or _HIDES_ERRORS.search(self._texts[key]):
                self._look_for_unknown(key, self._engine.formula(*key))
                if "IFERROR(" in self._texts[key] or "IFNA(" in self._texts[key]:
                    caught.append(key)
        for key, tops in nodes.items():
            for place in _places(tops):
                if self._engine.raw_error(*place) == "#ERROR!":
                    unread.append((key, self._engine.formula(*place)))
                self._look_for_unknown(key, self._engine.formula(*place))
        self._look_for_cycles(circular, filled)
        self._look_for_caught(caught)
        self._look_for_unreadable(unread)

    def _look_for_unknown(self, key: Key, formula: str) -> None:
        unknown = unknown_words(self._engine, formula, key[0])
        if unknown:
            words = ", ".join(dict.fromkeys(word.upper() if f"{word}(" in formula else word for word in unknown))
            self.report(key, f"uses {words}, which the evaluation does not know")

    def _look_for_cycles(self, cells: list[Key], filled: Mapping[Key, references.Area]) -> None:
        """Report the cells of cycles, not those that only depend on one."""
        if not cells:
            return
        members = Graph(self._engine, self._texts, {}, filled, cells).circular
        for key in [key for key in cells if key in members] or cells:
            self.report(key, "refers to itself, directly or through other cells")

    def _look_for_caught(self, cells: list[Key]) -> None:
        """Report formulas that hide an error of ours in an IFERROR."""
        asked = []
        for key in cells:
            formula = self._engine.formula(*key)
            for call in find_calls(formula, _CATCHING):
                text = argument_texts(formula, call)[0]
                if "(" in text:
                    asked.append((key, self._scratch.expression(self._rewriter.elsewhere(text, key))))
        self._engine.evaluate()
        for key, place in asked:
            if self._engine.raw_error(*place) == "#N/IMPL!":
                self.report(key, _NOT_KNOWN)

    def _look_for_unreadable(self, formulas: list[tuple[Key, str]]) -> None:
        """Report formulas that cannot be read, not those that only depend on one."""
        if not formulas:
            return
        sheet = self._engine.add_sheet("_xlr_check")
        for row, (_, formula) in enumerate(formulas, 1):
            self._engine.set_formula(sheet, row, 1, f"=IF(TRUE,0,({formula.removeprefix('=')}))")
        self._engine.evaluate()
        for row, (key, _) in enumerate(formulas, 1):
            if self._engine.raw_error(sheet, row, 1):
                self.report(key, "cannot be read as a formula")


_OTHER = Formula("plain", "", ours=False)


def _places(tops: list[Node]) -> Iterator[Key]:
    """Where the arguments of calls stand in scratch space."""
    for node in inner_first(tops):
        for expression in node.expressions:
            if expression.place is not None:
                yield expression.place
