"""How a figure is read: subject, measure, window and day, and the formula that computes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.names import FUNDS, NOT_PRICED, SECTORS

NO_WINDOW = "the window is not stated, one day is taken"
PROPOSED = "this reading was proposed, not read by the rules"
ROUGHLY = "the text gives the days only roughly"
STANDS_IN = "a fund stands in for what the text names"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a figure.

    Attributes:
        subject: A symbol, two joined by ``-`` or ``/``, or a list.
        what: The measure in detail; a key of ``FORMULAS``, or one that no function computes.
        window: As the functions take it.
        asof: The session.
        since: First day of a window since a day.
        anchor: ``OPEN`` where the text counts from an open.
        n: Sessions of an average, or a threshold.
        side: ``HIGH`` or ``LOW`` of a record.
        doubts: Why the reading is doubtful.
    """

    subject: str
    what: str
    window: str = ""
    asof: dt.date | None = None
    since: dt.date | None = None
    anchor: str = ""
    n: float = 0
    side: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def measure(self) -> str:
        """The kind of measure, in the words of the audit."""
        if self.what in ("return", "mean return"):
            return "YTD" if self.window == "YTD" else "return"
        return MEASURES.get(self.what, "other")

    @property
    def subject_pair(self) -> tuple[str, str]:
        """The two symbols of a difference or a comparison."""
        return _pair(self) if "/" in self.subject else _parts(self)

    def days_met(self, figure: Figure) -> tuple[dt.date, dt.date] | None:
        """The first and the last day that are as printed: the day, or a day of the month, quarter or year."""
        if self.since is None:
            return None
        first = self.since
        if figure.unit == "date":
            return first - dt.timedelta(1), first + dt.timedelta(1)
        if figure.unit == "months back":
            unit = 12 if figure.value >= 12 else max(1.0, 0.35 * figure.value)
            reach = 36_500 if figure.relation == ">" else round(30.44 * 1.05 * unit)
            return _earlier(first, reach), first + dt.timedelta(round(3.044 * unit))
        months = {"quarter": 3, "year": 12}.get(figure.unit, 1)
        month = first.month - 1 + months
        after = dt.date(first.year + month // 12, month % 12 + 1, 1)
        return first.replace(day=1), after - dt.timedelta(1)

    def since_met(self, figure: Figure, day: dt.date) -> bool:
        """Whether a day that was computed is the one, or in the month, quarter or year, that is printed since."""
        days = self.days_met(figure)
        return days is not None and days[0] <= day <= days[1]

    @property
    def said_window(self) -> str:
        """The window as shown: since a day with two points behind it."""
        return f"{self.since}.." if self.since else self.window

    @property
    def formula(self) -> str:
        """The formula that computes it; blank where none does."""
        make = FORMULAS.get(self.what)
        made = make(self) if make and self.asof else ""
        return f"={made}" if made else ""


def _earlier(day: dt.date, days: int) -> dt.date:
    return dt.date.fromordinal(max(1, day.toordinal() - days))


MEASURES = {
    "level": "level",
    "start level": "level",
    "open": "level",
    "high": "level",
    "highest": "level",
    "low": "level",
    "volatility level": "volatility level",
    "realised": "volatility level",
    "average": "average",
    "against average": "average",
    "spread": "spread",
    "sector spread": "spread",
    "range": "spread",
    "equal weight": "spread",
    "realised spread": "spread",
    "streak": "streak",
    "volatility streak": "streak",
    "own streak": "streak",
    "percentile": "percentile",
    "rank": "rank",
    "since": "record",
    "streak since": "record",
    "return since": "record",
    "new highs": "record",
    "new lows": "record",
    "share of new highs": "record",
    "records": "record",
    "flow": "flow",
    "mean return": "return",
}


def quoted(text: str) -> str:
    """A text as a formula writes it."""
    return f'"{text}"'


def called(name: str, *arguments: object) -> str:
    """A call as a formula writes it."""
    return f"{name}({','.join(_argument(one) for one in arguments)})"


def _argument(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return f"{value:g}"
    return quoted(str(value))


def _return(one: Reading) -> str:
    more = ("price", one.anchor) if one.anchor else ()
    if one.since:
        return called("PX_RET_BETWEEN", one.subject, one.since, one.asof, *more)
    name = "ROT_SECTOR_RET" if one.subject in SECTORS else "PX_RET"
    return called(name, one.subject, one.window or "1D", one.asof, *more)


def _pair(one: Reading) -> tuple[str, str]:
    first, _, second = one.subject.partition("/" if "/" in one.subject else "-")
    return first, second


def pair(first: str, second: str, sign: str = "-") -> str:
    """Two symbols as one subject."""
    return f"{first}{sign}{second}"


def _parts(one: Reading) -> tuple[str, str]:
    """The two symbols of a difference: a sign may stand inside a symbol such as BRK-B."""
    text = one.subject
    places = [place for place, character in enumerate(text) if character == "-" and place]
    for place in places:
        if text[place + 1 :] and (text[place + 1] == "^" or len(places) == 1 or place >= 3):
            return text[:place], text[place + 1 :]
    return _pair(one)


def _spread(one: Reading) -> str:
    first, second = _parts(one)
    if one.since:
        one_side = called("PX_RET_BETWEEN", first, one.since, one.asof)
        return f"{one_side}-{called('PX_RET_BETWEEN', second, one.since, one.asof)}"
    return called("ROT_REL_RET", first, second, one.window or "1D", one.asof)


def _change(one: Reading) -> str:
    if one.since:
        return f"{called('PX_CLOSE', one.subject, one.asof)}-{called('PX_CLOSE', one.subject, one.since)}"
    return called("PX_CHANGE", one.subject, one.window or "1D", one.asof)


def _close(one: Reading) -> str:
    return called("PX_CLOSE", one.subject, one.asof)


def _of_day(field: str) -> Callable[[Reading], str]:
    return lambda one: f"INDEX({called('PX_HISTORY', one.subject, one.asof, one.asof, field, False)},1,2)"


def _extreme(one: Reading, field: str) -> str:
    """The day's high or low over the close before."""
    before = f"({called('PX_CLOSE', one.subject, one.asof)}-{called('PX_CHANGE', one.subject, '1D', one.asof)})"
    return f"{_of_day(field)(one)}/{before}-1"


def _down_members(one: Reading) -> str:
    members = ("AAPL", "MSFT", "GOOGL", "AMZN", "META", "NVDA", "TSLA")
    sign = ">" if one.side == "HIGH" else "<"
    return "+".join(f"({called('PX_RET', member, one.window or '1D', one.asof)}{sign}0)" for member in members)


def _mean_return(one: Reading) -> str:
    """The mean return of the seven: how they are weighted is seldom told."""
    members = "{" + ",".join(quoted(one) for one in ("AAPL", "MSFT", "GOOGL", "AMZN", "META", "NVDA", "TSLA")) + "}"
    if one.since:
        return f'AVERAGE(PX_RET_BETWEEN({members},"{one.since}","{one.asof}"))'
    return f'AVERAGE(PX_RET({members},"{one.window or "1D"}","{one.asof}"))'


def _flow(one: Reading) -> str:
    """The flow into a fund; blank for what is no fund."""
    if one.subject not in FUNDS:
        return ""
    window = {"1W": "5D"}.get(one.window, one.window) or "5D"
    return called("FLOW_ETF", one.subject, window, one.asof)


def _advancers(one: Reading) -> str:
    return f"INDEX({called('BRD_AD', 'SP500', one.asof, False)},1,{2 if one.side == 'LOW' else 1})"


def _share_advancing(one: Reading) -> str:
    table = called("BRD_AD", "SP500", one.asof, False)
    return (
        f"INDEX({table},1,{2 if one.side == 'LOW' else 1})/(INDEX({table},1,1)+INDEX({table},1,2)+INDEX({table},1,3))"
    )


def _share_of_highs(one: Reading) -> str:
    table = called("BRD_AD", "SP500", one.asof, False)
    highs = called("BRD_NEW_HIGHS", "SP500", one.window or "1Y", one.asof)
    return f"{highs}/(INDEX({table},1,1)+INDEX({table},1,2)+INDEX({table},1,3))"


def _realised_spread(one: Reading) -> str:
    first, second = _parts(one)
    window = one.window or "20D"
    return f"{called('VOL_REALIZED', first, window, one.asof)}-{called('VOL_REALIZED', second, window, one.asof)}"


FORMULAS: dict[str, Callable[[Reading], str]] = {
    "return": _return,
    "level": lambda one: called("PX_CLOSE", one.subject, one.asof),
    "volatility level": lambda one: called("PX_CLOSE", one.subject, one.asof),
    "start level": lambda one: f"{_close(one)}-{called('PX_CHANGE', one.subject, one.window, one.asof)}",
    "open": _of_day("open"),
    "high": _of_day("high"),
    "low": _of_day("low"),
    "high return": lambda one: _extreme(one, "high"),
    "low return": lambda one: _extreme(one, "low"),
    "highest": lambda one: f"{_close(one)}/(1+{called('PX_DRAWDOWN', one.subject, one.window or '1Y', one.asof)})",
    "open return": lambda one: _extreme(one, "open"),
    "change": _change,
    "average": lambda one: called("PX_MA", one.subject, one.n, one.asof),
    "against average": lambda one: called("PX_VS_MA", one.subject, one.n, one.asof),
    "drawdown": lambda one: called("PX_DRAWDOWN", one.subject, one.window or "1Y", one.asof),
    "spread": _spread,
    "sector spread": lambda one: called("ROT_SECTOR_SPREAD", one.window or "1D", one.asof),
    "range": lambda one: called("DISP_RANGE", one.subject, one.window or "1D", one.asof),
    "equal weight": lambda one: called("ROT_EQUALWEIGHT", one.window or "1D", one.asof),
    "realised": lambda one: called("VOL_REALIZED", one.subject, one.window or "1M", one.asof),
    "realised spread": _realised_spread,
    "streak": lambda one: called(
        "RS_STREAK", *_pair(one), one.asof, *((one.window,) if one.window in ("W", "M") else ())
    ),
    "streak since": lambda one: called("RS_STREAK_SINCE", *_pair(one), one.asof),
    "volatility streak": lambda one: called("VOL_STREAK", one.subject, one.n, one.asof),
    "own streak": lambda one: called(
        "PX_STREAK", one.subject, one.asof, *((one.window,) if one.window in ("W", "M") else ())
    ),
    "return since": lambda one: called(
        "PX_RET_SINCE", one.subject, one.window or "1D", one.asof, *((one.side,) if one.side else ())
    ),
    "records": lambda one: called("PX_RECORDS", one.subject, one.window or "YTD", one.asof),
    "since": lambda one: called("PX_SINCE", one.subject, one.asof, *(("LOW",) if one.side == "LOW" else ())),
    "above average": lambda one: called("BRD_ABOVE_MA", "SP500", one.n, one.asof),
    "outperform": lambda one: called("BRD_OUTPERFORM", "SP500", "^GSPC", one.window or "1M", one.asof),
    "weight": lambda one: called("BRD_CONCENTRATION", "SP500", f"TOP{one.n:g}", one.asof),
    "advancers": _advancers,
    "share advancing": _share_advancing,
    "new highs": lambda one: called("BRD_NEW_HIGHS", "SP500", one.window or "1Y", one.asof),
    "new lows": lambda one: called("BRD_NEW_LOWS", "SP500", one.window or "1Y", one.asof),
    "share of new highs": _share_of_highs,
    "sectors up": lambda one: called("BRD_SECTORS_UP", one.window or "1D", one.asof),
    "sectors down": lambda one: f"11-{called('BRD_SECTORS_UP', one.window or '1D', one.asof)}",
    "hit rate": lambda one: called("RS_HITRATE", *_pair(one), one.window or "YTD", one.asof),
    "hits": lambda one: f"{called('RS_HITRATE', *_pair(one), one.window or 'YTD', one.asof)}*{one.n:g}",
    "percentile": lambda one: called(
        "VOL_PCTILE" if one.subject.startswith("^V") else "PX_PCTRANK", one.subject, one.window or "1Y", one.asof
    ),
    "rank": lambda one: called("VOL_RANK", one.subject, one.window or "1Y", one.asof),
    "distance": lambda one: f"{one.n:g}/{called('PX_CLOSE', one.subject, one.asof)}-1",
    "value change": lambda one: called("PX_MKTCAP_CHANGE", one.subject.replace("+", " "), one.window or "1M", one.asof),
    "market value": lambda one: called("PX_MKTCAP", one.subject, one.asof),
    "rate": lambda one: called("MAC_SERIES", one.subject, one.asof),
    "members up": _down_members,
    "mean return": _mean_return,
    "flow": _flow,
}
"""What computes each measure."""

IN_PERCENT = frozenset(
    "return,mean return,high return,low return,open return,against average,drawdown,spread,sector spread,range,equal"
    " weight,realised,realised spread,"
    "above average,outperform,weight,share advancing,share of new highs,hit rate,percentile,rank,distance".split(",")
)
"""Measures that the functions give as a share of one, and reports in per cent."""


def is_priced(symbol: str) -> bool:
    """Whether a subject is a symbol with prices."""
    return bool(symbol) and symbol not in NOT_PRICED and not any(sign in symbol for sign in "+/")


def is_company(symbol: str) -> bool:
    """Whether a subject is a single company: no index, fund or sector."""
    return is_priced(symbol) and not symbol.startswith("^") and symbol not in FUNDS and symbol not in SECTORS
