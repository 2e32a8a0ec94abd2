"""Rules of a worksheet that call our functions: conditional formats and validations."""

from __future__ import annotations

import re

from xlrotation.workbook.package.splice import Edits, Element, parse

_RULES = ("cfRule", "dataValidation")
_HOLDERS = ("conditionalFormatting", "conditionalFormattings", "dataValidations", "ext", "extLst")
_FORMULAS = ("formula", "formula1", "formula2", "f")


def without_calls(before: bytes, cells: bytes, behind: bytes, ours: re.Pattern[str]) -> tuple[bytes, bytes, bytes]:
    """A worksheet, given in three pieces, without the rules that call our functions.

    Args:
        before: What stands before the cells.
        cells: The cells.
        behind: What stands behind them.
        ours: What finds a call of ours in a formula.
    """
    if not ours.search(behind.decode("utf-8", "replace")):
        return before, cells, behind
    frame = before + behind
    root = parse(frame)
    edits = Edits(frame)
    validations: list[Element] = []
    for rule in [*root.iter(*_RULES)]:
        if any(ours.search(formula.text) for formula in rule.iter(*_FORMULAS)):
            if rule.parent is not None and rule.parent.name == "dataValidations":
                validations.append(rule.parent)
            edits.prune(rule, *_HOLDERS)
    for holder in dict.fromkeys(validations):
        if holder.children:
            edits.set(holder, {"count": str(len(holder.children))})
    return before, cells, edits.apply()[len(before) :]
