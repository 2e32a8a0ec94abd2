"""Formulas that no spreadsheet takes, found before they are read: reading them would exhaust the stack."""

from __future__ import annotations

import re

_TEXT = re.compile(r'"(?:[^"]|"")*"')
_BRACKETS = re.compile(r"\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]")
_SHEET = re.compile(r"'(?:[^']|'')*'")
_OPERATOR = re.compile(r"[*/+<>=&^%-]")
_NESTING = re.compile(r"[(){}]")

MAX_LENGTH = 8192
MAX_DEPTH = 100
MAX_OPERATORS = 1000


def too_long(formula: str) -> str:
    """Why *formula* is not read; empty for any that a spreadsheet takes."""
    if len(formula) <= MAX_DEPTH:
        return ""
    if len(formula) > MAX_LENGTH:
        return f"is a formula of {len(formula):,} characters; spreadsheets take {MAX_LENGTH:,}"
    skeleton = _skeleton(formula)
    depth = deepest = 0
    for mark in _NESTING.findall(skeleton):
        depth += 1 if mark in "({" else -1
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        return f"is a formula with {deepest:,} parentheses inside each other; spreadsheets take 64"
    operators = len(_OPERATOR.findall(skeleton))
    return (
        f"is a formula with {operators:,} operators; split it over several cells" if operators > MAX_OPERATORS else ""
    )


def _skeleton(formula: str) -> str:
    """*formula* without what stands in quotes and brackets."""
    return _SHEET.sub("s", _BRACKETS.sub("", _TEXT.sub('""', formula)))
