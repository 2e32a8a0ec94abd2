"""Other conventions by which a printed figure may come out, tried one after the other, and how telling a match is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from xlrotation.functions.auditing.names import SECTORS
from xlrotation.functions.auditing.reading import Reading, called
from xlrotation.functions.auditing.sessions import Sessions
from xlrotation.languages import Text

FROM_OPEN_OF_DAY = Text("from the open (one day: open to close)")
FROM_FIRST_OPEN = Text("from the open of the first session")
POINTS = Text("n closes, n-1 returns")
OPEN_TO_CLOSE = Text("one day, open to close")
ONE_DAY = Text("one day in place of the window")
SESSIONS = Text("{n} sessions in place of the window")
CALENDAR = Text("{window} by the calendar in place of sessions")
BEFORE = Text("the session before")
TOTAL = Text("with dividends")
THE_OPEN = Text("the open of that day")
THE_HIGH = Text("the high of that day")
THE_LOW = Text("the low of that day")
ADJUSTED = Text("adjusted for the dividends paid until {day}")
IN_RANGE = Text("a value inside the day's range")
LAST_DIGIT = Text("one last digit off (rounded closes or a preliminary close)")
CUT_OFF = Text("cut off instead of rounded")
EXPONENTIAL = Text("an exponential average")
PRINTED = Text("difference of the two printed figures")
EQUAL_SIZE = Text("without its sign")

_SESSIONS = {"1W": (5,), "1M": (20, 21, 22), "MTD": (), "3M": (60, 63), "1Y": (250, 252), "6M": (126,)}
_TO_DATE = {"1M": "MTD", "3M": "QTD", "1Y": "YTD", "MTD": "1M", "QTD": "3M", "6M": "YTD"}
_CALENDAR = {"5D": "1W", "20D": "1M", "21D": "1M", "22D": "1M", "60D": "3M", "63D": "3M", "252D": "1Y"}


@dataclass(frozen=True, slots=True)
class Convention:
    """One way more to compute a figure.

    Attributes:
        name: What is done otherwise.
        formula: The formula.
    """

    name: Text
    formula: str


def others(reading: Reading, sessions: Sessions) -> Iterator[Convention]:
    """The conventions that a reading leaves to try, the commonest first."""
    if reading.asof is None:
        return
    if reading.what == "return":
        yield from _returns(reading)
    elif reading.what == "spread" and not reading.since:
        first, second = reading.subject_pair
        name = FROM_OPEN_OF_DAY if reading.window in ("", "1D") else FROM_FIRST_OPEN
        yield Convention(
            name, "=" + called("ROT_REL_RET", first, second, reading.window or "1D", reading.asof, "price", "OPEN")
        )
    elif reading.what in ("level", "volatility level"):
        for field, name in (("open", THE_OPEN), ("high", THE_HIGH), ("low", THE_LOW)):
            yield Convention(name, replace(reading, what=field).formula)
        if (adjusted := adjusted_close(reading, sessions)) is not None:
            yield adjusted
    elif reading.what == "average":
        yield Convention(EXPONENTIAL, "=" + called("PX_MA", reading.subject, reading.n, reading.asof, "EMA"))
    yield Convention(BEFORE, replace(reading, asof=_before(reading.asof, sessions)).formula)


def adjusted_close(reading: Reading, sessions: Sessions) -> Convention | None:
    """A close less the dividends paid since, as some vendors print it; None for indices, and for the newest session."""
    last = sessions.last
    if reading.asof is None or last is None or last <= reading.asof or not pays(reading.subject):
        return None
    table = called("PX_HISTORY", reading.subject, reading.asof, last, "total", False)
    return Convention(ADJUSTED.of(day=str(last)), f"=INDEX({table},1,2)")


def pays(symbol: str) -> bool:
    """Whether a symbol may pay dividends: an index, a future, a coin and a rate of exchange do not."""
    return not symbol.startswith("^") and "=" not in symbol and not symbol.endswith("-USD")


def width_of(reading: Reading) -> tuple[str, str, str]:
    """What gives the day's high, its low, and how far the closes of its month reach, to weigh the day's range by."""
    assert reading.asof is not None
    month = called("PX_HISTORY", reading.subject, reading.asof - dt.timedelta(31), reading.asof, "close", False, 22)
    reach = f"=MAX(INDEX({month},0,2))-MIN(INDEX({month},0,2))"
    return replace(reading, what="high").formula, replace(reading, what="low").formula, reach


def _before(day: dt.date, sessions: Sessions) -> dt.date:
    return sessions.before(day)


def _returns(reading: Reading) -> Iterator[Convention]:
    window = reading.window or "1D"
    if reading.anchor:
        yield Convention(Text("from close to close"), replace(reading, anchor="").formula)
    else:
        name = FROM_OPEN_OF_DAY if window == "1D" and not reading.since else FROM_FIRST_OPEN
        yield Convention(name, replace(reading, anchor="OPEN").formula)
    if reading.since:
        return
    if window != "1D":
        yield Convention(OPEN_TO_CLOSE, replace(reading, window="1D", anchor="OPEN").formula)
        yield Convention(ONE_DAY, replace(reading, window="1D", anchor="").formula)
    for count in _SESSIONS.get(window, ()):
        yield Convention(SESSIONS.of(n=count), replace(reading, window=f"{count}D", anchor="").formula)
    if window in _CALENDAR:
        yield Convention(
            CALENDAR.of(window=_CALENDAR[window]), replace(reading, window=_CALENDAR[window], anchor="").formula
        )
    if window in _TO_DATE:
        yield Convention(
            CALENDAR.of(window=_TO_DATE[window]), replace(reading, window=_TO_DATE[window], anchor="").formula
        )
    if window.endswith("D") and window != "1D":
        yield Convention(POINTS, replace(reading, anchor="POINTS").formula)
    function = "ROT_SECTOR_RET" if reading.subject in SECTORS else "PX_RET"
    if window not in ("1D", "1W"):
        yield Convention(TOTAL, "=" + called(function, reading.subject, window, reading.asof, "total"))


def by_chance(tried: list[float], step: float) -> float:
    """How likely one of the values tried comes out as printed by chance.

    The values lie as they do; were the printed figure anywhere among them, each would be met within half a unit of the
    last digit with the share that this unit has of their range.
    """
    values = [value for value in tried if value == value]
    if len(values) < 2:
        return 1.0
    reach = max(values) - min(values)
    if reach <= 0:
        return 1.0
    one = min(1.0, step / reach)
    return 1.0 - (1.0 - one) ** len(values)
