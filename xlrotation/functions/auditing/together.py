"""What the figures of a text tell of each other: a number that is printed twice, a level that a run is counted from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from xlrotation.functions.auditing.bound import Bound
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.prose import Sentence
from xlrotation.functions.auditing.reading import Reading

_DAYS = {"D": 1.45, "W": 7.0, "M": 30.4, "Y": 365.0}
_DIGITS = 100
"""Units of the last digit that a number has at least, to be known again where it is printed once more."""


def together(bound: Sequence[Bound]) -> list[Bound]:
    """The figures, each read in the light of the others."""
    return _repeated(_without_thresholds(bound))


def moved(one: Bound, places: Sequence[int]) -> Bound:
    """A figure at its place in the text as given; *places* has the place of each character that was read."""
    figure, sentence = one.figure, one.sentence
    start, end = places[sentence.start], places[sentence.end - 1] + 1
    return replace(
        one,
        figure=replace(figure, start=places[figure.start], end=places[figure.end - 1] + 1),
        sentence=Sentence(start, end, sentence.row, sentence.paragraph),
    )


def _without_thresholds(bound: Sequence[Bound]) -> list[Bound]:
    """The level that a run is counted above is no measurement of its own."""
    levels = {
        (one.sentence.start, one.readings[0].n)
        for one in bound
        if one.readings and one.readings[0].what == "volatility streak"
    }
    return [
        replace(
            one,
            figure=replace(one.figure, kind="threshold", reason="the level that the run is counted from"),
            readings=(),
        )
        if (one.sentence.start, one.figure.value) in levels
        and one.figure.unit in ("", "points")
        and one.figure.kind == "measurement"
        else one
        for one in bound
    ]


def _repeated(bound: list[Bound]) -> list[Bound]:
    """A number that a text prints again of the same subject is read as where its window or day is told best."""
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, one in enumerate(bound):
        if one.readings and one.figure.kind == "measurement" and _known_again(one.figure):
            groups[_key(one.figure, one.readings[0])].append(place)
    found = list(bound)
    for places in groups.values():
        if len(places) < 2:
            continue
        best = max((bound[place].readings[0] for place in places), key=_told)
        for place in places:
            mine = bound[place].readings[0]
            if mine != best and _gives_way(mine, best):
                others = [one for one in bound[place].readings if one != best]
                found[place] = replace(bound[place], readings=(best, *others))
    return found


def _known_again(figure: Figure) -> bool:
    if figure.pattern:
        return figure.pattern == "streak" and figure.value > 5
    return abs(figure.value) / figure.step >= _DIGITS or figure.step <= 0.011


def _key(figure: Figure, reading: Reading) -> tuple[object, ...]:
    """What makes two figures the same: the first subject, the kind of measure, the number as printed."""
    kind = "streak" if "streak" in reading.what else reading.measure.replace("YTD", "return")
    first = reading.subject_pair[0] if reading.what in ("streak", "spread") else reading.subject
    return first, kind, round(abs(figure.value), 9), figure.unit, figure.step


def _told(reading: Reading) -> tuple[bool, bool, bool]:
    """How well a text tells a reading: without doubts, from a day on, of two where others are of one."""
    return not reading.doubts, reading.since is not None, reading.what == "streak"


def _gives_way(mine: Reading, best: Reading) -> bool:
    """Whether a reading is less told than another of the same number, and nothing in it speaks against that."""
    if mine.what == "own streak":
        return best.what == "streak"
    if mine.doubts:
        return not best.doubts
    if best.since is None or mine.since is not None or best.asof is None or not mine.window[:-1].isdigit():
        return False
    told = int(mine.window[:-1]) * _DAYS[mine.window[-1]]
    return abs((best.asof - best.since).days - told) <= 0.2 * told
