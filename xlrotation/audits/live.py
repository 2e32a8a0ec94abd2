"""What the audit workbook computes by itself: the choice among readings, the difference and the verdict of a row.

All of it is native formulas: whichever formula stands in a row's cell, chosen or typed, its value, its difference and
its verdict follow, by the same tolerances as in the audit.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from xlrotation.functions.auditing import conventions, told
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.reading import IN_PERCENT, Reading
from xlrotation.functions.auditing.verdicts import Judged, Verdict, tolerance_about, without_sign
from xlrotation.functions.boundary.words import word

_MOST = 8
"""Readings of a figure that are offered."""

_LONGEST = 7000
"""Characters of a formula that chooses."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A formula that a figure may be read by.

    Attributes:
        told: The reading, in words.
        formula: With its sign of equality.
        scale: What its value is multiplied by to stand in the printed unit.
    """

    told: str
    formula: str
    scale: float


def scale_of(figure: Figure, reading: Reading | None, printed: bool = False) -> float:
    """What the value of a reading's formula is multiplied by to stand in the printed unit."""
    points = figure.unit == "bp"
    if printed:
        return 100.0 if points else 1.0
    if reading is not None and reading.what == "rate":
        return 100.0 if points else 1.0
    if reading is None or reading.what not in IN_PERCENT:
        return 1.0
    return 1e4 if points else 100.0


def choices(one: Judged, lang: str) -> tuple[list[Choice], int]:
    """The formulas that a figure may be read by, and the number of the one that its verdict is about."""
    figure = one.bound.figure
    found = [
        Choice(told.reading_text(reading, lang), reading.formula, scale_of(figure, reading))
        for reading in one.bound.readings[:_MOST]
        if reading.formula
    ]
    if one.formula and one.formula not in [choice.formula for choice in found]:
        name = one.convention.into(lang) if one.convention else ""
        words = "; ".join(part for part in (told.reading_text(one.reading, lang), name) if part)
        scale = scale_of(figure, one.reading, one.convention == conventions.PRINTED)
        found.append(Choice(words, one.formula, scale))
    chosen = next((number for number, choice in enumerate(found, 1) if choice.formula == one.formula), 1)
    return found, chosen


def choosing(found: list[Choice], cell: str) -> str:
    """The formula of a row: that of its only reading, or the one of the number in *cell*."""
    if len(found) == 1:
        return found[0].formula
    text = f"=CHOOSE({cell},{','.join(choice.formula.removeprefix('=') for choice in found)})"
    return text if len(text) <= _LONGEST else found[0].formula


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a row's verdict needs besides what is seen.

    Attributes:
        relation: ``=``, ``~``, ``>``, ``<``, ``range`` or ``date``.
        low: The published number, or the first day that agrees.
        high: The upper end of a range, or the last day that agrees.
        slack: How far a value may be away.
        unsigned: Whether signs are left out.
    """

    relation: str
    low: float | dt.date
    high: float | dt.date
    slack: float
    unsigned: bool


def bounds_of(one: Judged) -> Bounds | None:
    """What makes a value agree with a figure; None where nothing is compared."""
    figure, reading = one.bound.figure, one.reading
    if reading is None:
        return None
    if isinstance(one.computed, dt.date):
        days = reading.days_met(figure)
        return Bounds("date", *days, 0.0, False) if days else None
    if figure.value != figure.value:
        return None
    unsigned = without_sign(reading, one.bound.signs)
    low = abs(figure.value) if unsigned else figure.value
    high = figure.high if figure.relation == "range" else low
    return Bounds(figure.relation, low, high, tolerance_about(figure, low), unsigned)


def verdict(one: Judged, row: int, lang: str, last: int) -> str:
    """The formula of a row's verdict.

    Args:
        one: The figure.
        row: Number of its row.
        lang: Language of the verdicts.
        last: Number of the choice that stands for a convention; 0 where there is none.
    """
    value = f"IF(R{row}=1,ABS(E{row}),E{row})"
    agrees = (
        f'IF(M{row}="date",AND(E{row}>=N{row},E{row}<=O{row}),'
        f'IF(M{row}=">",{value}>N{row}-P{row},IF(M{row}="<",{value}<N{row}+P{row},'
        f"AND({value}>=N{row}-P{row},{value}<=O{row}+P{row}))))"
    )
    name = {each: word(each, lang).replace('"', '""') for each in Verdict}
    fits = f'"{name[Verdict.AGREES]}"'
    if last:
        fits = f'IF(L{row}={last},"{name[Verdict.CONVENTION]}",{fits})'
    first = f"ABS(E{row}-S{row})<=0.000000001*MAX(1,ABS(S{row}))"
    other = f'IF({first},"{name[one.verdict]}","{name[Verdict.DIFFERS]}")'
    return f'=IF(ISNUMBER(E{row}),IF({agrees},{fits},{other}),"{name[Verdict.NEEDS_DATA]}")'
