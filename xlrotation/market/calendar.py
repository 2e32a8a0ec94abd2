"""Exchanges and their sessions.

An :class:`Exchange` has a time zone, a table of sessions and the bells of each. The tables ship with the package
(``tools/build_calendar.py`` makes them, a test compares them with ``exchange_calendars``): windows are counted on them
and never on the rows that a data source happens to deliver. A table ends; what is asked beyond its end is an error and
no guess.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from xlrotation.errors import BadArgument, NoData
from xlrotation.measures.arrays import distinct

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_SETTLING = dt.timedelta(minutes=15)

Days = npt.NDArray[np.datetime64]
"""An array of dates (``datetime64[D]``), oldest first."""


class CalendarEnds(NoData):
    """A date lies past the end of an exchange's table of sessions."""


class _Table(NamedTuple):
    days: Days
    until: dt.date
    opens: npt.NDArray[np.uint16]
    closes: npt.NDArray[np.uint16]


@functools.cache
def _table(code: str) -> _Table:
    path = Path(__file__).with_name("data") / "sessions" / f"{code}.npz"
    with path.open("rb") as file, np.load(file) as stored:
        numbers = np.concatenate([stored["first"], stored["first"][0] + np.cumsum(stored["gaps"], dtype=np.int32)])
        until: dt.date = stored["until"].astype("datetime64[D]")[0].item()
        days: Days = numbers.astype("datetime64[D]")
        days.flags.writeable = False
        return _Table(days, until, stored["opens"], stored["closes"])


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange, or several that keep the same sessions.

    Attributes:
        code: Its market identifier code (ISO 10383).
        name: The place.
        zone_name: The time zone of its bells, as the IANA names it.
        suffixes: What Yahoo, and terminals where they write alike, put behind the symbols that trade there.
        indices: Symbols without a suffix that live on its sessions.
    """

    code: str
    name: str
    zone_name: str = field(compare=False)
    suffixes: tuple[str, ...] = field(default=(), compare=False)
    indices: tuple[str, ...] = field(default=(), compare=False)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of its bells."""
        from zoneinfo import ZoneInfo  # which looks around for its tables: not before a clock is read

        return ZoneInfo(self.zone_name)

    @property
    def until(self) -> dt.date:
        """The last day that the table tells of, session or not."""
        return _table(self.code).until

    def sessions(self) -> Days:
        """Every session that the table knows, oldest first."""
        return _table(self.code).days

    def sessions_between(self, first: dt.date, last: dt.date) -> Days:
        """The sessions from *first* to *last*, both included.

        Raises:
            CalendarEnds: *last* lies past the end of the table.
        """
        if first <= last:
            self._check(last)
        days = self.sessions()
        start = np.searchsorted(days, np.datetime64(first, "D"), side="left")
        stop = np.searchsorted(days, np.datetime64(last, "D"), side="right")
        return days[start:stop]

    def is_session(self, day: dt.date) -> bool:
        """Whether the exchange trades on *day*.

        Raises:
            CalendarEnds: The table does not reach it.
        """
        return len(self.sessions_between(day, day)) > 0

    def opening(self, day: dt.date) -> dt.datetime:
        """The opening bell of a session; of another day that at which the sessions around it begin."""
        return self._bell(day, _table(self.code).opens)

    def bell(self, day: dt.date) -> dt.datetime:
        """The closing bell of a session; of another day that of an ordinary session at the time."""
        return self._bell(day, _table(self.code).closes)

    def final(self, day: dt.date) -> dt.datetime:
        """When the prices of a session are final: a quarter of an hour after its closing bell."""
        return self.bell(day) + _SETTLING

    def today(self, now: dt.datetime) -> dt.date:
        """The day at the exchange at *now*."""
        return now.astimezone(self.zone).date()

    def last_finished(self, now: dt.datetime) -> dt.date:
        """The last session whose prices are final at *now*.

        Raises:
            CalendarEnds: The table does not reach that day.
        """
        day = self.today(now)
        self._check(day)
        if now < self.final(day):
            day -= dt.timedelta(days=1)
        days = self.sessions()
        last: dt.date = days[np.searchsorted(days, np.datetime64(day), side="right") - 1].item()
        return last

    def last_known(self, now: dt.datetime) -> dt.date:
        """The last session that the table knows whose prices are final at *now*: its last where it ends before."""
        if self.today(now) > self.until:
            known: dt.date = self.sessions()[-1].item()
            return known
        return self.last_finished(now)

    def running(self, now: dt.datetime) -> dt.date | None:
        """The session that has begun at *now* and whose prices are not final yet."""
        day = self.today(now)
        return day if self.is_session(day) and self.opening(day) <= now < self.final(day) else None

    def _bell(self, day: dt.date, minutes: npt.NDArray[np.uint16]) -> dt.datetime:
        days = self.sessions()
        place = int(np.searchsorted(days, np.datetime64(day, "D")))
        if place < len(days) and days[place] == np.datetime64(day, "D"):
            minute = int(minutes[place])
        else:  # the hour that most sessions around it keep
            around = minutes[max(0, place - 10) : place + 10]
            minute = int(np.bincount(around).argmax())
        return dt.datetime.combine(day, dt.time(minute // 60, minute % 60), self.zone)

    def _check(self, day: dt.date) -> None:
        if day > self.until:
            raise CalendarEnds(
                f"the sessions of {self.code} ({self.name}) are known until {self.until}, not for {day}; "
                "update xlrotation, or make newer tables with tools/build_calendar.py"
            )


def _exchange(code: str, name: str, zone: str, suffixes: str = "", indices: str = "") -> Exchange:
    return Exchange(code, name, zone, tuple(suffixes.split()), tuple(indices.split()))


XNYS = _exchange(
    *("XNYS", "New York", "America/New_York", ""),
    "^GSPC ^SPX ^OEX ^MID ^SML ^IXIC ^NDX ^SOX ^DJI ^DJT ^DJU ^RUT ^RUI ^RUA ^NYA ^XAX ^VIX ^VIX1D ^VIX9D ^VIX3M "
    "^VIX6M ^VVIX ^VXSL ^VXN ^VXD ^RVX ^GVZ ^OVX ^SKEW ^VIXEQ ^DSPX ^COR1M ^COR3M ^MOVE ^IRX ^FVX ^TNX ^TYX",
)

EXCHANGES: Mapping[str, Exchange] = {
    exchange.code: exchange
    for exchange in (
        XNYS,
        _exchange("XLON", "London", "Europe/London", ".L .IL", "^FTSE ^FTMC ^FTAS"),
        _exchange(
            *("XETR", "Xetra, Frankfurt", "Europe/Berlin", ".DE .F .BE .DU .HM .HA .MU .SG"),
            "^GDAXI ^MDAXI ^SDAXI ^TECDAX ^STOXX ^STOXX50E ^V1X",
        ),
        _exchange("XPAR", "Euronext Paris", "Europe/Paris", ".PA .AS .BR .LS", "^FCHI ^AEX ^BFX ^N100 ^SBF120"),
        _exchange("XSWX", "Zurich", "Europe/Zurich", ".SW", "^SSMI"),
        _exchange("XMIL", "Milan", "Europe/Rome", ".MI"),
        _exchange("XMAD", "Madrid", "Europe/Madrid", ".MC", "^IBEX"),
        _exchange("XSTO", "Stockholm", "Europe/Stockholm", ".ST", "^OMX ^OMXS30"),
        _exchange("XHEL", "Helsinki", "Europe/Helsinki", ".HE", "^OMXH25"),
        _exchange("XCSE", "Copenhagen", "Europe/Copenhagen", ".CO", "^OMXC25"),
        _exchange("XOSL", "Oslo", "Europe/Oslo", ".OL"),
        _exchange("XWBO", "Vienna", "Europe/Vienna", ".VI", "^ATX"),
        _exchange("XTKS", "Tokyo", "Asia/Tokyo", ".T", "^N225 ^N300 ^TOPX"),
        _exchange("XHKG", "Hong Kong", "Asia/Hong_Kong", ".HK", "^HSI ^HSCE ^HSCC ^HSTECH ^HSNF ^HSNU ^HSNP ^HSNC"),
        _exchange("XSHG", "Shanghai and Shenzhen", "Asia/Shanghai", ".SS .SZ .SH .BJ"),
        _exchange("XKRX", "Seoul", "Asia/Seoul", ".KS .KQ", "^KS11 ^KQ11 ^KS200"),
        _exchange("XTAI", "Taiwan", "Asia/Taipei", ".TW .TWO", "^TWII ^TWOII"),
        _exchange("XBOM", "Mumbai", "Asia/Kolkata", ".NS .BO", "^BSESN ^NSEI ^NSEBANK ^INDIAVIX"),
        _exchange("XTSE", "Toronto", "America/Toronto", ".TO .V .NE .CN", "^GSPTSE ^VIXC"),
        _exchange("XASX", "Sydney", "Australia/Sydney", ".AX", "^AXJO ^AORD ^AXVI"),
        _exchange("XDUB", "Dublin", "Europe/Dublin", ".IR", "^ISEQ"),
        _exchange("XWAR", "Warsaw", "Europe/Warsaw", ".WA"),
        _exchange("XNZE", "Auckland", "Pacific/Auckland", ".NZ", "^NZ50"),
        _exchange("XSES", "Singapore", "Asia/Singapore", ".SI", "^STI"),
        _exchange("BVMF", "Sao Paulo", "America/Sao_Paulo", ".SA", "^BVSP"),
    )
}
"""By code, New York first."""

_BY_SUFFIX = {suffix: exchange for exchange in EXCHANGES.values() for suffix in exchange.suffixes}
_BY_INDEX = {index: exchange for exchange in EXCHANGES.values() for index in exchange.indices}
_OTHER_CODES = {
    **dict.fromkeys(("NEW YORK", "NYSE", "NASDAQ", "XNAS"), "XNYS"),
    **dict.fromkeys(("XSHE", "SHANGHAI", "SHENZHEN"), "XSHG"),
    **dict.fromkeys(("XNSE", "NSE", "BSE"), "XBOM"),
    **dict.fromkeys(("XFRA", "XETRA", "FRANKFURT"), "XETR"),
    **dict.fromkeys(("XAMS", "XBRU", "XLIS", "EURONEXT", "PARIS"), "XPAR"),
    **dict.fromkeys(("ZURICH", "SIX"), "XSWX"),
    **dict.fromkeys(("LSE",), "XLON"),
    **dict.fromkeys(("JPX",), "XTKS"),
    **dict.fromkeys(("HKEX",), "XHKG"),
    **dict.fromkeys(("KRX",), "XKRX"),
    **dict.fromkeys(("TWSE", "TAIPEI"), "XTAI"),
    **dict.fromkeys(("TSX",), "XTSE"),
    **dict.fromkeys(("ASX",), "XASX"),
    **dict.fromkeys(("SGX",), "XSES"),
    **dict.fromkeys(("NZX",), "XNZE"),
    **dict.fromkeys(("B3", "SÃO PAULO"), "BVMF"),
}


def find_exchange(text: str) -> Exchange:
    """The exchange that *text* names: its code, its place or a usual short name.

    Raises:
        BadArgument: There is no such exchange.
    """
    wanted = text.strip().upper()
    found = EXCHANGES.get(_OTHER_CODES.get(wanted, wanted))
    if found is None:
        found = next((each for each in EXCHANGES.values() if each.name.upper() == wanted), None)
    if found is None:
        known = ", ".join(f"{each.code} ({each.name})" for each in EXCHANGES.values())
        raise BadArgument(f"no exchange {text[:40]!r}; give one of {known}")
    return found


def exchange_of(symbol: str, otherwise: Exchange = XNYS) -> Exchange:
    """The exchange on whose sessions *symbol* lives: of its suffix, of a known index, else *otherwise*."""
    stem, dot, suffix = symbol.upper().rpartition(".")
    preferred = stem.endswith(".PR")  # BAC.PR.L is a preferred share in New York, not one of London
    found = _BY_SUFFIX.get(dot + suffix) if stem and not preferred else None
    return found or _BY_INDEX.get(symbol.upper()) or otherwise


Trading = Callable[[str], Exchange]
"""On whose sessions a symbol lives; the settings of a source may say otherwise than its suffix."""


def union_between(exchanges: Iterable[Exchange], first: dt.date, last: dt.date) -> Days:
    """The days from *first* to *last* on which any of *exchanges* trades, of each as far as its table goes.

    Tables end in different years: what trades in Shanghai must not hide what New York knows of the year after.

    Raises:
        CalendarEnds: *last* lies past the end of every table.
    """
    different = list(dict.fromkeys(exchanges))
    longest = max(different, key=lambda exchange: exchange.until)
    parts = [
        exchange.sessions_between(first, last if exchange is longest else min(last, exchange.until))
        for exchange in different
    ]
    return parts[0] if len(parts) == 1 else distinct(np.concatenate(parts))


def among(days: Days, rising: Days) -> npt.NDArray[np.bool_]:
    """Which *days* are among others that rise. ``np.isin`` would load the masked arrays of numpy for it."""
    if len(rising) == 0:
        return np.zeros(len(days), bool)
    places = np.minimum(np.searchsorted(rising, days), len(rising) - 1)
    found: npt.NDArray[np.bool_] = rising[places] == days
    return found
