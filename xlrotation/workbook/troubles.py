"""Formulas that the evaluation must not be trusted with, found before it starts.

IronCalc stops reading a formula where it does not understand it and computes what stands before, without a word:
``=A1:A3 A2:B2`` becomes ``=A1:A3``. So such formulas are found here and reported.
"""

from __future__ import annotations

import re

from xlrotation.workbook.calls import argument_texts, find_calls
from xlrotation.workbook.references import parse_area

_TEXT = re.compile(r'"(?:[^"]|"")*"')
_BRACKETS = re.compile(r"\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]")
_SHEET = re.compile(r"'(?:[^']|'')*'")
_OTHER_BOOK = re.compile(r"(?:'[^']*\[[^\]]+\][^']*'|(?<![\w\]])\[[^\]]+\][\w.]*)!(?!@?[\w.]+\s*\()")
_SEVERAL_SHEETS = re.compile(
    r"(?:'(?:[^'\[]|'')*:(?:[^'\[]|'')*'|(?<![\w.$!'])[A-Za-z_\u0080-\uffff][\w.]*:[\w.]+)!(?!@?[\w.]+\s*\()"
)
_SPACE = re.compile(r"[\w)}%\"#](?<![Ee])\s+[\w{\"$]|[)}%\"]\s+\(")
_LAST_MATCH = re.compile(r"(?<![\w.])LOOKUP\(\s*2\s*,\s*1\s*/", re.IGNORECASE)
_INNERMOST = re.compile(r"\([^()]*\)")
_OPERATOR = re.compile(r"[*/+<>=&^%-]")
_NESTING = re.compile(r"[(){}]")
_GIVES_ARRAY = re.compile(
    r"(?:_xlfn\.)?(?:_xlws\.)?(?:SEQUENCE|FILTER|SORT|SORTBY|UNIQUE|TRANSPOSE|VSTACK|HSTACK|TAKE|DROP|CHOOSEROWS"
    r"|CHOOSECOLS|TOROW|TOCOL|TEXTSPLIT|MAP|SCAN|BYROW|BYCOL|LET|CHOOSE|IF)\(",
    re.IGNORECASE,
)
_PAIRS = {")": "(", "}": "{"}

_SPILLING = re.compile(
    r"_xlfn\.(?:_xlws\.)?(?:SEQUENCE|FILTER|SORT|SORTBY|UNIQUE|RANDARRAY|VSTACK|HSTACK|TAKE|DROP|CHOOSEROWS|CHOOSECOLS"
    r"|EXPAND|TOROW|TOCOL|WRAPROWS|WRAPCOLS|TEXTSPLIT|MAP|SCAN|MAKEARRAY|BYROW|BYCOL|LET|XLOOKUP|ANCHORARRAY)\(",
    re.IGNORECASE,
)

MAX_LENGTH = 8192
MAX_DEPTH = 100
MAX_OPERATORS = 1000

READS_RANGES = frozenset({"XLOOKUP"})
"""Functions that IronCalc computes over ranges only, and as #N/A over arrays."""


def too_long(formula: str) -> str:
    """Why *formula* must not reach IronCalc, whose stack it would exhaust; empty for any that a spreadsheet takes."""
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


def trouble(formula: str) -> str:
    """Why *formula* cannot be computed, or would be computed wrongly; empty where nothing speaks against it."""
    if "[" in formula or "'" in formula or ":" in formula:
        bare = _TEXT.sub('""', formula)
        if _OTHER_BOOK.search(bare):
            return "refers to another workbook; paste those cells as values"
        if "!" in bare and _SEVERAL_SHEETS.search(bare):
            return "refers to the same cells of several sheets at once, which the evaluation cannot; name each sheet"
    if _unbalanced(formula):
        return "cannot be read as a formula: its parentheses, braces or quotes do not pair up"
    if any(mark in formula for mark in " \n\t") and _SPACE.search(_skeleton(formula)):
        return "has two terms with only a space between them (an intersection), which the evaluation cannot compute"
    return _unsure(formula)


def _skeleton(formula: str) -> str:
    """*formula* without what stands in quotes and brackets."""
    return _SHEET.sub("s", _BRACKETS.sub("", _TEXT.sub('""', formula)))


def _unbalanced(formula: str) -> bool:
    if not any(mark in formula for mark in '(){}"'):
        return False
    if '"' not in formula and "'" not in formula and "{" not in formula and "[" not in formula:
        depth = 0
        for mark in re.findall(r"[()]", formula):
            depth += 1 if mark == "(" else -1
            if depth < 0:
                return True
        return depth != 0
    skeleton = _skeleton(formula).replace('""', "")
    if '"' in skeleton:
        return True
    stack: list[str] = []
    for mark in _NESTING.findall(skeleton):
        if mark in "({":
            stack.append(mark)
        elif not stack or stack.pop() != _PAIRS[mark]:
            return True
    return bool(stack)


def _unsure(formula: str) -> str:
    upper = formula.upper()
    if "LOOKUP(" not in upper:
        return ""
    if _LAST_MATCH.search(formula):
        return "looks up the last match with LOOKUP(2,1/...), which is not computed reliably; use XLOOKUP from the end"
    if "XLOOKUP(" in upper:
        for call in find_calls(formula, READS_RANGES):
            texts = argument_texts(formula, call)
            if _is_several(texts[0]) or any(map(_is_array, texts[1:3])) or any(map(_is_block, texts[2:3])):
                return "uses XLOOKUP over computed arrays, which the evaluation cannot; use INDEX with MATCH"
    return ""


def _is_several(text: str) -> bool:
    area = parse_area(text)
    return text.startswith("{") or text.endswith("#") or (area is not None and not area.is_cell)


def _is_array(text: str) -> bool:
    """Whether an argument is computed rather than a reference, a name, or a function that gives a reference."""
    if parse_area(text) is not None or text.startswith("{"):
        return text.startswith("{")
    skeleton = _skeleton(text)
    while (inner := _INNERMOST.sub("", skeleton)) != skeleton:
        skeleton = inner
    return _OPERATOR.search(skeleton) is not None or _GIVES_ARRAY.match(text) is not None


def _is_block(text: str) -> bool:
    area = parse_area(text)
    return area is not None and area.row != area.last_row and area.column != area.last_column


def spills(formula: str) -> bool:
    """Whether IronCalc lets *formula* spill though the file does not say so; spreadsheets show its first value."""
    return "_xlfn." in formula and _SPILLING.search(formula) is not None
