"""Watch rules: formulas with a threshold, looked at when the reports are done."""

from __future__ import annotations

import math
from dataclasses import dataclass

from xlrotation.errors import CellError, RotationError
from xlrotation.functions.boundary.session import Session
from xlrotation.outside import reason


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        name: What the summary calls it.
        formula: Gives a number, or TRUE and FALSE.
        above: Fires where the number is larger.
        below: Fires where the number is smaller.
        source: Where the data come from; None: the default.
        asof: The as-of date; None: the newest session.
    """

    name: str
    formula: str
    above: float | None = None
    below: float | None = None
    source: str | None = None
    asof: str | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of a rule.

    Attributes:
        rule: It.
        value: What its formula gave; None where it gave nothing that can be compared.
        fired: Whether it fired.
        failed: Why it could not be looked at; empty where it was.
    """

    rule: Rule
    value: float | bool | None = None
    fired: bool = False
    failed: str = ""

    @property
    def told(self) -> str:
        """What came of it, in words."""
        if self.failed:
            return f"{self.rule.name}: cannot be looked at ({self.failed})"
        value = str(self.value).upper() if isinstance(self.value, bool) else f"{self.value:.10g}"
        bounds = [
            f"{word} {bound:.10g}"
            for word, bound in (("above", self.rule.above), ("below", self.rule.below))
            if bound is not None
        ]
        return f"{self.rule.name}: {value}{' (' + ' or '.join(bounds) + ')' if bounds else ''}"

    def as_dict(self) -> dict[str, object]:
        """As plain data."""
        return {
            "name": self.rule.name,
            "formula": self.rule.formula,
            "above": self.rule.above,
            "below": self.rule.below,
            "value": self.value,
            "fired": self.fired,
            "failed": self.failed,
        }


def look(rule: Rule, session: Session) -> Watched:
    """Look at a rule; what goes wrong is in the result, never raised."""
    from xlrotation.workbook.evaluation.oneformula import evaluate_formula

    try:
        session = session.pinned(apart=True)
        value = evaluate_formula(rule.formula, session)
    except Exception as error:  # a rule that fails must not end the others
        return Watched(rule, failed=reason(error))
    if isinstance(value, CellError):
        told = session.failures[-1].reason if session.failures else ""
        return Watched(rule, failed=f"{value}{': ' + told if told else ''}")
    thresholds = rule.above is not None or rule.below is not None
    if isinstance(value, bool):
        if thresholds:
            return Watched(rule, failed="its formula gives TRUE or FALSE, which no threshold goes with")
        return Watched(rule, value, value)
    if not isinstance(value, int | float) or not math.isfinite(value):
        what = "a table" if isinstance(value, list) else f"{value!r}"
        return Watched(rule, failed=f"its formula gives {what}, and a rule compares one number")
    if not thresholds:
        return Watched(rule, failed="its formula gives a number; the rule needs above or below")
    fired = (rule.above is not None and value > rule.above) or (rule.below is not None and value < rule.below)
    return Watched(rule, float(value), fired)


def unlooked(rule: Rule, error: RotationError) -> Watched:
    """A rule whose data cannot be had."""
    return Watched(rule, failed=reason(error))
