"""The verdict on a figure: what the data say to it, by its reading, by other conventions, by other readings."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from xlrotation.functions.auditing import conventions
from xlrotation.functions.auditing.bound import Bound
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.names import SECTORS, VOLATILITY
from xlrotation.functions.auditing.reading import IN_PERCENT, NO_WINDOW, PROPOSED, Reading, is_priced
from xlrotation.functions.auditing.sessions import Sessions
from xlrotation.languages import Text

Compute = Callable[[str], object]
"""What gives the value of a formula; an error value where there is none."""

_WEAK = 0.25
"""A convention that fits by chance more often than this explains nothing."""

_NARROW = 0.15
"""A day's range that is more than this of what the month's closes span explains nothing."""

_YIELD = 0.06
"""Dividends of a year that a close may be less, as a share of it."""

_ROUNDING = 1e-9
NO_DATE = Text("the text gives no date: name it")
NO_FUNCTION = Text("no function computes it")
NO_DATA = Text("the source does not hold the data")
AFTER_DATA = Text("after the last session of the data ({last})")
BY_FUND = Text("the sector's fund stands in for the vendor's sector")
IN_RANGE = Text("within the day's range")
UNADJUSTED = Text("the source does not say whether its closes are less dividends")
SUGGESTED = Text("the level is the close of {day} in the data")
QUOTED = Text("quoted as another's figure")
BY_PROPOSAL = Text("read as was proposed, not by the rules")
NOT_SURE = Text("another reading fits: {formula}")
ROUND = Text("a round number may be a threshold")
DOUBTFUL = Text("the reading is doubtful")
BY_SIGN = Text("it agrees but for its sign, which words may give otherwise")
FAR_OFF = Text("so far from the data that it is likely of something else")
ALONE = Text("no figure of the same day bears this reading out")


class Verdict(enum.StrEnum):
    """What a check came to."""

    AGREES = "agrees"
    CONVENTION = "another convention"
    DIFFERS = "differs"
    AMBIGUOUS = "ambiguous"
    NEEDS_DATA = "needs data"
    NOT_CHECKABLE = "not checkable"


@dataclass(frozen=True, slots=True)
class Judged:
    """A figure with its verdict.

    Attributes:
        bound: The figure and its readings.
        reading: The one that the verdict is about.
        verdict: What the check came to.
        computed: In the printed unit; a date for records; None where nothing was computed.
        convention: The convention that fits.
        formula: The formula that gives *computed*.
        tried: How many conventions were tried.
        chance: How likely one of them fits by chance.
        notes: What there is to say.
    """

    bound: Bound
    reading: Reading | None
    verdict: Verdict
    computed: float | dt.date | None = None
    convention: Text | None = None
    formula: str = ""
    tried: int = 0
    chance: float = 0.0
    notes: tuple[Text, ...] = ()

    @property
    def difference(self) -> float | None:
        """Computed minus published, in the printed unit."""
        value = self.bound.figure.value
        if isinstance(self.computed, int | float) and value == value:
            return float(self.computed) - value
        return None


def scaled(value: object, figure: Figure, reading: Reading) -> float | dt.date | None:
    """A computed value in the unit that is printed."""
    if isinstance(value, dt.date):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    if reading.what in IN_PERCENT:
        return float(value) * (1e4 if figure.unit == "bp" else 100)
    if reading.what == "rate" and figure.unit == "bp":
        return float(value) * 100
    return float(value)


def meets(
    figure: Figure, value: float | dt.date | None, reading: Reading, signs: bool = True, slack: float = 0.5
) -> bool:
    """Whether a computed value agrees with what is printed, within its digits."""
    if value is None:
        return False
    if isinstance(value, dt.date):
        return reading.since_met(figure, value)
    published = figure.value
    if without_sign(reading, signs):
        value, published = abs(value), abs(published)
    tolerance = tolerance_about(figure, published, slack)
    if figure.relation == "range":
        return published - tolerance <= value <= figure.high + tolerance
    if figure.relation == ">":
        return value > published - tolerance
    if figure.relation == "<":
        return value < published + tolerance
    return abs(value - published) <= tolerance


def without_sign(reading: Reading, signs: bool) -> bool:
    """Whether a figure and its value are compared without their signs."""
    return not signs or reading.what == "own streak" or reading.side == "ABS"


def tolerance_about(figure: Figure, published: float, slack: float = 0.5) -> float:
    """How far a value may be from the published one and agrees: half a unit of the last digit, more for "about"."""
    tolerance = slack * figure.step + _ROUNDING * max(1.0, abs(published))
    if figure.relation != "~":
        return tolerance
    share = 0.06 if figure.unit in ("%", "pp", "ratio") else 0.01
    return max(figure.step if not figure.pattern else 4.0, share * abs(published)) + tolerance * 1e-6


def _cut_off(figure: Figure, computed: object) -> bool:
    """Whether a figure of whole per cent is the computed one without its decimals: 27 % for 27.6 %."""
    if figure.step != 1 or not isinstance(computed, float) or computed * figure.value <= 0 or abs(figure.value) < 5:
        return False
    return int(abs(computed)) == int(abs(figure.value))


_MOST_DAYS = 6
_LEVELS = frozenset(("level", "volatility level", "average", "open", "high", "low", "start level", "highest"))
_USUAL = frozenset(("", "1D", "1W", "MTD", "QTD", "YTD"))
"""Windows by which a figure may be said to differ though no other of the text bears them out."""
_FAR, _FAR_LONGER, _SHARE, _STATED = 2.5, 4.0, 0.6, 12.0
"""Points, and share of the greater of the two, by which returns are seldom misprinted, but often of something else."""
_FURTHEST = 30.0


def _far_off(one: Judged) -> bool:
    """Whether a printed value is of another size than the computed one, as a misprint hardly ever is."""
    published, computed, reading = one.bound.figure.value, one.computed, one.reading
    if reading is None or not isinstance(computed, float) or published != published:
        return False
    if reading.what in _LEVELS:
        return not 0.6 < abs(published) / max(abs(computed), 1e-9) < 1.6
    if reading.what not in IN_PERCENT or one.bound.figure.unit == "bp" or one.bound.figure.pattern:
        return False
    if reading.subject in VOLATILITY or reading.what in ("above average", "percentile", "rank", "share advancing"):
        return abs(published - computed) > _FURTHEST
    least = _FAR if reading.window in ("1D", "1W") else _FAR_LONGER
    if not reading.doubts:
        least = _STATED
    return abs(published - computed) > max(least, _SHARE * max(abs(published), abs(computed)))


class Judge:
    """Judges the figures of a text.

    Args:
        compute: Gives the values of formulas.
        sessions: Those of the data.
        functions: Names of the functions there are.
    """

    def __init__(self, compute: Compute, sessions: Sessions, functions: frozenset[str]) -> None:
        self._compute, self._sessions, self._functions = compute, sessions, functions
        self._days: tuple[dt.date | None, ...] = ()

    def judge(self, bound: Sequence[Bound], date: dt.date | None) -> list[Judged]:
        """The verdicts, in the order of the text."""
        first = [self._one(one, date) for one in bound]
        borne = {self._basis(one) for one in first if one.verdict is Verdict.AGREES}
        subjects = list(
            dict.fromkeys(
                one.readings[0].subject for one in bound if one.readings and is_priced(one.readings[0].subject)
            )
        )
        days = tuple(dict.fromkeys(one.readings[0].asof for one in bound if one.readings))
        self._days = days[:_MOST_DAYS]
        return [self._weighed(one, borne, subjects) if one.verdict is Verdict.DIFFERS else one for one in first]

    @staticmethod
    def _basis(one: Judged) -> tuple[str, dt.date | None]:
        return (
            one.reading.window if one.reading and one.reading.what in ("return", "mean return", "spread") else "",
            one.reading.asof if one.reading else None,
        )

    def value(self, formula: str, figure: Figure, reading: Reading) -> float | dt.date | None:
        """What a formula gives, in the printed unit."""
        return scaled(self._compute(formula), figure, reading)

    def _one(self, bound: Bound, date: dt.date | None) -> Judged:
        figure = bound.figure
        if figure.kind != "measurement":
            return Judged(bound, None, Verdict.NOT_CHECKABLE)
        if not bound.readings:
            return Judged(
                bound,
                None,
                Verdict.NEEDS_DATA if date else Verdict.NOT_CHECKABLE,
                notes=(NO_FUNCTION if date else NO_DATE,),
            )
        reading = bound.readings[0]
        if reading.asof is None:
            return Judged(bound, reading, Verdict.NOT_CHECKABLE, notes=(NO_DATE,))
        formula = reading.formula
        if not formula:
            return Judged(bound, reading, Verdict.NEEDS_DATA, notes=(NO_FUNCTION,))
        last = self._sessions.last
        if last is not None and reading.asof > last:
            return Judged(bound, reading, Verdict.NEEDS_DATA, formula=formula, notes=(AFTER_DATA.of(last=str(last)),))
        return self._computed(bound, reading, formula)

    def _computed(self, bound: Bound, reading: Reading, formula: str) -> Judged:
        figure = bound.figure
        value = self.value(formula, figure, reading)
        if value is None:
            return Judged(bound, reading, Verdict.NEEDS_DATA, formula=formula, notes=(NO_DATA,))
        notes = (BY_FUND,) if reading.subject in SECTORS else ()
        if PROPOSED in reading.doubts:
            notes = (*notes, BY_PROPOSAL)
        first = Judged(bound, reading, Verdict.DIFFERS, value, formula=formula, notes=notes)
        if meets(figure, value, reading, bound.signs):
            return replace(first, verdict=Verdict.AGREES)
        for other in bound.readings[1:]:
            found = self.value(other.formula, figure, other)
            if meets(figure, found, other, bound.signs) and PROPOSED in other.doubts:
                return replace(first, verdict=Verdict.AMBIGUOUS, notes=(*notes, NOT_SURE.of(formula=other.formula)))
            if meets(figure, found, other, bound.signs) and abs(figure.value) / figure.step >= 10:
                return replace(first, verdict=Verdict.AGREES, reading=other, computed=found, formula=other.formula)
        explained = self._otherwise(first)
        if explained.verdict is Verdict.DIFFERS and len(bound.readings) > 1:
            for other in (one for one in bound.readings[1:] if PROPOSED not in one.doubts):
                second = self._otherwise(
                    replace(
                        first, reading=other, computed=self.value(other.formula, figure, other), formula=other.formula
                    )
                )
                if second.verdict is Verdict.CONVENTION:
                    return second
        return explained

    def _otherwise(self, one: Judged) -> Judged:
        """The first convention that fits, where it tells something."""
        figure, reading = one.bound.figure, one.reading
        assert reading is not None
        if figure.relation not in ("=", "~"):
            return one
        values = [one.computed] if isinstance(one.computed, float) else []
        found: tuple[conventions.Convention, float] | None = None
        tried = 0
        for other in conventions.others(reading, self._sessions):
            value = self.value(other.formula, figure, reading)
            if not isinstance(value, float):
                continue
            tried += 1
            values.append(value)
            if found is None and meets(figure, value, reading, one.bound.signs):
                found = (other, value)
        chance = conventions.by_chance(values, figure.step)
        if found is not None and chance <= _WEAK:
            return replace(
                one,
                verdict=Verdict.CONVENTION,
                convention=found[0].name,
                computed=found[1],
                formula=found[0].formula,
                tried=tried,
                chance=chance,
            )
        if found is not None:
            return replace(one, verdict=Verdict.AMBIGUOUS, convention=found[0].name, tried=tried, chance=chance)
        if _cut_off(figure, one.computed) and reading.what in IN_PERCENT:
            return replace(
                one, verdict=Verdict.CONVENTION, convention=conventions.CUT_OFF, tried=tried + 1, chance=chance
            )
        digits = len(f"{abs(figure.value) / figure.step:.0f}")
        if figure.relation == "=" and digits >= 3 and meets(figure, one.computed, reading, one.bound.signs, 1.5):
            return replace(
                one,
                verdict=Verdict.CONVENTION,
                convention=conventions.LAST_DIGIT,
                tried=tried + 1,
                chance=min(1.0, 2 * chance),
            )
        return replace(one, tried=tried, chance=chance)

    def _weighed(self, one: Judged, borne: set[tuple[str, dt.date | None]], subjects: Sequence[str]) -> Judged:
        """A figure that differs under its first reading: ambiguous where that reading is doubtful."""
        reading, figure = one.reading, one.bound.figure
        assert reading is not None
        if self._basis(one) not in borne:
            known = {day for _, day in borne}
            if reading.window not in _USUAL or reading.doubts or reading.asof not in known or not one.bound.signs:
                return replace(one, verdict=Verdict.AMBIGUOUS, notes=(*one.notes, ALONE))
        if not figure.signed and meets(figure, one.computed, reading, signs=False):
            return replace(one, verdict=Verdict.AMBIGUOUS, notes=(*one.notes, BY_SIGN))
        if _far_off(one):
            return replace(one, verdict=Verdict.AMBIGUOUS, notes=(*one.notes, FAR_OFF))
        if figure.step >= 1 and not figure.pattern and reading.what in ("level", "volatility level"):
            return replace(one, verdict=Verdict.AMBIGUOUS, notes=(*one.notes, ROUND))
        if set(reading.doubts) - {NO_WINDOW} or (reading.doubts and len(one.bound.readings) > 1):
            return replace(one, verdict=Verdict.AMBIGUOUS, notes=(*one.notes, DOUBTFUL))
        if not one.bound.signs or one.bound.denied > int(not reading.doubts):
            return replace(one, verdict=Verdict.AMBIGUOUS, notes=(*one.notes, QUOTED))
        if (other := self._other_reading(one, subjects)) is not None:
            return replace(one, verdict=Verdict.AMBIGUOUS, notes=(*one.notes, NOT_SURE.of(formula=other.formula)))
        if self._less_dividends(one):
            return replace(one, verdict=Verdict.AMBIGUOUS, notes=(*one.notes, UNADJUSTED))
        one = replace(one, notes=(*one.notes, *((QUOTED,) if one.bound.denied else ())))
        return self._within(one)

    def _less_dividends(self, one: Judged) -> bool:
        """Whether a level above the source's close may be that of a day before dividends that the source took off."""
        reading, computed, published = one.reading, one.computed, one.bound.figure.value
        assert reading is not None
        if (
            reading.what != "level"
            or not isinstance(computed, float)
            or not 0 < published - computed < _YIELD * computed
        ):
            return False
        other = conventions.adjusted_close(reading, self._sessions)
        return other is not None and self.value(other.formula, one.bound.figure, reading) is None

    def _other_reading(self, one: Judged, subjects: Sequence[str]) -> Reading | None:
        """Another subject or window of the text under which the figure agrees, where that can hardly be chance."""
        reading, figure = one.reading, one.bound.figure
        assert reading is not None
        if reading.what not in ("return", "level", "volatility level") or figure.relation != "=":
            return None
        if abs(figure.value) / figure.step < (8 if NO_WINDOW in reading.doubts else 30):  # too few digits to tell
            return None
        dated = [replace(reading, asof=day) for day in self._days if day != reading.asof]
        for other in (*self._neighbours(reading, subjects), *dated):
            if meets(figure, self.value(other.formula, figure, other), other, one.bound.signs):
                return other
        return None

    @staticmethod
    def _neighbours(reading: Reading, subjects: Sequence[str]) -> list[Reading]:
        found = [replace(reading, subject=symbol) for symbol in subjects[:12] if symbol != reading.subject]
        if reading.what == "return":
            windows = [window for window in ("1D", "1W", "1M", "MTD", "3M", "YTD", "1Y") if window != reading.window]
            found += [replace(reading, window=window, since=None, anchor="") for window in windows]
        else:
            found = [replace(one, what="volatility level" if one.subject in VOLATILITY else "level") for one in found]
        return found

    def _within(self, one: Judged) -> Judged:
        """A printed level inside the day's range: explained by it where that is narrow beside the month's closes."""
        reading, figure = one.reading, one.bound.figure
        assert reading is not None
        if reading.what not in ("level", "volatility level") or figure.relation != "=":
            return one
        high, low, reach = (self.value(formula, figure, reading) for formula in conventions.width_of(reading))
        if not isinstance(high, float) or not isinstance(low, float) or not low <= figure.value <= high:
            return one
        chance = min(1.0, (high - low) / reach) if isinstance(reach, float) and reach > 0 else 1.0
        if chance > _NARROW:
            return replace(one, notes=(*one.notes, IN_RANGE))
        name, tried = conventions.IN_RANGE, one.tried + 1
        return replace(one, verdict=Verdict.CONVENTION, convention=name, tried=tried, chance=chance)
