"""ROT: how mechanical a rotation looks, and what would unwind it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from xlrotation import languages
from xlrotation.errors import NoData, RotationError
from xlrotation.functions.boundary import deadline
from xlrotation.functions.boundary.cells import Table
from xlrotation.functions.boundary.many import Answers, Calls
from xlrotation.functions.boundary.parameters import AsOf, Header, Here, Lang, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.words import word
from xlrotation.functions.families import windowed
from xlrotation.market.histories import all_begun, first_close, history
from xlrotation.market.market import Market
from xlrotation.market.panel import FloatArray
from xlrotation.market.universes import DEFENSIVE, OFFENSIVE, SECTORS
from xlrotation.market.windows import Unit, Window
from xlrotation.measures import mechanical, ties


def year(market: Market) -> int:
    """Sessions of the history that a percentile is taken in: those of the window 1Y, as in DISP_PCTILE and PX_PCTRANK.

    All sessions, where the data have not as many.
    """
    return market.remembered("year of a percentile", lambda: _year(market))


def _year(market: Market) -> int:
    try:
        return market.end - 1 - market.base_row(_YEAR)
    except NoData:
        return market.end


_YEAR = Window(Unit.YEARS, 1)
_MONTH, _QUARTER, _HALF = 21, 63, 126
_LEAST_COMPONENTS = 3
_MECHANICAL, _FUNDAMENTAL = 70.0, 30.0
_LABEL = languages.Text("{verdict}, {chance} ({score:.0f}/100, p = {p:.2f})")
_SURE = 0.10
_SOURCE = "our own construction from published parts; see docs/mechanical_rotation.md"


class Part(NamedTuple):
    """A component of the score: its word, its sign, and what gives its history."""

    key: str
    sign: int
    history: Callable[[Market], FloatArray]


def _implied(market: Market) -> FloatArray:
    """Implied correlation; two components look at it."""

    def made() -> FloatArray:
        correlation: FloatArray = market.closes(["^COR1M"], first=market.end - year(market))[:, 0] / 100.0
        return correlation

    return market.remembered("implied correlation over a year", made)


def _dispersion_share(market: Market) -> FloatArray:
    levels = market.closes(["^VIX", "^VIXEQ"], first=market.end - year(market))
    share: FloatArray = 1.0 - (levels[:, 0] / levels[:, 1]) ** 2
    return share


def _premium(market: Market) -> FloatArray:
    implied = _implied(market)
    premium: FloatArray = implied - windowed.correlation_history(market, market.members("SP50"), len(implied), _MONTH)
    return premium


_ROWS = {
    "absorption": _QUARTER,
    "persistence": 5 * 13,
    "volume_reversal": _HALF + _QUARTER + 1,
    "leaders_turn": 26,
    "defensives_turn": 6,
}
"""Sessions behind what looks at sectors: one that has no close before them did not exist, and does not count.

Before the year of a component's history, where it has one."""


def _existing(market: Market, key: str) -> list[str]:
    """Sectors that existed when the sessions behind a component began."""
    history = 0 if key.endswith("_turn") else year(market)
    start = max(0, market.end - history - _ROWS[key])
    all_from = all_begun(market, SECTORS)
    if all_from is not None and all_from <= start:
        return list(SECTORS)
    begun = market.remembered("begun", lambda: [(ticker, first_close(market, ticker)) for ticker in SECTORS])
    return [ticker for ticker, row in begun if row is not None and row <= start]


def fewer_sectors(market: Market, key: str) -> str:
    """Of how many sectors a component is, where it is not of all: `` (9/11)``."""
    if key not in _ROWS:
        return ""
    count = len(_existing(market, key))
    return f" ({count}/{len(SECTORS)})" if 0 < count < len(SECTORS) else ""


def _absorption(market: Market) -> FloatArray:
    tickers = tuple(_existing(market, "absorption"))
    if market.end <= _QUARTER or len(tickers) < 3:
        return np.full(1, np.nan)

    def made(first: int, last: int) -> FloatArray:
        closes = market.closes(tickers, first=first - _QUARTER)[: last - first + _QUARTER]
        return mechanical.rolling_absorption(closes[1:] / closes[:-1] - 1.0, _QUARTER)

    return history(market, ("absorption", tickers), max(market.end - year(market), _QUARTER), made)


def _persistence(market: Market) -> FloatArray:
    tickers = tuple(_existing(market, "persistence"))
    if len(tickers) < 3:
        return np.full(1, np.nan)

    def made(first: int, last: int) -> FloatArray:
        start = max(0, first - _ROWS["persistence"])
        closes = market.closes(tickers, first=start)[: last - start]
        return mechanical.rolling_persistence(closes, 5, 12, last - first)

    return history(market, ("persistence", tickers), market.end - year(market), made)


def _reversal(market: Market) -> FloatArray:
    before = _HALF + _QUARTER
    if not market.has("^GSPC") or market.end - 1 <= before or not _volumes_known(market):
        return np.full(1, np.nan)

    def made(first: int, last: int) -> FloatArray:
        start, rows = first - before, last - first + before
        closes, volume = market.closes(SECTORS, first=start)[:rows], market.fields("volume", SECTORS, start)[:rows]
        index = market.closes(["^GSPC"], first=start)[:rows]
        relative = closes[1:] / closes[:-1] - index[1:] / index[:-1]
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(volume > 0, np.log(volume), np.nan)[1:]
        usual = np.lib.stride_tricks.sliding_window_view(logs, _QUARTER, axis=0).mean(axis=-1)
        unusual = logs[_QUARTER - 1 :] - usual
        return mechanical.rolling_volume_coefficient(relative[_QUARTER - 1 :], unusual, _HALF)

    return history(market, "volume reversal", max(market.end - year(market), before), made)


def _volumes_known(market: Market) -> bool:
    return "volume" in market.shown.fields


PARTS = (
    Part("implied_correlation", -1, _implied),
    Part("dispersion_share", 1, _dispersion_share),
    Part("correlation_premium", -1, _premium),
    Part("absorption", -1, _absorption),
    Part("persistence", -1, _persistence),
    Part("volume_reversal", -1, _reversal),
)


class Reading(NamedTuple):
    """The components as they stand, their score and its p-value."""

    components: list[mechanical.Component]
    score: float
    p_value: float


class _Scored(NamedTuple):
    """The components with their histories, the places of those that count, and the score of these."""

    histories: list[FloatArray]
    components: list[mechanical.Component]
    known: list[int]
    score: float


def scored(market: Market) -> _Scored:
    """The components and the score at a market's as-of session."""
    return market.remembered("mechanical score", lambda: _scored(market))


def _scored(market: Market) -> _Scored:
    histories = [part.history(market) for part in PARTS]
    components = [mechanical.component(h, part.sign) for h, part in zip(histories, PARTS, strict=True)]
    signed = np.array([component.signed for component in components])
    known = np.flatnonzero(np.isfinite(signed)).tolist()
    score = mechanical.score(signed) if len(known) >= _LEAST_COMPONENTS else math.nan
    return _Scored(histories, components, known, score)


def reading(market: Market) -> Reading:
    """The reading at a market's as-of session; the score is NaN where fewer than three components are known."""
    return market.remembered("mechanical", lambda: _reading(scored(market)))


def _reading(found: _Scored) -> Reading:
    if found.score != found.score:
        return Reading(found.components, math.nan, math.nan)
    histories, signs = [found.histories[i] for i in found.known], [PARTS[i].sign for i in found.known]
    return Reading(found.components, found.score, mechanical.permutation_p(histories, signs, found.score))


def _over_dates(calls: Calls) -> Answers:
    """The scores of many as-of dates, a date in each year first: histories are then made a year at a time."""
    codes, read = calls.read(0)
    places = sorted(
        (place for place, market in enumerate(read) if isinstance(market, Market)), key=lambda p: -read[p].end
    )
    first: list[int] = []
    for place, older in zip(places, [*places[1:], None][: len(places)], strict=True):  # there may be none
        if not first or older is None or read[older].end < read[first[-1]].end - year(read[first[-1]]):
            first.append(place)
    values = np.full(len(read), np.nan)
    for place in [*first, *places]:
        if deadline.over():
            break
        with contextlib.suppress(RotationError):  # the call itself says what is wrong
            if not any(fewer_sectors(read[place], part.key) for part in PARTS):
                values[place] = scored(read[place]).score
    return values[codes], np.isfinite(values)[codes]


@worksheet_function(unit="number", example="=ROT_MECH_SCORE()", source=_SOURCE, many=_over_dates)
def ROT_MECH_SCORE(here: Here, asof: AsOf = default(None)) -> float:
    """How mechanical (driven by dispersion trades) the rotation looks, against fundamental: 0 to 100.

    The mean of the components' percentiles in their own year, each counted from the end that speaks for a mechanical
    rotation, times 100; 50 is what chance gives. No published score exists: read ROT_MECH_TABLE before this number.
    #N/A where fewer than three components are known. Sectors that did not exist yet do not count, which is told.
    """
    score = scored(asof).score
    for part in PARTS:
        if fewer := fewer_sectors(asof, part.key):
            here.tell(f"{word(part.key, 'en')}{fewer} at {asof.asof}: sectors that did not exist yet do not count")
    if score != score:
        raise NoData("fewer than three components of the score have a history; ROT_MECH_TABLE shows which")
    return score


@worksheet_function(unit="table", example="=ROT_MECH_TABLE()", source=_SOURCE)
def ROT_MECH_TABLE(asof: AsOf = default(None), lang: Lang = default(None), header: Header = default(True)) -> Table:
    """The components of the score: value, percentile in its own year, observations, sign, weight, what it adds.

    A sign of 1 means that a high value speaks for a mechanical rotation, -1 that a low one does. Weights are equal
    among the components that are known; what a component adds is its weight times its percentile, counted from the
    other end for a sign of -1, times 100. The added numbers make up the score in the row before the last. The last row
    has the p-value: how often components that move independently of each other would give a score at least as high.
    A component that lacks sectors, because some did not exist when its history began, says of how many.
    """
    found = reading(asof)
    known = sum(component.signed == component.signed for component in found.components)
    rows: list[list[object]] = []
    for part, component in zip(PARTS, found.components, strict=True):
        counts = component.signed == component.signed
        weight = 1.0 / known if counts else 0.0
        adds = 100.0 * weight * component.signed if counts else math.nan
        name = word(part.key, lang) + fewer_sectors(asof, part.key)
        rows.append([name, component.value, component.percentile, component.observations, part.sign, weight, adds])
    rows.append([word("mech_score", lang), found.score, None, known, None, None, found.score])
    rows.append([word("p_value", lang), found.p_value, None, None, None, None, None])
    heads = ("component", "value", "percentile", "observations", "sign", "weight", "adds")
    return Table(heads, rows, header, lang)


@worksheet_function(unit="text", example='=ROT_MECH_LABEL(,"zh")', source=_SOURCE)
def ROT_MECH_LABEL(here: Here, asof: AsOf = default(None), lang: Lang = default(None)) -> str:
    """The score in words: mechanical from 70, fundamental up to 30, mixed between; and whether chance explains it.

    The bounds are choices. A score whose p-value (or, for a low score, its complement) is above 0.10 is said to be no
    more than chance.
    """
    ROT_MECH_SCORE(here, asof)  # refuses and remarks
    _, score, p_value = reading(asof)
    high, low = ties.at_least(score, _MECHANICAL), ties.at_least(_FUNDAMENTAL, score)
    key = "mechanical" if high else "fundamental" if low else "mixed"
    chance = key == "mixed" or ties.above(min(p_value, 1.0 - p_value), _SURE)
    note = word("by_chance" if chance else "not_by_chance", lang)
    return _LABEL.into(lang, verdict=word(key, lang), chance=note, score=score, p=p_value)


class _Trigger(NamedTuple):
    key: str
    threshold: float
    falls: bool
    value: Callable[[Market], float]


def _change(symbol: str, relative: bool) -> Callable[[Market], float]:
    def change(market: Market) -> float:
        closes = market.closes([symbol])[-6:, 0]
        if len(closes) < 6:
            return math.nan
        return float(closes[-1] / closes[0] - 1.0) if relative else float(closes[-1] - closes[0])

    return change


def _leaders_turn(market: Market) -> float:
    """Return over five sessions of the three sectors that led in the twenty before, minus that of the three last."""
    closes = market.closes(_existing(market, "leaders_turn"))[-26:]
    if len(closes) < 26 or closes.shape[1] < 6 or not np.isfinite(closes[[0, 20, 25]]).all():
        return math.nan
    order = ties.order(closes[20] / closes[0])
    since = closes[25] / closes[20] - 1.0
    return float(since[order[-3:]].mean() - since[order[:3]].mean())


def _defensives_turn(market: Market) -> float:
    existing = _existing(market, "defensives_turn")
    means = []
    for tickers in (DEFENSIVE, OFFENSIVE):
        closes = market.closes([ticker for ticker in tickers if ticker in existing])[-6:]
        if len(closes) < 6 or closes.shape[1] == 0:
            return math.nan
        means.append(float((closes[-1] / closes[0] - 1.0).mean()))
    return means[0] - means[1]


_TRIGGERS = (
    _Trigger("dispersion_narrows", -2.0, True, _change("^DSPX", relative=False)),
    _Trigger("vix_rises", 0.20, False, _change("^VIX", relative=True)),
    _Trigger("correlation_rises", 5.0, False, _change("^COR1M", relative=False)),
    _Trigger("leaders_turn", -0.01, True, _leaders_turn),
    _Trigger("defensives_turn", -0.02, True, _defensives_turn),
)


@worksheet_function(
    unit="table",
    example="=ROT_UNWIND()",
    source="triggers named by a market report of 2026-02-14; thresholds are our choice",
)
def ROT_UNWIND(asof: AsOf = default(None), lang: Lang = default(None), header: Header = default(True)) -> Table:
    """What would unwind a mechanical rotation: trigger, value, threshold, on or off.

    Over five sessions: DSPX falls by 2 points or more, VIX rises by 20 % or more, COR1M rises by 5 points or more, the
    three sectors that led in the twenty sessions before lose 1 % or more to the three that lagged, and defensive
    sectors lose 2 % or more to offensive ones. The thresholds are choices. A trigger without data shows #N/A.
    """
    rows: list[list[object]] = []
    for trigger in _TRIGGERS:
        value = trigger.value(asof)
        low, high = (value, trigger.threshold) if trigger.falls else (trigger.threshold, value)
        on = ties.at_least(high, low)
        state = word("on" if on else "off", lang) if value == value else math.nan
        rows.append([word(trigger.key, lang) + fewer_sectors(asof, trigger.key), value, trigger.threshold, state])
    return Table(("trigger", "value", "threshold", "state"), rows, header, lang)
