"""Formula texts read into trees, as a file or an analyst writes them; what is not understood to its end is refused."""

from __future__ import annotations

import functools
import math
import re

from xlrotation.errors import CELL_ERRORS, CellError
from xlrotation.workbook.formulas.calls import bare_name
from xlrotation.workbook.formulas.references import MAX_COLUMN, MAX_ROW, span
from xlrotation.workbook.formulas.tokens import FormulaError, _home, _Token, _tokens
from xlrotation.workbook.formulas.trees import (
    Apply,
    Binary,
    Call,
    Constant,
    Constants,
    Literal,
    Name,
    Node,
    Reference,
    Slot,
    Structured,
    Unary,
    Union,
)
from xlrotation.workbook.formulas.troubles import MAX_DEPTH, too_long

_PART = re.compile(r"\s*(?:\[((?:[^\[\]']|'.)*)\])\s*", re.DOTALL)


_ITEMS = ("#all", "#data", "#headers", "#totals", "#this row")


_LEVELS = (("=", "<", ">", "<=", ">=", "<>"), ("&",), ("+", "-"), ("*", "/"), ("^",))


_RANKS = {sign: rank for rank, signs in enumerate(_LEVELS) for sign in signs}


@functools.lru_cache(maxsize=8192)
def parse(formula: str, typed: bool = False) -> Node:
    """The tree of *formula*.

    Args:
        formula: The text, with or without the leading ``=``.
        typed: An analyst typed it: a semicolon or a full-width comma between arguments is a comma.

    Raises:
        FormulaError: It cannot be read to its end.
    """
    text = formula.strip()
    text = text[1:] if text.startswith("=") else text
    if what := too_long(text):
        raise FormulaError(what)
    return _Parser(text, typed).whole()


ANY_CELL, ANY_TEXT, ANY_NUMBER = "A1", '""', "1"
"""What stands in the slots of a text."""

Places = dict[int, int]
"""Where a text has its slots, and which each is."""


def parse_slotted(text: str, places: Places) -> Node | None:
    """The tree of *text* with slots for what begins at *places*; None where that is no reference, text or number.

    Raises:
        FormulaError: It cannot be read to its end.
    """
    if what := too_long(text):
        raise FormulaError(what)
    parser = _Parser(text, False, places)
    node = parser.whole()
    return node if parser.filled == len(places) else None


class _Parser:
    def __init__(self, text: str, typed: bool, places: Places | None = None) -> None:
        self._places = places or {}
        self.filled = 0
        self._text = text
        self._tokens = [*_tokens(text, typed), _Token("end", "", len(text), len(text))]
        self._place = 0
        self._depth = 0

    def whole(self) -> Node:
        if len(self._tokens) == 1:
            raise FormulaError("cannot be read as a formula: it is empty")
        node = self._expression()
        token = self._tokens[self._place]
        if token.kind != "end":
            if token.spaced and token.kind not in ("sign",):
                raise FormulaError(f"cannot be read as a formula: only a space stands before {token.text!r}")
            raise self._unread()
        return node

    def _unread(self) -> FormulaError:
        token = self._tokens[self._place]
        if token.kind == "end":
            return FormulaError("cannot be read as a formula: it ends too early; check its parentheses and quotes")
        return FormulaError(
            f"cannot be read as a formula: {token.text!r} at place {token.start + 1} has no meaning there"
        )

    def _peek(self) -> str:
        """The sign that follows, empty where it is none."""
        token = self._tokens[self._place]
        return token.text if token.kind == "sign" else ""

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._unread()
        self._place += 1

    def _expression(self, least: int = 0) -> Node:
        """Operands joined by operators that bind at least so much."""
        left = self._unary()
        while True:
            sign = self._peek()
            rank = _RANKS.get(sign, -1)
            if rank < least:
                return left
            self._place += 1
            left = Binary(sign, left, self._expression(rank + 1))

    def _unary(self) -> Node:
        sign = self._peek()
        if sign in ("-", "+", "@") and sign:
            self._place += 1
            self._deeper()
            signed = Unary(sign, self._unary())
            self._depth -= 1
            return signed
        node = self._ranged()
        while self._peek() == "%":
            self._place += 1
            node = Unary("%", node)
        return node

    def _ranged(self) -> Node:
        """References joined by ``:`` and by spaces."""
        node = self._colon()
        while self._tokens[self._place].spaced:
            token = self._tokens[self._place]
            starts = token.kind in ("area", "name", "table") or (token.kind == "sign" and token.text == "(")
            if not (starts and _may_refer(node)):
                return node
            node = Binary(" ", node, self._colon())
        return node

    def _colon(self) -> Node:
        node = self._postfix()
        while self._peek() == ":" and _may_refer(node):
            self._place += 1
            right = self._postfix()
            if not _may_refer(right):
                raise self._unread()
            node = Binary(":", node, right)
        return node

    def _postfix(self) -> Node:
        node = self._primary()
        while True:
            sign = self._peek()
            if sign == "#" and not self._tokens[self._place].spaced:
                self._place += 1
                node = Unary("#", node)
            elif sign == "(" and isinstance(node, Apply | Call) and not self._tokens[self._place].spaced:
                node = Apply(node, self._arguments())
            else:
                return node

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FormulaError(f"is a formula with more than {MAX_DEPTH} parentheses inside each other")

    def _primary(self) -> Node:
        token = self._tokens[self._place]
        if token.kind == "end":
            raise self._unread()
        self._place += 1
        if token.text in (ANY_CELL, ANY_TEXT, ANY_NUMBER) and token.start in self._places:
            self.filled += 1
            return (Slot if token.kind == "area" else Literal)(self._places[token.start])
        match token.kind:
            case "number":
                return Constant(_number(token.text))
            case "text":
                return Constant(token.text[1:-1].replace('""', '"'))
            case "error":
                return Constant(
                    CELL_ERRORS.get(token.text.upper().rpartition("!#")[2] and token.follows.upper(), CellError.VALUE)
                )
            case "area":
                return _reference(token)
            case "table":
                return _structured(token)
            case "name":
                return self._named(token)
        if token.text == "(":
            return self._grouped()
        if token.text == "{":
            return self._constants()
        self._place -= 1
        raise self._unread()

    def _grouped(self) -> Node:
        """What stands in parentheses: an expression, or a union of references."""
        self._deeper()
        parts = [self._expression()]
        while self._peek() in (",", "~"):  # a union, as LibreOffice writes it
            self._place += 1
            parts.append(self._expression())
        self._take(")")
        self._depth -= 1
        if len(parts) == 1:
            return parts[0]
        if all(map(_may_refer, parts)):
            return Union(tuple(parts))
        self._place -= 1
        raise self._unread()

    def _named(self, token: _Token) -> Node:
        assert token.match is not None
        name = token.match["name"]
        book, sheet, _ = _home(token.match)
        if self._peek() == "(" and not (self._tokens[self._place].spaced and "\n" in self._text[token.end :][:1]):
            return Call(bare_name(name), self._arguments(), book)
        upper = name.upper()
        if upper in ("TRUE", "FALSE") and sheet is None:
            return Constant(upper == "TRUE")
        return Name(name[6:] if name.lower().startswith("_xlpm.") else name, sheet, book)

    def _arguments(self) -> tuple[Node | None, ...]:
        self._take("(")
        self._deeper()
        found: list[Node | None] = []
        if self._peek() == ")":
            self._place += 1
            self._depth -= 1
            return ()
        while True:
            if self._peek() in (",", ")") and self._peek():
                found.append(None)
            else:
                found.append(self._expression())
            if self._peek() == ")":
                self._place += 1
                self._depth -= 1
                return tuple(found)
            self._take(",")

    def _constants(self) -> Node:
        rows: list[list[bool | float | str | CellError | None]] = [[]]
        while True:
            sign = self._peek()
            negative = sign == "-"
            if sign in ("-", "+") and sign:
                self._place += 1
            node = self._primary()
            if not isinstance(node, Constant) or (negative and not isinstance(node.value, float)):
                self._place -= 1
                raise self._unread()
            value = node.value
            if self._peek() == "%" and isinstance(value, float):
                self._place += 1
                value /= 100
            rows[-1].append(-value if negative and isinstance(value, float) else value)
            sign = self._peek()
            if sign == "}":
                self._place += 1
                break
            if sign == ";":
                rows.append([])
            elif sign != ",":
                raise self._unread()
            self._place += 1
        if len({len(row) for row in rows}) != 1:
            raise FormulaError("cannot be read as a formula: the rows of an array differ in length")
        return Constants(tuple(map(tuple, rows)))


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise FormulaError(f"cannot be read as a formula: {text[:40]} is beyond 1.8E+308, more than a cell holds")
    return value


def _may_refer(node: Node) -> bool:
    if isinstance(node, Constant):
        return node.value is CellError.REF
    return (
        isinstance(node, Reference | Slot | Name | Structured | Union | Call | Apply)
        or (isinstance(node, Binary) and node.sign in (" ", ":"))
        or (isinstance(node, Unary) and node.sign == "#")
    )


def _reference(token: _Token) -> Node:
    assert token.match is not None
    book, sheet, last_sheet = _home(token.match)
    area = token.match["area"]
    row, column, last_row, last_column = span(area)
    if row < 1 or last_row > MAX_ROW or last_column > MAX_COLUMN:
        return Constant(CellError.NAME) if ":" in area else Name(area, sheet, book)
    whole = not (any(map(str.isdigit, area)) and any(map(str.isalpha, area)))
    return Reference(row, column, last_row, last_column, sheet, last_sheet, book, whole)


def _structured(token: _Token) -> Node:
    table, book = "", None
    if token.match is not None:
        table = token.match["name"]
        book, *_ = _home(token.match)
    inner = token.follows[1:-1]
    items: list[str] = []
    columns: list[str] = []
    stripped = inner.strip()
    at = stripped.startswith("@")
    if at:
        items.append("#this row")
        stripped = stripped[1:].strip()
    if not stripped.startswith("["):
        if stripped.lower() in _ITEMS:
            items.append(stripped.lower())
        elif stripped:
            columns.append(_unquoted(stripped if at or inner == stripped else inner))
        return Structured(table, tuple(items), tuple(columns), book)
    place, joined = 0, ""
    while place < len(stripped):
        part = _PART.match(stripped, place)
        if part is None:
            raise FormulaError(f"cannot be read as a formula: {token.follows!r} is no part of a table")
        if part[1].strip().lower() in _ITEMS:
            items.append(part[1].strip().lower())
        elif joined == "," and columns:
            raise FormulaError(f"cannot be read as a formula: {token.follows!r} is no part of a table")
        else:
            columns.append(_unquoted(part[1]))
        place = part.end()
        joined = stripped[place : place + 1]
        if place < len(stripped) and joined not in (",", ":"):
            raise FormulaError(f"cannot be read as a formula: {token.follows!r} is no part of a table")
        place += 1
    return Structured(table, tuple(items), tuple(columns), book)


def _unquoted(column: str) -> str:
    return re.sub(r"'(.)", r"\1", column)
