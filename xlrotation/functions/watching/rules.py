"""Watch rules as they are written: in rows of cells, or as tables of plain data."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary.anyformula import formula_text
from xlrotation.functions.boundary.cells import is_blank, shown
from xlrotation.functions.boundary.operators import read_operator
from xlrotation.functions.boundary.reading import spells_number
from xlrotation.functions.boundary.words import WORDS
from xlrotation.market.symbols import fold

MOST = 500
"""Rules that are looked at together."""

_ALL_BUT = 0.8
"""How much alike a head must be to one of a rule to be that one misspelt."""

_HEADS = {
    "name": ("name", "rule"),
    "formula": ("formula",),
    "op": ("op", "operator", "comparison"),
    "threshold": ("threshold", "level", "limit"),
    "symbol": ("symbol",),
    "above": ("above",),
    "below": ("below",),
}
_WORDS = {
    "name": ("name", "rule"),
    "formula": ("formula",),
    "op": ("operator",),
    "threshold": ("threshold",),
    "symbol": ("symbol",),
    "above": ("above",),
    "below": ("below",),
}
_ORDER = ("name", "formula", "op", "threshold", "symbol")


@dataclass(frozen=True, slots=True)
class Bound:
    """What a value is compared with.

    Attributes:
        op: One of :data:`OPERATORS`.
        threshold: The number.
    """

    op: str
    threshold: float

    def __str__(self) -> str:
        return f"{self.op} {self.threshold:.10g}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        name: What it is called.
        formula: Gives a number, or TRUE and FALSE.
        bounds: It fires where the number meets one of them; none for TRUE and FALSE.
        symbol: Whose returns are looked at after it fired; empty for the usual one.
        place: Where it is written.
        fault: Why it is no rule; empty where it is.
    """

    name: str
    formula: str
    bounds: tuple[Bound, ...] = ()
    symbol: str = ""
    place: str = ""
    fault: str = ""

    @property
    def condition(self) -> str:
        """What the value must meet."""
        return " or ".join(map(str, self.bounds))


def rules_in(cells: Sequence[Sequence[object]], place: str = "row", first: int = 1) -> list[Rule]:
    """The rules in rows of cells: under heads, or as name, formula, operator, threshold and symbol.

    What is wrong with one is in it, with its place; blank rows are passed over.

    Args:
        cells: The rows.
        place: What a row is called.
        first: The number of the first.

    Raises:
        BadArgument: There is no rule at all, or there are too many.
    """
    heads = _heads(cells[0]) if cells else {}
    columns = heads or dict(enumerate(_ORDER))
    found = []
    for number, row in enumerate(cells[1:] if heads else cells, first + bool(heads)):
        if all(is_blank(cell) for cell in row):
            continue
        given = {key: row[column] for column, key in columns.items() if column < len(row)}
        stray = [cell for column, cell in enumerate(row) if column not in columns and not is_blank(cell) and not heads]
        found.append(rule_of(given, f"{place} {number}", stray))
    if not found:
        raise BadArgument("there is no rule; give rows of name, formula, operator (> >= < <=) and threshold")
    if len(found) > MOST:
        raise BadArgument(f"{len(found):,} rules are more than the {MOST} that are looked at together")
    return found


def _heads(row: Sequence[object]) -> dict[int, str]:
    """What the columns are, where a row is of heads: it names a formula, and is none.

    Raises:
        BadArgument: A head stands twice, or one is all but one of these, so that its column would count for nothing.
    """
    known = {fold(text): key for key, texts in _HEADS.items() for text in texts}
    for key, words in _WORDS.items():
        for word in words:
            if word in WORDS:
                known |= {fold(text): key for text in WORDS[word].anywhere()}
    texts = {column: fold(cell) for column, cell in enumerate(row) if isinstance(cell, str)}
    found = {column: known[text] for column, text in texts.items() if text in known}
    if "formula" not in found.values():
        return {}
    for column, text in texts.items():
        if column in found:
            if found[column] in [other for place, other in found.items() if place < column]:
                told = f"the head {shown(row[column])} stands for {found[column]}, which another column is as well"
                raise BadArgument(told)
        elif alike := difflib.get_close_matches(text, known, 1, _ALL_BUT):
            raise BadArgument(f"the head {shown(row[column])} is none of a rule; did you mean {alike[0]}?")
    return found


def rule_of(given: Mapping[str, Any], place: str, stray: Sequence[object] = ()) -> Rule:
    """The rule that plain data mean; what is wrong with it is in it.

    Args:
        given: By what each of the data is: ``name``, ``formula``, ``op``, ``threshold``, ``symbol``; or ``above`` and
            ``below`` in the place of an operator and a threshold.
        place: Where it is written.
        stray: What stands beside it and means nothing.
    """
    formula = given.get("formula")
    name = given.get("name")
    called = str(name).strip() if not is_blank(name) and not isinstance(name, CellError) else place
    text = formula.strip() if isinstance(formula, str) else ""
    symbol = given.get("symbol")
    try:
        _check_no_errors(given)
        if stray:
            raise BadArgument(f"{shown(stray[0])} stands beside it and means nothing")
        if not text:
            raise BadArgument(_no_formula(formula))
        if not (is_blank(symbol) or isinstance(symbol, str)):
            raise BadArgument(f"{shown(symbol)} is no symbol")
        bounds = _bounds(given)
    except BadArgument as error:
        return Rule(called, text, place=place, fault=error.message)
    return Rule(called, formula_text(text), bounds, (symbol or "").strip(), place)


def _check_no_errors(given: Mapping[str, Any]) -> None:
    for key, cell in given.items():
        if isinstance(cell, CellError):
            raise BadArgument(f"its {key} is the error {cell.value}")


def _no_formula(formula: object) -> str:
    if is_blank(formula):
        return "it has no formula"
    return (
        f"{shown(formula)} is a value and no formula; write the formula as text, without the = or with an apostrophe "
        "before it"
    )


def _bounds(given: Mapping[str, Any]) -> tuple[Bound, ...]:
    op, threshold = given.get("op"), given.get("threshold")
    found = [
        Bound(sign, _number(given[key], key)) for key, sign in (("above", ">"), ("below", "<")) if _there(given, key)
    ]
    if not is_blank(op):
        sign = read_operator(op)
        if is_blank(threshold):
            raise BadArgument(f"the operator {sign} has no threshold")
        found.append(Bound(sign, _number(threshold, "threshold")))
    elif not is_blank(threshold):
        raise BadArgument(f"the threshold {shown(threshold)} has no operator; give one of > >= < <=")
    return tuple(found)


def _there(given: Mapping[str, Any], key: str) -> bool:
    return not is_blank(given.get(key))


def _number(cell: object, what: str) -> float:
    if isinstance(cell, str):
        plain = unicodedata.normalize("NFKC", cell).replace("\u2212", "-").strip()
        if not spells_number(plain):
            raise BadArgument(f"its {what} {shown(cell)} is no number")
        cell = float(plain)
    if isinstance(cell, bool) or not isinstance(cell, int | float) or cell != cell or abs(cell) == float("inf"):
        raise BadArgument(f"its {what} {shown(cell)} is no number")
    return float(cell)
