"""Formulas that no spreadsheet takes, found before they are read: reading them would exhaust the stack."""

from __future__ import annotations

from xlrotation.workbook.formulas.tokens import marks

_OPERATORS = frozenset(("=", "<", ">", "<=", ">=", "<>", "&", "+", "-", "*", "/", "^", "%"))

MAX_LENGTH = 8192
MAX_DEPTH = 100
"""Calls and parentheses inside each other; spreadsheets take 64."""

MAX_OPERATORS = 1000


def too_long(formula: str) -> str:
    """Why *formula* is not read; empty for any that a spreadsheet takes."""
    if len(formula) <= MAX_DEPTH:
        return ""
    if len(formula) > MAX_LENGTH:
        return f"is a formula of {len(formula):,} characters; spreadsheets take {MAX_LENGTH:,}"
    if sum(map(formula.count, "({")) <= MAX_DEPTH and sum(map(formula.count, "=<>&+-*/^%")) <= MAX_OPERATORS:
        return ""  # whatever of them stands in quotes
    depth = deepest = operators = 0
    for token in marks(formula.removeprefix("=")):
        if token.kind == "sign":
            depth += (token.text in "({") - (token.text in ")}")
            deepest = max(deepest, depth)
            operators += token.text in _OPERATORS
    if deepest > MAX_DEPTH:
        return f"is a formula with {deepest:,} parentheses inside each other; spreadsheets take 64"
    return (
        f"is a formula with {operators:,} operators; split it over several cells" if operators > MAX_OPERATORS else ""
    )
