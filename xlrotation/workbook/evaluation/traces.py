"""Rules of a worksheet that call our functions: conditional formats and validations."""

from __future__ import annotations

from collections.abc import Mapping

from xlrotation.workbook.evaluation.outcome import Frozen
from xlrotation.workbook.formulas.calls import Mentions
from xlrotation.workbook.package.shared import once
from xlrotation.workbook.package.splice import Edits, Element, parse, text_bytes
from xlrotation.workbook.package.xmltext import quoted

_RULES = ("cfRule", "dataValidation")
_HOLDERS = ("conditionalFormatting", "conditionalFormattings", "dataValidations", "ext", "extLst")
_FORMULAS = ("formula", "formula1", "formula2", "f")
_KEPT = ("dxfId", "priority", "stopIfTrue")

Rules = Mapping[tuple[str, tuple[str, ...]], Frozen]
"""By cells and formulas of a rule: what it says now."""


def without_calls(
    before: bytes, cells: bytes, behind: bytes, ours: Mentions, rules: Rules
) -> tuple[bytes, bytes, bytes]:
    """A worksheet, given in three pieces, whose rules do not call our functions.

    Args:
        before: What stands before the cells.
        cells: The cells.
        behind: What stands behind them.
        ours: What finds a call of ours in a formula.
        rules: What takes the place of rules that call ours; others are left out.
    """
    if not ours.search(behind.decode("utf-8", "replace")):
        return before, cells, behind
    frame = before + behind
    root = once(parse, frame)
    edits = Edits(frame)
    validations: list[Element] = []
    for rule in [*root.iter(*_RULES)]:
        elements = [*rule.iter(*_FORMULAS)]
        texts = [element.text for element in elements]
        texts += [value.get("val") for value in rule.iter("cfvo") if value.get("type") == "formula"]
        if not any(map(ours.search, texts)):
            continue
        holder = rule if rule.name == "dataValidation" else rule.parent
        now = None if holder is None else rules.get((holder.get("sqref"), tuple(texts)))
        if now is not None and now.formulas:
            for element, text in zip(elements, now.formulas, strict=True):
                edits.replace(element.inside, element.outside, text_bytes(text))
            continue
        if now is not None and now.cells and holder is not None:
            edits.replace(holder.start, holder.start, _held(rule, now.cells))
        if rule.parent is not None and rule.parent.name == "dataValidations":
            validations.append(rule.parent)
        edits.prune(rule, *_HOLDERS)
    for validation in dict.fromkeys(validations):
        if left := edits.left(validation):
            edits.set(validation, {"count": str(len(left))})
    return before, cells, edits.apply()[len(before) :]


def _held(rule: Element, cells: str) -> bytes:
    """A conditional format that holds in *cells*, with the look and rank of *rule*."""
    kept = "".join(f" {name}={quoted(rule.get(name))}" for name in _KEPT if rule.get(name))
    p = rule.prefix
    return (
        f'<{p}conditionalFormatting sqref={quoted(cells)}><{p}cfRule type="expression"{kept}>'
        f"<{p}formula>TRUE</{p}formula></{p}cfRule></{p}conditionalFormatting>"
    ).encode()
