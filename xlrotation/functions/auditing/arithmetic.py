"""Arithmetic inside a text: printed differences, sums and shares that follow from other printed figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xlrotation.functions.auditing.bound import Bound

_SUM = re.compile(r"\btotal\b|\btogether\b|\bcombined\b|\bin all\b|\bsum\b|合计|总计|共计|总共|两者共", re.ASCII)
_SHARE = re.compile(r"\bof (?:all|the)\b|\bor\b|占", re.ASCII)
_NUMBER = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?!\d)|(?<![\d.,])\d+(?![\d,]|\.\d|%)", re.ASCII)
_MOST = 12


@dataclass(frozen=True, slots=True)
class Check:
    """Printed numbers that must agree with each other.

    Attributes:
        kind: ``difference``, ``sum`` or ``share``.
        formula: What gives the last from the others, as a cell computes it.
        published: The number that follows.
        computed: What the others give.
        agrees: Whether they do, within the printed digits.
        start: Place of the number that follows.
        end: The place behind it.
    """

    kind: str
    formula: str
    published: float
    computed: float
    agrees: bool
    start: int
    end: int


def checks(text: str, bound: Sequence[Bound]) -> list[Check]:
    """Every check that plain *text* allows."""
    return sorted([*_differences(bound), *_sums_and_shares(text, bound)], key=lambda one: one.start)


def difference_of(one: Bound, bound: Sequence[Bound]) -> Check | None:
    """The check of a printed difference against the two printed returns that it compares, where both are near."""
    figure = one.figure
    if not one.readings or one.readings[0].what not in ("spread", "equal weight") or figure.relation not in ("=", "~"):
        return None
    reading = one.readings[0]
    first, second = reading.subject_pair
    near = [
        other
        for other in bound
        if other.readings and other.readings[0].what == "return" and abs(other.figure.start - figure.start) < 400
    ]
    same = [
        other
        for other in near
        if (other.readings[0].window, other.readings[0].since, other.readings[0].asof)
        == (reading.window, reading.since, reading.asof)
    ]
    pair = [
        next((other for other in same if other.readings[0].subject == name and other.figure.relation == "="), None)
        for name in (first, second)
    ]
    if pair[0] is None or pair[1] is None:
        return None
    left, right = pair[0].figure, pair[1].figure
    computed = (left.value - right.value) * (100 if figure.unit == "bp" else 1)
    scale = 100 if figure.unit == "bp" else 1
    slack = 0.5 * figure.step + (left.step + right.step) * 0.5 * scale
    if figure.step >= left.step * scale:
        slack = max(0.5 * figure.step, 1e-9) + 1e-9
    agrees = abs(abs(computed) - abs(figure.value)) <= slack + (figure.step if figure.relation == "~" else 0)
    return Check(
        "difference", f"={left.value:g}-({right.value:g})", figure.value, computed, agrees, figure.start, figure.end
    )


def _differences(bound: Sequence[Bound]) -> Iterator[Check]:
    for one in bound:
        if (found := difference_of(one, bound)) is not None:
            yield found


def _sums_and_shares(text: str, bound: Sequence[Bound]) -> Iterator[Check]:
    """Sums and shares of plain counts within a sentence: 98 and 80, together 178, of 387 or 46 %."""
    seen: set[int] = set()
    for one in bound:
        sentence = one.sentence
        if sentence.start in seen or sentence.row:
            continue
        seen.add(sentence.start)
        part = text[sentence.start : sentence.end]
        if not (_SUM.search(part) or _SHARE.search(part)):
            continue
        numbers = [
            (float(match[0].replace(",", "")), sentence.start + match.start()) for match in _NUMBER.finditer(part)
        ][:_MOST]
        yield from _sums(text, numbers)
        yield from _shares(
            text,
            numbers,
            [
                other
                for other in bound
                if other.sentence == sentence and other.figure.unit == "%" and not other.readings
            ],
        )


def _sums(text: str, numbers: Sequence[tuple[float, int]]) -> Iterator[Check]:
    for place in range(2, len(numbers)):
        (first, _), (second, _), (total, start) = numbers[place - 2 : place + 1]
        between = text[numbers[place - 1][1] : start]
        if _SUM.search(between) and first > 1 and second > 1:
            yield Check(
                "sum",
                f"={first:g}+{second:g}",
                total,
                first + second,
                first + second == total,
                start,
                start + len(f"{total:g}"),
            )


def _shares(text: str, numbers: Sequence[tuple[float, int]], shares: Sequence[Bound]) -> Iterator[Check]:
    for share in shares:
        before = [one for one in numbers if one[1] < share.figure.start][-2:]
        if (
            len(before) == 2
            and 0 < before[0][0] < before[1][0]
            and _SHARE.search(text[before[0][1] : share.figure.start])
        ):
            computed = 100 * before[0][0] / before[1][0]
            agrees = (
                abs(computed - share.figure.value)
                <= share.figure.step * (1.0 if share.figure.relation == "~" else 0.5) + 1e-9
            )
            yield Check(
                "share",
                f"=100*{before[0][0]:g}/{before[1][0]:g}",
                share.figure.value,
                computed,
                agrees,
                share.figure.start,
                share.figure.end,
            )
